package caravan.edge;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long a CDN may take to forget. Bean {@code invalidationDeadline}. */
public final class InvalidationDeadline {

    private static final Logger LOG = LoggerFactory.getLogger(InvalidationDeadline.class);

    private final Duration longest;

    private final Clock clock;

    /** Lets an invalidation take {@code longest}. */
    public InvalidationDeadline(Duration longest, Clock clock) {
        this.longest = longest;
        this.clock = clock;
    }

    /**
     * Lets pass what is completed or may take longer. Called by route {@code invalidate-cloudfront} after each look.
     *
     * @throws FailedException if it takes too long; the CDN goes on with it all the same
     */
    public InvalidationProgress require(InvalidationProgress progress) throws CaravanException {
        Instant now = clock.instant();
        Duration taken = Duration.between(progress.startedAt(), now);
        if (progress.isCompleted()) {
            LOG.info(
                    "{} paths of {} are invalidated ({}, {} s)",
                    progress.request().paths().size(),
                    progress.request().site(),
                    progress.id(),
                    taken.toSeconds());
            return progress;
        }
        if (taken.compareTo(longest) > 0) {
            throw new FailedException(
                    "wait for invalidation " + progress.id() + " of "
                            + progress.request().site() + ": it is still in progress after " + taken.toSeconds() + " s",
                    "the snapshot is published; caches have it a minute after it was, by the life time of what they"
                            + " keep, invalidated or not");
        }
        return progress;
    }
}
