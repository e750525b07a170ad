package caravan.warm;

import java.time.Duration;

/**
 * Leaves a region alone for longer and longer while it fails, and gives it up after so many failures in a row. What was
 * under way together and fails together counts as one failure. Safe for many threads.
 */
final class Circuit {

    private final int giveUpAfter;

    private final long firstPause;

    private final long longestPause;

    private int failuresInARow;

    private long notBefore;

    private long wave;

    Circuit(int giveUpAfter, Duration firstPause, Duration longestPause) {
        this.giveUpAfter = giveUpAfter;
        this.firstPause = firstPause.toNanos();
        this.longestPause = longestPause.toNanos();
    }

    /** Number of the wave that an attempt belongs to which begins now. */
    synchronized long wave() {
        return wave;
    }

    /** How long to wait before the next attempt; not above zero if it may begin. */
    synchronized long pauseNanos(long now) {
        return failuresInARow == 0 ? 0 : notBefore - now;
    }

    synchronized void succeeded() {
        failuresInARow = 0;
    }

    synchronized void failed(long ofWave, long now) {
        if (ofWave != wave) {
            return;
        }
        wave++;
        failuresInARow++;
        long pause = failuresInARow > 30 ? longestPause : firstPause << (failuresInARow - 1);
        notBefore = now + Math.min(pause, longestPause);
    }

    synchronized boolean isGivenUp() {
        return failuresInARow >= giveUpAfter;
    }
}
