package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import java.util.HashSet;
import java.util.Set;

/**
 * Work that is dropped when the program is told to stop: its threads are interrupted then, and no more of it begins.
 * What interrupting leaves behind, a flag on the thread and a failure in other words, does not get out. Safe for many
 * threads.
 */
public final class Interruptible {

    private final Set<Thread> threads = new HashSet<>();

    private boolean stopped;

    /** A piece of work. */
    @FunctionalInterface
    public interface Work<T> {
        T call() throws CaravanException, InterruptedException;
    }

    /**
     * Does {@code work}.
     *
     * @throws TransientException if it was dropped, or would have begun too late
     */
    public <T> T call(String what, Work<T> work) throws CaravanException, InterruptedException {
        enter(what);
        try {
            return work.call();
        } catch (CaravanException | InterruptedException | RuntimeException e) {
            if (isStopped()) {
                throw stopped(what, e);
            }
            throw e;
        } finally {
            leave();
        }
    }

    /** Ends all work, now and from now on. */
    public synchronized void stop() {
        stopped = true;
        threads.forEach(Thread::interrupt);
    }

    private synchronized void enter(String what) throws TransientException {
        if (stopped) {
            throw stopped(what, null);
        }
        threads.add(Thread.currentThread());
    }

    /** Nothing interrupts this thread after it has left; what did before must not hit the cleaning up. */
    private synchronized void leave() {
        threads.remove(Thread.currentThread());
        if (stopped) {
            Thread.interrupted();
        }
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    private static TransientException stopped(String what, Exception cause) {
        return new TransientException(what + ": the program was told to stop", Publication.RUN_AGAIN, cause);
    }
}
