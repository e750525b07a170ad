package caravan.restore;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many chunks are fetched at a time: as many as make it faster, and no more. It begins with a few and doubles them
 * in short rounds while that pays, so that it takes a second or two where each connection is slow. From then on it adds
 * some while what arrives grows by it, and takes them away again when it does not; now and then it tries once more. A
 * server that is busy halves the number.
 *
 * <p>Safe for use by many threads.
 */
final class FetchGate {

    /** At a time at the beginning: enough for most links. */
    static final int FIRST = 8;

    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Of the doubling: long enough to tell twice as much from as much. */
    private static final long SHORT_ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Time after which one that waits looks whether a round is over. */
    private static final long LOOK_MILLIS = 250;

    private static final long SHORT_LOOK_MILLIS = 100;

    /** What more connections must bring to be worth it. */
    private static final double WORTH = 1.05;

    /** What twice as many must bring to be doubled again. */
    private static final double WORTH_DOUBLING = 1.3;

    /** Rounds until it is tried again, since a link may have become free. */
    private static final int REST = 15;

    private final int cap;
    private final LongSupplier nanoTime;
    private final LongSupplier arrivedBytes;
    private int limit;
    private int running;
    private long roundBegin;
    private long roundBytes;
    private double rateBefore;
    private int triedFrom;
    private int rest;
    private boolean pushedBack;
    private boolean begun;
    private boolean doubling = true;

    /**
     * A gate for one restore.
     *
     * @param cap most at a time
     * @param arrivedBytes what has arrived so far
     */
    FetchGate(int cap, LongSupplier nanoTime, LongSupplier arrivedBytes) {
        this.cap = cap;
        this.nanoTime = requireNonNull(nanoTime, "nanoTime");
        this.arrivedBytes = requireNonNull(arrivedBytes, "arrivedBytes");
        this.limit = Math.min(FIRST, cap);
        this.roundBegin = nanoTime.getAsLong();
        this.roundBytes = arrivedBytes.getAsLong();
    }

    /** Waits for its turn; {@link #leave} must follow. */
    synchronized void enter() throws InterruptedException {
        while (running >= limit) {
            wait(doubling ? SHORT_LOOK_MILLIS : LOOK_MILLIS);
            look();
        }
        running++;
    }

    /** A chunk has come, or not. */
    synchronized void leave() {
        running--;
        look();
        notifyAll();
    }

    /** Also by those who wait: over slow connections it takes long until the first chunk has come. */
    private void look() {
        long now = nanoTime.getAsLong();
        long bytes = arrivedBytes.getAsLong();
        if (!begun) {
            // what it takes to connect says nothing about how fast the connections are
            begun = bytes > roundBytes;
            beginRound(now, bytes);
        } else if (now - roundBegin >= (doubling ? SHORT_ROUND_NANOS : ROUND_NANOS)) {
            double seconds = (now - roundBegin) / 1e9;
            adapt((bytes - roundBytes) / seconds);
            beginRound(now, bytes);
            notifyAll();
        }
    }

    private void beginRound(long now, long bytes) {
        roundBegin = now;
        roundBytes = bytes;
    }

    /** A server said that it has too much to do, or did not answer. */
    synchronized void pushBack() {
        if (!pushedBack) {
            pushedBack = true;
            doubling = false;
            limit = Math.max(1, limit / 2);
            triedFrom = 0;
            rest = REST;
        }
    }

    /** How many may be under way now. */
    synchronized int limit() {
        return limit;
    }

    private void adapt(double rate) {
        boolean tried = triedFrom > 0;
        doubling &= !tried || rate >= rateBefore * WORTH_DOUBLING;
        if (pushedBack) {
            pushedBack = false; // one answer a round: those that were under way say the same again
        } else if (tried && rate < rateBefore * WORTH) {
            limit = triedFrom;
            triedFrom = 0;
            rest = REST;
        } else if (rest > 0) {
            rest--;
        } else if (limit < cap && running + 1 >= limit) {
            triedFrom = limit;
            limit = Math.min(cap, limit + Math.max(2, doubling ? limit : limit / 2));
        } else {
            triedFrom = 0;
        }
        rateBefore = rate;
    }
}
