package caravan.restore.source;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends transfers that do not move. A socket's read timeout alone does not: it starts anew with each byte, so a server
 * that sends one byte a second would hold a worker for ever.
 *
 * <p>Only the time in which a transfer waits for the other side counts, not the time in which we hash, write or brake.
 */
final class StallWatch implements AutoCloseable {

    /** Fewest bytes within the patience: about 1 KiB/s with the default of 20 s. */
    private static final long FLOOR_BYTES = 20 << 10;

    private static final int TICKS = 20;

    private final Duration patience;
    private final ScheduledFuture<?> ticks;
    private final Set<Transfer> transfers = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "stall-watch");
        thread.setDaemon(true);
        return thread;
    });

    /** Watches from now on until it is closed. */
    StallWatch(Duration patience) {
        this.patience = patience;
        long tick = Math.max(1, patience.toNanos() / TICKS);
        ticks = clock.scheduleAtFixedRate(() -> transfers.forEach(Transfer::tick), tick, tick, TimeUnit.NANOSECONDS);
    }

    /** A new transfer; {@code cancel} is called at most once, by another thread, and must make its read fail. */
    Transfer begin(Runnable cancel) {
        Transfer transfer = new Transfer(cancel);
        transfers.add(transfer);
        return transfer;
    }

    @Override
    public void close() {
        ticks.cancel(false);
        clock.shutdownNow();
        transfers.forEach(transfer -> transfer.cancel.run());
    }

    /** One request and its answer. */
    final class Transfer implements AutoCloseable {

        private final Runnable cancel;
        private final AtomicLong bytes = new AtomicLong();
        private final long[] before = new long[TICKS];
        private volatile boolean waiting;
        private volatile boolean stalled;
        private int ticks;

        private Transfer(Runnable cancel) {
            this.cancel = cancel;
        }

        /** The thread of the transfer now waits for the other side. */
        void waits() {
            waiting = true;
        }

        /** The thread of the transfer got {@code count} bytes. */
        void got(long count) {
            waiting = false;
            bytes.addAndGet(count);
        }

        /** Whether this transfer was ended because it did not move. */
        boolean hasStalled() {
            return stalled;
        }

        String verdict() {
            return "sent fewer than " + FLOOR_BYTES + " bytes in " + patience.toSeconds() + " s";
        }

        private void tick() {
            if (!waiting || stalled) {
                return;
            }
            long now = bytes.get();
            int slot = ticks % TICKS;
            if (ticks >= TICKS && now - before[slot] < FLOOR_BYTES) {
                stalled = true;
                cancel.run();
                return;
            }
            before[slot] = now;
            ticks++;
        }

        @Override
        public void close() {
            transfers.remove(this);
        }
    }
}
