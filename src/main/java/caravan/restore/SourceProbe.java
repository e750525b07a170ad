package caravan.restore;

import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Fetches some chunks for a few seconds, as a restore would, hashes them and throws them away. Says what came, not what
 * will come: a cache that is cold, or another hour of the day, gives another figure.
 */
final class SourceProbe {

    /** Of one connection in a row. */
    private static final int MOST_FAILURES = 3;

    private final ObjectSource source;
    private final ClientSettings settings;
    private final Duration time;

    SourceProbe(ObjectSource source, ClientSettings settings, Duration time) {
        this.source = source;
        this.settings = settings;
        this.time = time;
    }

    /** Returns after the time, or when all of {@code chunks} were fetched once. */
    PlannedFetch.Probe measure(List<ChunkRef> chunks) throws InterruptedException {
        if (chunks.isEmpty()) {
            return PlannedFetch.Probe.NONE;
        }
        Run run = new Run(chunks, System.nanoTime() + time.toNanos());
        long begin = System.nanoTime();
        List<Thread> threads = IntStream.range(0, Math.min(settings.parallel(), chunks.size()))
                .mapToObj(index -> new Thread(run, "probe-" + index))
                .toList();
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        return new PlannedFetch.Probe(run.bytes.sum(), System.nanoTime() - begin, run.failure.get());
    }

    private final class Run implements Runnable {

        private final List<ChunkRef> chunks;
        private final long end;
        private final AtomicInteger next = new AtomicInteger();
        private final LongAdder bytes = new LongAdder();
        private final AtomicReference<String> failure = new AtomicReference<>("");

        Run(List<ChunkRef> chunks, long end) {
            this.chunks = chunks;
            this.end = end;
        }

        @Override
        public void run() {
            Scratch scratch = new Scratch();
            int failures = 0;
            for (int index = next.getAndIncrement();
                    index < chunks.size() && !isOver() && failures < MOST_FAILURES;
                    index = next.getAndIncrement()) {
                failures += reads(chunks.get(index), scratch) ? 0 : 1;
            }
        }

        private boolean reads(ChunkRef chunk, Scratch scratch) {
            try {
                read(chunk, scratch);
                return true;
            } catch (AttemptFailure e) {
                failure.set(e.getMessage());
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private boolean isOver() {
            return System.nanoTime() - end >= 0;
        }

        private void read(ChunkRef chunk, Scratch scratch) throws AttemptFailure, InterruptedException {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("interrupted while measuring");
            }
            String path = BucketPaths.chunk(chunk.digest(), chunk.storedAs());
            MessageDigest digest = scratch.plainDigest();
            byte[] buffer = scratch.buffer();
            try (ObjectStream stream = source.open(ObjectRequest.exactly(path, ChunkFetcher.storedSize(chunk)))) {
                for (int count = stream.read(buffer, 0, buffer.length);
                        count >= 0 && !isOver();
                        count = stream.read(buffer, 0, buffer.length)) {
                    digest.update(buffer, 0, count);
                    bytes.add(count);
                    settings.rate().take(count);
                }
            }
        }
    }
}
