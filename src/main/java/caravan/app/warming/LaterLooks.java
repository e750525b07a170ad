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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again at a sample of what a region had, for example an hour and a day later: do caches still have it? What is to be
 * looked at is kept in the state directory, one small file for each region and time, and outlives the program. Bean {@code
 * laterLooks}; safe for many threads.
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

    private record Look(Path file, Duration after) {}

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

    /** Begins every look that is due. Called by route {@code look-again-later}. */
    public List<WarmRun> due() throws CaravanException {
        Instant now = clock.instant();
        List<WarmRun> runs = new ArrayList<>();
        try {
            for (Path file : files()) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches()
                        && underWay.values().stream()
                                .noneMatch(look -> look.file().equals(file))) {
                    Instant due = Instant.ofEpochSecond(Long.parseLong(name.group(1)));
                    Duration meant = Duration.ofSeconds(Long.parseLong(name.group(2)));
                    if (now.isAfter(due.plus(latest(meant)))) {
                        LOG.info("too late for the look that was due at {}: {}", due, file.getFileName());
                        Files.deleteIfExists(file);
                    } else if (!now.isBefore(due)) {
                        begin(new Look(file, meant)).ifPresent(runs::add);
                    }
                }
            }
            return runs;
        } catch (IOException e) {
            throw failure("look again at what was warmed", e);
        }
    }

    /** Writes down that what {@code region} has is to be looked at later. A failure is only written into the log. */
    void remember(RegionWarming region) {
        if (after.isEmpty()) {
            return;
        }
        try {
            Optional<WarmJob> sample = region.sample();
            if (sample.isPresent()) {
                Files.createDirectories(directory);
                for (Duration each : after) {
                    write(sample.get(), each);
                }
            }
        } catch (IOException e) {
            LOG.warn(
                    "{} will not be looked at again: {}",
                    region.region().name(),
                    failure("write it down", e).getMessage());
        }
    }

    /** What {@code run} saw, and writes it into the log; empty if nothing came. */
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

    /** What came of {@code run} is written down where it belongs. */
    void done(WarmRun run) throws CaravanException {
        Look look = underWay.remove(run);
        try {
            if (look != null) {
                Files.deleteIfExists(look.file());
            }
        } catch (IOException e) {
            throw failure("remove what was looked at", e);
        }
    }

    /** Ends the looks that are under way; they are due again when the program runs again. */
    void stop(String reason) {
        underWay.keySet().forEach(run -> run.end(reason));
        underWay.clear();
    }

    private Optional<WarmRun> begin(Look look) throws IOException {
        WarmJob job;
        try {
            job = WarmJobFormat.job(Files.readString(look.file()));
        } catch (CaravanException | IOException e) {
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
        Files.createDirectories(setup.planDirectory());
        WarmPlan plan = WarmPlan.create(setup.planDirectory());
        for (WarmJob.Item item : job.items()) {
            plan.add(item.chunk());
        }
        WarmRun run = new WarmRun(
                job.database(),
                job.snapshot(),
                publicUrl,
                plan.complete(),
                List.of(region.get()),
                setup.rules().once(true, LONGEST),
                0,
                Waiting.REAL,
                setup.prices().begin());
        underWay.put(run, look);
        return Optional.of(run);
    }

    private void write(WarmJob sample, Duration each) throws IOException {
        long due = clock.instant().plus(each).getEpochSecond() + 1;
        Path file = directory.resolve(due + "-" + each.toSeconds() + "-" + sample.id() + ".json");
        Path fresh = directory.resolve(file.getFileName() + ".new");
        Files.writeString(fresh, WarmJobFormat.write(sample));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.json")) {
                found.forEach(files::add);
            }
        }
        return files;
    }

    private FailedException failure(String what, IOException e) {
        return new FailedException(
                what + " in " + directory + ": " + e, "the state directory must be writable and have space", e);
    }

    private static Duration latest(Duration after) {
        return after.compareTo(LATEST) > 0 ? after : LATEST;
    }
}
