package caravan.warm;

import static java.util.Objects.requireNonNull;

/**
 * One object to be fetched through one region.
 *
 * @param region that looks
 * @param index of the object in the plan
 * @param object what to fetch
 * @param again whether it is the second look, for which the object should be in the cache and its bytes are hashed
 */
public record WarmTask(RegionWarming region, long index, WarmObject object, boolean again) {

    /** Checks that nothing is null. */
    public WarmTask {
        requireNonNull(region, "region");
        requireNonNull(object, "object");
    }
}
