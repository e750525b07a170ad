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
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the warm-up of regions out to workers there, and takes back what they saw. Bean {@code warmJobs}; safe for many
 * threads.
 */
public final class WarmJobs {

    private static final Logger LOG = LoggerFactory.getLogger(WarmJobs.class);

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
        return regions.computeIfAbsent(region, key -> new HandedOut(key, jobSize, patience, clock))
                .nextRound();
    }

    /**
     * The message of the next job. It waits while too many are out, or cannot be paid for before others are back; {@code
     * null} if the region's time is over before. Called by route {@code warm-region-by-workers}.
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

    /** Takes the result of a job. Called by the routes {@code take-results}. */
    public void take(@Body String message) throws CaravanException {
        WarmResult result = WarmJobFormat.result(message);
        if (regions.values().stream().noneMatch(region -> region.take(result))) {
            LOG.debug("result of job {} is of no use any more", result.job());
        }
    }
}
