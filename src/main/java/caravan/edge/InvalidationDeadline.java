package caravan.edge;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long a CDN may take to forget. Bean {@code invalidationDeadline}. */
public final class InvalidationDeadline {

    private static final Logger LOG = LoggerFactory.getLogger(InvalidationDeadline.class);

    private final Duration longest;

    private final Clock clock;

    private final BooleanSupplier stopping;

    /** Lets an invalidation take {@code longest}, and waits for none once the program is {@code stopping}. */
    public InvalidationDeadline(Duration longest, Clock clock, BooleanSupplier stopping) {
        this.longest = longest;
        this.clock = clock;
        this.stopping = stopping;
    }

    /**
     * Whether to look again: not at one that is completed, nor when the program stops, since the CDN goes on with it all
     * the same. Called by route {@code invalidate-cloudfront} before each look.
     */
    public boolean isWaitedFor(InvalidationProgress progress) {
        boolean isLeft = progress.isUnderWay() && stopping.getAsBoolean();
        if (isLeft) {
            LOG.info(
                    "{} paths of {} are being invalidated ({}); the program stops and does not wait for it",
                    progress.request().paths().size(),
                    progress.request().site(),
                    progress.id());
        }
        return progress.isUnderWay() && !isLeft;
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
