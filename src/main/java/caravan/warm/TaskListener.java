package caravan.warm;

/**
 * Hears of every object that a region fetched or did not get, and decides whether more may be handed out. Called by
 * many threads; must not block.
 */
public interface TaskListener {

    /** An object came whole. */
    default void came(WarmTask task, Observation observation) {}

    /** An object did not come, this time. */
    default void missed(WarmTask task, WarmFault fault) {}

    /**
     * So many bytes were read for {@code task}, whatever became of it. Told before {@link #came} and {@link #missed}.
     */
    default void moved(WarmTask task, long bytes) {}

    /**
     * Sets aside what it takes to hand {@code objects} of {@code bytes} out to others, who may fetch them long before
     * they say so.
     *
     * @return whether they may be handed out now
     */
    default boolean setAside(RegionWarming region, long objects, long bytes) {
        return true;
    }

    /** What was {@linkplain #setAside set aside} is not needed any more. */
    default void giveBack(RegionWarming region, long objects, long bytes) {}
}
