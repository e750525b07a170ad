package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** By a clock that stands still unless it is told, and links that deliver by arithmetic. */
@Timeout(60)
class FetchGateTest {

    private long now;
    private double arrived;

    @Test
    void growsWhileMoreConnectionsBringMore() throws Exception {
        FetchGate gate = gate(64);

        rounds(gate, 6, connections -> connections * 10e6);

        assertThat(gate.limit()).isEqualTo(64);
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
        arrived = 200e6;
        now += TimeUnit.SECONDS.toNanos(3);

        new Thread(next, "next").start();

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
        return new FetchGate(cap, () -> now, () -> (long) arrived);
    }

    /** All workers are busy all the time. */
    private void rounds(FetchGate gate, int count, IntToDoubleFunction bytesPerSecond) throws InterruptedException {
        int running = 0;
        for (int round = 0; round < count; round++) {
            for (; running < gate.limit(); running++) {
                gate.enter();
            }
            now += TimeUnit.SECONDS.toNanos(2);
            arrived += 2 * bytesPerSecond.applyAsDouble(running);
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
