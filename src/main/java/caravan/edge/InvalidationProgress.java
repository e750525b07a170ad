package caravan.edge;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How far a CDN is with an invalidation.
 *
 * @param request that was asked for
 * @param id that the CDN gave to it
 * @param startedAt when it was asked for
 * @param isCompleted whether every cache has forgotten
 */
public record InvalidationProgress(Invalidation request, String id, Instant startedAt, boolean isCompleted) {

    /** Checks every part. */
    public InvalidationProgress {
        requireNonNull(request, "request");
        requireNonNull(id, "id");
        requireNonNull(startedAt, "startedAt");
    }

    /** Whether to look again. */
    public boolean isUnderWay() {
        return !isCompleted;
    }
}
