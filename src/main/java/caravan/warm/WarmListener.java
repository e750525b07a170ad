package caravan.warm;

/** Hears what warming measures, for example to publish it as metrics. Called by many threads; must not block. */
@FunctionalInterface
public interface WarmListener {

    /** A region of {@code run} is finished, and {@code report} is what came of it. */
    void regionFinished(WarmRun run, RegionReport report);

    /** Some time after {@code region} was warmed, a sample was looked at again. */
    default void lookedLater(String region, LaterLook look) {}
}
