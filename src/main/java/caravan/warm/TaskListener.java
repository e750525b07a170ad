package caravan.warm;

/** Hears of every object that a region fetched or did not get. Called by many threads; must not block. */
public interface TaskListener {

    /** An object came whole. */
    default void came(WarmTask task, Observation observation) {}

    /** An object did not come, this time. */
    default void missed(WarmTask task, WarmFault fault) {}
}
