package caravan.pace;

/** Work that an interrupt which came before it must not cut off, because it cleans up. */
public final class Undisturbed {

    private Undisturbed() {}

    /** What is to be done. */
    @FunctionalInterface
    public interface Work<E extends Exception> {
        void run() throws E;
    }

    /** Does {@code work}; a thread that was interrupted before is so again afterwards. One that comes meanwhile counts. */
    public static <E extends Exception> void run(Work<E> work) throws E {
        boolean interrupted = Thread.interrupted();
        try {
            work.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
