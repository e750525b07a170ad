package caravan.pace;

import java.util.List;

/** Waits for the end of threads that were told to end. */
public final class ThreadEnd {

    private ThreadEnd() {}

    /** Returns when all have ended, however often the caller is interrupted meanwhile; it stays interrupted then. */
    public static void await(List<Thread> threads) {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
