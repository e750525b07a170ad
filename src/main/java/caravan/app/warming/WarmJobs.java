package caravan.app.warming;

import caravan.failure.CaravanException;
import caravan.manifest.WarmJobFormat;
import caravan.warm.HandedOut;
import caravan.warm.RegionWarming;
import caravan.warm.WarmResult;
import java.time.Clock;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the warm-up of regions out to workers there, and takes back what they saw. Bean {@code warmJobs}; safe for many
 * threads.
 */
public final class WarmJobs {

    private static final Logger LOG = LoggerFactory.getLogger(WarmJobs.class);

    /** Among five publishers at one queue, one in a thousand results is not seen by its own after so many. */
    public static final int MOST_DELIVERIES = 30;

    /** With it names of this process's jobs begin, and so those of their results. */
    private final String publisher = UUID.randomUUID().toString().substring(0, 8);

    private final int jobSize;

    private final Duration patience;

    private final Clock clock;

    private final Map<RegionWarming, HandedOut> regions = new ConcurrentHashMap<>();

    /**
     * Nothing is handed out yet.
     *
     * @param jobSize objects of one job
     * @param patience how long no result may come before what is handed out counts as lost
     */
    public WarmJobs(int jobSize, Duration patience, Clock clock) {
        this.jobSize = jobSize;
        this.patience = patience;
        this.clock = clock;
    }

    /** What the jobs of the region's next round are made of. Called by route {@code warm-region-by-workers}. */
    public Iterator<HandedOut.Batch> nextRound(@Variable("region") RegionWarming region) {
        return regions.computeIfAbsent(region, key -> new HandedOut(key, publisher, jobSize, patience, clock))
                .nextRound();
    }

    /**
     * The message of the next job. It waits while too many are out, or cannot be paid for before others are back;
     * {@code null} if the region's time is over before. Called by route {@code warm-region-by-workers}.
     */
    public String make(@Body HandedOut.Batch batch, @Variable("region") RegionWarming region)
            throws InterruptedException {
        return regions.get(region).handOut(batch).map(WarmJobFormat::write).orElse(null);
    }

    /** Ends a region whose jobs cannot be handed out. Called by policy {@code retry-hand-out}. */
    public void notReached(@Variable("region") RegionWarming region) {
        region.giveUp("its queue was not reached");
    }

    /** Waits until every job of the round is back. Called by route {@code warm-region-by-workers}. */
    public void await(@Variable("region") RegionWarming region) throws InterruptedException {
        HandedOut handedOut = regions.get(region);
        if (handedOut == null) {
            return;
        }
        handedOut.await();
        if (!region.isUnfinished()) {
            regions.remove(region);
        }
    }

    /**
     * Takes the result of a job. Says whether it is done with: that of another publisher, who takes results from the
     * same queue, is not, unless it came back so often that nobody seems to be there who waits for it. Called by the
     * routes {@code take-results}.
     *
     * @param deliveries how often the queue gave it to somebody; {@code null} if it does not count
     */
    public boolean take(@Body String message, @Header("ApproximateReceiveCount") Integer deliveries)
            throws CaravanException {
        WarmResult result = WarmJobFormat.result(message);
        if (!result.job().startsWith(publisher)) {
            return !isLeftToOthers(result, deliveries == null ? 1 : deliveries);
        }
        if (regions.values().stream().noneMatch(region -> region.take(result))) {
            LOG.debug("result of job {} is of no use any more", result.job());
        }
        return true;
    }

    private static boolean isLeftToOthers(WarmResult result, int deliveries) {
        if (deliveries > MOST_DELIVERIES) {
            LOG.warn(
                    "result of job {} is dropped: no publisher that takes results from this queue waits for it",
                    result.job());
            return false;
        }
        LOG.debug("result of job {} is another publisher's", result.job());
        return true;
    }
}
