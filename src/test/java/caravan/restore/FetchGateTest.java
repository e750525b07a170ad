package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** By a clock that stands still unless it is told, and links that deliver by arithmetic. */
@Timeout(60)
class FetchGateTest {

    private final AtomicLong now = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();

    @Test
    void growsWhileMoreConnectionsBringMore() throws Exception {
        FetchGate gate = gate(64);

        rounds(gate, 6, connections -> connections * 10e6);

        assertThat(gate.limit()).isEqualTo(64);
    }

    @Test
    void doublesInShortRoundsWhereEachConnectionIsSlow() throws Exception {
        FetchGate gate = gate(64);

        shortRounds(gate, 4, connections -> connections * 10e6);

        assertThat(gate.limit()).isEqualTo(64);
    }

    @Test
    void whatItTakesToConnectDoesNotCount() throws Exception {
        FetchGate gate = gate(64);

        shortRounds(gate, 10, connections -> 0);
        assertThat(gate.limit()).isEqualTo(FetchGate.FIRST);

        shortRounds(gate, 10, connections -> 100e6);
        assertThat(gate.limit()).isEqualTo(FetchGate.FIRST);
    }

    @Test
    void takesBackTheDoublingThatBringsNothingAndGoesOnInSmallSteps() throws Exception {
        FetchGate gate = gate(64);

        shortRounds(gate, 5, connections -> Math.min(connections, 16) * 10e6);
        assertThat(gate.limit()).isEqualTo(16);

        shortRounds(gate, 3, connections -> connections * 10e6);
        assertThat(gate.limit()).as("rounds are longer now").isEqualTo(16);
    }

    @Test
    void growsBeforeTheFirstChunkHasCome() throws Exception {
        FetchGate gate = gate(64);
        for (int chunk = 0; chunk < FetchGate.FIRST; chunk++) {
            gate.enter();
        }
        FutureTask<Boolean> next = new FutureTask<>(() -> {
            gate.enter();
            return true;
        });

        new Thread(next, "next").start();
        while (!next.isDone()) {
            arrived.addAndGet(50_000_000);
            now.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
            LockSupport.parkNanos(1_000_000);
        }

        assertThat(next.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(gate.limit()).isGreaterThan(FetchGate.FIRST);
    }

    @Test
    void staysWhereTheLinkIsFull() throws Exception {
        FetchGate gate = gate(64);

        rounds(gate, 10, connections -> Math.min(connections, 12) * 10e6);

        assertThat(gate.limit()).isBetween(12, 18);
    }

    @Test
    void goesBackWhereMoreBringsNothingAndTriesAgainLater() throws Exception {
        FetchGate gate = gate(64);

        rounds(gate, 5, connections -> 100e6);
        assertThat(gate.limit()).isEqualTo(FetchGate.FIRST);

        rounds(gate, 40, connections -> connections * 20e6);
        assertThat(gate.limit()).isEqualTo(64);
    }

    @Test
    void neverExceedsItsCap() throws Exception {
        FetchGate gate = gate(3);

        rounds(gate, 20, connections -> connections * 10e6);

        assertThat(gate.limit()).isEqualTo(3);
    }

    @Test
    void halvesOnceForManyAnswersOfOneRoundAndRecovers() throws Exception {
        FetchGate gate = gate(32);
        for (int answer = 0; answer < 10; answer++) {
            gate.pushBack();
        }
        assertThat(gate.limit()).isEqualTo(4);

        rounds(gate, 2, connections -> connections * 10e6);
        gate.pushBack();
        assertThat(gate.limit()).isEqualTo(2);
        rounds(gate, 60, connections -> connections * 10e6);
        assertThat(gate.limit()).isEqualTo(32);
    }

    @Test
    void aServerThatAlwaysRefusesLeavesOne() throws Exception {
        FetchGate gate = gate(32);
        for (int round = 0; round < 8; round++) {
            gate.pushBack();
            rounds(gate, 1, connections -> 1);
        }
        assertThat(gate.limit()).isEqualTo(1);
    }

    private FetchGate gate(int cap) {
        return new FetchGate(cap, now::get, arrived::get);
    }

    /** All workers are busy all the time. */
    private void rounds(FetchGate gate, int count, IntToDoubleFunction bytesPerSecond) throws InterruptedException {
        rounds(gate, count, 2, bytesPerSecond);
    }

    private void shortRounds(FetchGate gate, int count, IntToDoubleFunction bytesPerSecond)
            throws InterruptedException {
        rounds(gate, count, 0.5, bytesPerSecond);
    }

    private void rounds(FetchGate gate, int count, double seconds, IntToDoubleFunction bytesPerSecond)
            throws InterruptedException {
        int running = 0;
        for (int round = 0; round < count; round++) {
            for (; running < gate.limit(); running++) {
                gate.enter();
            }
            now.addAndGet((long) (seconds * TimeUnit.SECONDS.toNanos(1)));
            arrived.addAndGet((long) (seconds * bytesPerSecond.applyAsDouble(running)));
            gate.leave();
            running--;
            for (; running > gate.limit(); running--) {
                gate.leave();
            }
        }
        for (; running > 0; running--) {
            gate.leave();
        }
    }
}
