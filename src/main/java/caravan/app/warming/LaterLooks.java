package caravan.app.warming;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.manifest.WarmJobFormat;
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
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** When it is due, and how long after the warm-up that is; the rest makes it the only one. */
    private static final Pattern NAME = Pattern.compile("(\\d{1,15})-(\\d{1,10})-[0-9a-f-]{36}\\.json");

    private static final Duration LONGEST = Duration.ofHours(1);

    /** Late by more than this, or by as much as it is after the warm-up, it says nothing about that time. */
    private static final Duration LATEST = Duration.ofMinutes(10);

    private final List<Duration> after;

    private final WarmSetup setup;

    private final URI publicUrl;

    private final Path directory;

    private final Clock clock;

    private final Map<WarmRun, Look> underWay = new ConcurrentHashMap<>();

    /** What could not be begun or removed. */
    private final Set<Path> left = ConcurrentHashMap.newKeySet();

    private boolean stopped;

    private record Look(Path file, Due due) {}

    private record Due(Instant at, Duration after) {
        boolean isTooLate(Instant now) {
            return now.isAfter(at.plus(after.compareTo(LATEST) > 0 ? after : LATEST));
        }
    }

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
        this.directory = directory;
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
        for (Path file : files()) {
            try {
                Optional<Due> due = due(file);
                if (due.isPresent() && !isUnderWay(file) && !forgetsIfTooLate(file, due.get(), now)) {
                    if (!now.isBefore(due.get().at()) && !left.contains(file)) {
                        begin(new Look(file, due.get())).ifPresent(runs::add);
                    }
                }
            } catch (IOException e) {
                // The others are begun, and must be handed on.
                leave(file, e);
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
                Files.createDirectories(directory);
                for (Duration each : after) {
                    write(sample.get(), each);
                }
            }
        } catch (CaravanException | IOException e) {
            LOG.warn(
                    "{} will not be looked at again: {}",
                    region.region().name(),
                    e instanceof IOException io ? failure("write it down", io).getMessage() : e.getMessage());
        }
    }

    /**
     * What {@code run} saw, and writes it into the log; empty if nothing came, or it came too late to tell of that
     * time.
     */
    Optional<LaterLook> lookOf(WarmRun run) {
        Look look = underWay.get(run);
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
        if (look.due().isTooLate(clock.instant())) {
            // It waited for the warm-up before it.
            LOG.info(
                    "{}: too late for the look that was due at {}",
                    run.database(),
                    look.due().at());
            return Optional.empty();
        }
        LaterLook seen = LaterLook.of(look.due().after(), clock.instant().truncatedTo(ChronoUnit.SECONDS), pass);
        LOG.info(
                "{}: {} s after {} was warmed, {} still has {} of {} objects that were looked at",
                run.database(),
                look.due().after().toSeconds(),
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
        Look look = underWay.get(run);
        if (look == null) {
            return;
        }
        try {
            Files.deleteIfExists(look.file());
        } catch (IOException e) {
            left.add(look.file());
            throw failure("remove what was looked at", e);
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

    private Optional<WarmRun> begin(Look look) throws IOException {
        WarmJob job;
        try {
            job = WarmJobFormat.job(Files.readString(look.file()));
        } catch (CaravanException e) {
            LOG.warn("cannot use {}: {}", look.file(), e.getMessage());
            Files.deleteIfExists(look.file());
            return Optional.empty();
        }
        Optional<Region> region = setup.regions().stream()
                .filter(each -> each.name().equals(job.region()))
                .findFirst();
        if (region.isEmpty() || !job.publicUrl().equals(publicUrl)) {
            // The settings are others since then.
            Files.deleteIfExists(look.file());
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
        for (Path file : files()) {
            try {
                Optional<Due> due = due(file);
                if (due.isPresent() && !isUnderWay(file)) {
                    forgetsIfTooLate(file, due.get(), now);
                }
            } catch (IOException e) {
                leave(file, e);
            }
        }
    }

    private boolean isUnderWay(Path file) {
        return underWay.values().stream().anyMatch(look -> look.file().equals(file));
    }

    /** Whether it is too late for {@code file}, which is forgotten then. */
    private boolean forgetsIfTooLate(Path file, Due due, Instant now) throws IOException {
        if (!due.isTooLate(now)) {
            return false;
        }
        if (Files.deleteIfExists(file)) {
            LOG.info("too late for the look that was due at {}: {}", due.at(), file.getFileName());
        }
        left.remove(file);
        return true;
    }

    private void leave(Path file, IOException e) {
        if (left.add(file)) {
            LOG.warn(
                    "left for later: {}",
                    failure("look again at what was warmed by " + file.getFileName(), e)
                            .getMessage());
        }
    }

    private static Optional<Due> due(Path file) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        return name.matches()
                ? Optional.of(new Due(
                        Instant.ofEpochSecond(Long.parseLong(name.group(1))),
                        Duration.ofSeconds(Long.parseLong(name.group(2)))))
                : Optional.empty();
    }

    private void write(WarmJob sample, Duration each) throws IOException {
        long due = clock.instant().plus(each).getEpochSecond() + 1;
        Path file = directory.resolve(due + "-" + each.toSeconds() + "-" + sample.id() + ".json");
        Path fresh = directory.resolve(file.getFileName() + ".new");
        Files.writeString(fresh, WarmJobFormat.write(sample));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<Path> files() throws CaravanException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.json")) {
                found.forEach(files::add);
            } catch (DirectoryIteratorException e) {
                throw failure("look again at what was warmed", e.getCause());
            } catch (IOException e) {
                throw failure("look again at what was warmed", e);
            }
        }
        // By when they are due.
        Collections.sort(files);
        return files;
    }

    private FailedException failure(String what, IOException e) {
        return new FailedException(
                what + " in " + directory + ": " + e, "the state directory must be writable and have space", e);
    }
}
