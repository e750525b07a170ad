package caravan.restore.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.restore.source.AttemptFailure.Kind;
import caravan.restore.source.SourceReport.State;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SourcePoolTest {

    private static final int SIZE = 1_000_000;

    private final AtomicLong now = new AtomicLong();

    /** Delivers zeros at a rate, on the clock of the test; or fails. */
    private final class Scripted implements ObjectSource {

        private final double bytesPerSecond;
        private Kind failing;
        private int asked;

        Scripted(double bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        Scripted failing(Kind kind) {
            failing = kind;
            return this;
        }

        @Override
        public String locate(String path) {
            return path;
        }

        @Override
        public ObjectStream open(ObjectRequest request) throws AttemptFailure {
            asked++;
            if (failing != null) {
                throw new AttemptFailure(failing, "told to fail", "", null);
            }
            return new Zeros(request, bytesPerSecond);
        }

        @Override
        public long sizeOf(String path) {
            return SIZE;
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    private final class Zeros extends ObjectStream {

        Zeros(ObjectRequest request, double bytesPerSecond) {
            super(request, "object", new InputStream() {
                private long left = request.maxSize();

                @Override
                public int read() {
                    throw new UnsupportedOperationException("blocks alone are read");
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    if (left == 0) {
                        return -1;
                    }
                    int count = (int) Math.min(length, left);
                    left -= count;
                    now.addAndGet((long) (count * 1e9 / bytesPerSecond));
                    return count;
                }
            });
        }

        @Override
        public String evidence() {
            return "";
        }

        @Override
        AttemptFailure failureOf(IOException failure, long bytesRead) {
            return new AttemptFailure(Kind.UNAVAILABLE, "cut", "", failure);
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    @Test
    void whoDeliversMoreIsAskedForMore() throws Exception {
        Scripted fast = new Scripted(30e6);
        Scripted slow = new Scripted(10e6);
        SourcePool pool = pool(slow, fast);
        read(pool, "a");
        read(pool, "b");
        fast.asked = 0;
        slow.asked = 0;

        List<ObjectStream> underWay = new ArrayList<>();
        for (int index = 0; index < 8; index++) {
            underWay.add(pool.open(request("c" + index)));
        }

        assertThat(fast.asked).isEqualTo(6);
        assertThat(slow.asked).isEqualTo(2);
        underWay.forEach(ObjectStream::close);
    }

    @Test
    void aTransferIsGivenUpForASourceThatIsFarFasterAndTheSlowOneDroppedInTheEnd() throws Exception {
        Scripted slow = new Scripted(10e3);
        Scripted fast = new Scripted(10e6);
        SourcePool pool = pool(slow, fast);
        ObjectStream waiting = pool.open(request("a"));
        read(pool, "b");
        assertThat(fast.asked).isEqualTo(1);

        assertThatThrownBy(() -> waiting.read(new byte[60_000], 0, 60_000))
                .isInstanceOfSatisfying(AttemptFailure.class, failure -> assertThat(failure.hasAnother())
                        .isTrue())
                .hasMessageContaining("slow: 10,000 bytes a second, where source-1 gives 10,000,000");
        waiting.close();
        assertThat(pool.reports().get(0).state()).isEqualTo(State.USED);

        List<ObjectStream> busy = new ArrayList<>();
        while (slow.asked < 2) {
            busy.add(pool.open(request("busy" + busy.size())));
        }
        ObjectStream slowAgain = busy.get(busy.size() - 1);
        assertThatThrownBy(() -> slowAgain.read(new byte[60_000], 0, 60_000)).isInstanceOf(AttemptFailure.class);
        busy.forEach(ObjectStream::close);
        assertThat(pool.reports().get(0).state()).isEqualTo(State.DROPPED);
        assertThat(pool.reports().get(0).remark()).startsWith("slow: ");
    }

    @Test
    void theOnlySourceMayBeAsSlowAsItIs() throws Exception {
        SourcePool pool = pool(new Scripted(1e3));

        read(pool, "a");

        assertThat(pool.reports().get(0).objects()).isEqualTo(1);
    }

    @Test
    void afterAFailureAnotherSourceIsAskedAndOnlyAfterAllItCounts() throws Exception {
        SourcePool pool = pool(
                new Scripted(1e6).failing(Kind.ABSENT),
                new Scripted(1e6).failing(Kind.UNAVAILABLE),
                new Scripted(1e6).failing(Kind.FINAL));

        List<AttemptFailure> failures = new ArrayList<>();
        for (int attempt = 0; attempt < 3; attempt++) {
            failures.add(failure(pool, "a"));
        }

        assertThat(failures).extracting(AttemptFailure::hasAnother).containsExactly(true, true, false);
        assertThat(failures.get(2).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failures.get(2)).hasMessageContaining("; and told to fail");
    }

    @Test
    void whoDoesNotAnswerRestsForAWhile() throws Exception {
        Scripted busy = new Scripted(1e6).failing(Kind.UNAVAILABLE);
        SourcePool other = pool(busy, new Scripted(1e6));
        for (int index = 0; index < 10; index++) {
            String path = "a" + index;
            try {
                read(other, path);
            } catch (AttemptFailure e) {
                read(other, path);
            }
        }
        assertThat(busy.asked).isEqualTo(3);
        assertThat(other.reports().get(0).state()).isEqualTo(State.RESTING);
        now.addAndGet(Duration.ofSeconds(20).toNanos());
        busy.failing = null;
        List<ObjectStream> open = new ArrayList<>();
        while (busy.asked == 3) {
            open.add(other.open(request("b" + open.size())));
        }
        assertThat(other.reports().get(0).state()).isEqualTo(State.USED);
        open.forEach(ObjectStream::close);
    }

    @Test
    void aDirectoryThatHasOnlySomeOfTheObjectsIsAskedForTheRest() throws Exception {
        Scripted directory = new Scripted(1e6).failing(Kind.MISSING);
        Scripted server = new Scripted(1e6).failing(Kind.ABSENT);
        SourcePool pool = pool(directory, server, new Scripted(1e6));

        for (int index = 0; index < 100; index++) {
            String path = "a" + index;
            while (true) {
                try {
                    read(pool, path);
                    break;
                } catch (AttemptFailure e) {
                    assertThat(e.hasAnother()).isTrue();
                }
            }
        }

        assertThat(pool.reports())
                .extracting(SourceReport::state)
                .containsExactly(State.USED, State.DROPPED, State.USED);
    }

    @Test
    void theLastIsNeverDropped() throws Exception {
        SourcePool pool = pool(new Scripted(1e6).failing(Kind.DAMAGED), new Scripted(1e6).failing(Kind.DAMAGED));

        for (int index = 0; index < 20; index++) {
            failure(pool, "a" + index);
        }

        assertThat(pool.reports()).extracting(SourceReport::state).containsOnlyOnce(State.DROPPED);
    }

    private SourcePool pool(Scripted... sources) {
        List<SourcePool.Named> named = new ArrayList<>();
        for (Scripted source : sources) {
            named.add(new SourcePool.Named("source-" + named.size(), source));
        }
        return new SourcePool(named, Duration.ofSeconds(5), now::get);
    }

    private static ObjectRequest request(String path) {
        return ObjectRequest.exactly(path, SIZE);
    }

    private static void read(SourcePool pool, String path) throws AttemptFailure {
        try (ObjectStream stream = pool.open(request(path))) {
            byte[] buffer = new byte[1 << 16];
            int count = 0;
            while (count >= 0) {
                count = stream.read(buffer, 0, buffer.length);
            }
        }
    }

    private static AttemptFailure failure(SourcePool pool, String path) {
        try {
            read(pool, path);
        } catch (AttemptFailure e) {
            return e;
        }
        throw new AssertionError("it worked");
    }
}
