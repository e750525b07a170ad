package caravan.app.warming;

import caravan.failure.CaravanException;
import caravan.pace.Waiting;
import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.Region;
import caravan.warm.RegionWarming;
import caravan.warm.WarmJob;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again at a sample of what a region had, for example an hour and a day later: do caches still have it? What is
 * to be looked at is kept in the state directory, one small file for each region and time, and outlives the program.
 * Bean {@code laterLooks}; safe for many threads.
 */
public final class LaterLooks {

    private static final Logger LOG = LoggerFactory.getLogger(LaterLooks.class);

    private static final Duration LONGEST = Duration.ofHours(1);

    private final List<Duration> after;

    private final WarmSetup setup;

    private final URI publicUrl;

    private final KeptLooks kept;

    private final Clock clock;

    private final Map<WarmRun, KeptLooks.Look> underWay = new ConcurrentHashMap<>();

    /** What could not be begun or removed. */
    private final Set<KeptLooks.Look> left = ConcurrentHashMap.newKeySet();

    private boolean stopped;

    /**
     * Looks at what is published under {@code publicUrl}.
     *
     * @param after how long after a region was warmed to look; none for never
     * @param directory for what is to be looked at
     */
    public LaterLooks(List<Duration> after, WarmSetup setup, URI publicUrl, Path directory, Clock clock) {
        this.after = List.copyOf(after);
        this.setup = setup;
        this.publicUrl = publicUrl;
        this.kept = new KeptLooks(directory);
        this.clock = clock;
    }

    /**
     * Begins the looks that are due, for each region the oldest when the one before is done; none after {@link #stop}.
     * One that cannot be begun is left until the program runs again, or it is too late, and is written into the log.
     * Called by route {@code look-again-later}.
     */
    public synchronized List<WarmRun> due() throws CaravanException {
        List<WarmRun> runs = new ArrayList<>();
        if (stopped) {
            return runs;
        }
        Instant now = clock.instant();
        for (KeptLooks.Look look : kept.all()) {
            try {
                if (!underWay.containsValue(look) && !forgetsIfTooLate(look, now)) {
                    if (!now.isBefore(look.at()) && !left.contains(look)) {
                        begin(look).ifPresent(runs::add);
                    }
                }
            } catch (IOException e) {
                // The others are begun, and must be handed on.
                leave(look, e);
            }
        }
        return runs;
    }

    /**
     * Writes down that what {@code region} has is to be looked at later, and forgets what it is too late for: where
     * nothing is ever looked at again, as with {@code caravan publish} alone, it would pile up. A failure is only
     * written into the log.
     */
    void remember(RegionWarming region) {
        if (after.isEmpty()) {
            return;
        }
        try {
            forgetTooLate();
            Optional<WarmJob> sample = region.sample();
            if (sample.isPresent()) {
                for (Duration each : after) {
                    kept.add(sample.get(), each, clock.instant());
                }
            }
        } catch (CaravanException | IOException e) {
            LOG.warn(
                    "{} will not be looked at again: {}",
                    region.region().name(),
                    e instanceof IOException io
                            ? kept.failure("write it down", io).getMessage()
                            : e.getMessage());
        }
    }

    /**
     * What {@code run} saw, and writes it into the log; empty if nothing came, or it came too late to tell of that
     * time.
     */
    Optional<LaterLook> lookOf(WarmRun run) {
        KeptLooks.Look look = underWay.get(run);
        RegionWarming region = run.regions().get(0);
        PassReport pass = region.report().warm();
        if (look == null || pass.objects() == 0) {
            LOG.info(
                    "{}: nothing came of a later look at {} through {}",
                    run.database(),
                    run.snapshot(),
                    region.region().name());
            return Optional.empty();
        }
        if (look.isTooLate(clock.instant())) {
            // It waited for the warm-up before it.
            LOG.info("{}: too late for the look that was due at {}", run.database(), look.at());
            return Optional.empty();
        }
        LaterLook seen = LaterLook.of(look.after(), clock.instant().truncatedTo(ChronoUnit.SECONDS), pass);
        LOG.info(
                "{}: {} s after {} was warmed, {} still has {} of {} objects that were looked at",
                run.database(),
                look.after().toSeconds(),
                run.snapshot(),
                region.region().name(),
                seen.hits(),
                seen.objects());
        return Optional.of(seen);
    }

    /**
     * Lets go of {@code run}, whatever came of it: it is not looked at again. Nothing happens if it ended because the
     * program is to stop, or is done already.
     */
    void done(WarmRun run) throws CaravanException {
        KeptLooks.Look look = underWay.get(run);
        if (look == null) {
            return;
        }
        try {
            kept.remove(look);
        } catch (IOException e) {
            left.add(look);
            throw kept.failure("remove what was looked at", e);
        } finally {
            // Not before, or it could be begun once more meanwhile.
            underWay.remove(run);
        }
    }

    /**
     * Lets go of a look that could not be handed on to its region; the failure was reported. Called by route {@code
     * look-again-later}.
     */
    public void giveUp(@Body WarmRun run) throws CaravanException {
        run.end("it could not be handed on");
        run.regions().forEach(run::finish);
        done(run);
    }

    /** Ends the looks that are under way, and begins no others; they are due again when the program runs again. */
    synchronized void stop(String reason) {
        stopped = true;
        // Before they end: what ends without being known here stays written down.
        List<WarmRun> runs = List.copyOf(underWay.keySet());
        underWay.clear();
        runs.forEach(run -> run.end(reason));
    }

    private Optional<WarmRun> begin(KeptLooks.Look look) throws IOException {
        WarmJob job;
        try {
            job = kept.read(look);
        } catch (CaravanException e) {
            LOG.warn("cannot use {}: {}", look.file(), e.getMessage());
            kept.remove(look);
            return Optional.empty();
        }
        Optional<Region> region = setup.regions().stream()
                .filter(each -> each.name().equals(job.region()))
                .findFirst();
        if (region.isEmpty() || !job.publicUrl().equals(publicUrl)) {
            // The settings are others since then.
            kept.remove(look);
            return Optional.empty();
        }
        if (underWay.keySet().stream()
                .anyMatch(run -> run.regions().get(0).region().equals(region.get()))) {
            // On disk it takes neither a descriptor nor a place in the queue of a region that is busy for long.
            return Optional.empty();
        }
        WarmRun run = new WarmRun(
                job.database(),
                job.snapshot(),
                publicUrl,
                plan(job),
                List.of(region.get()),
                setup.rules().once(true, LONGEST),
                0,
                Waiting.REAL,
                setup.prices().begin());
        underWay.put(run, look);
        return Optional.of(run);
    }

    private WarmPlan plan(WarmJob job) throws IOException {
        Files.createDirectories(setup.planDirectory());
        WarmPlan plan = WarmPlan.create(setup.planDirectory());
        try {
            for (WarmJob.Item item : job.items()) {
                plan.add(item.chunk());
            }
            return plan.complete();
        } catch (IOException | RuntimeException e) {
            plan.close();
            throw e;
        }
    }

    private synchronized void forgetTooLate() throws CaravanException {
        Instant now = clock.instant();
        for (KeptLooks.Look look : kept.all()) {
            try {
                if (!underWay.containsValue(look)) {
                    forgetsIfTooLate(look, now);
                }
            } catch (IOException e) {
                leave(look, e);
            }
        }
    }

    /** Whether it is too late for {@code look}, which is forgotten then. */
    private boolean forgetsIfTooLate(KeptLooks.Look look, Instant now) throws IOException {
        if (!look.isTooLate(now)) {
            return false;
        }
        if (kept.remove(look)) {
            LOG.info(
                    "too late for the look that was due at {}: {}",
                    look.at(),
                    look.file().getFileName());
        }
        left.remove(look);
        return true;
    }

    private void leave(KeptLooks.Look look, IOException e) {
        if (left.add(look)) {
            LOG.warn(
                    "left for later: {}",
                    kept.failure(
                                    "look again at what was warmed by "
                                            + look.file().getFileName(),
                                    e)
                            .getMessage());
        }
    }
}
