package caravan.alert;

import static java.util.Objects.requireNonNull;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door through which alerts go. It finds out which are news, and puts those into the outbox of each channel; it
 * waits for no channel. Bean {@code alerts}; safe for many threads, and for several processes with one state directory.
 */
public final class Alerts {

    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);

    /** Event of the alert that says that a trouble is over. */
    public static final String RECOVERED = "recovered";

    private static final int MOST_WAITING = 200;

    private final Path directory;

    private final Incidents incidents;

    private final List<Outbox> outboxes;

    private final Clock clock;

    /**
     * Sources of troubles that last until somebody says so, as far as this process knows; null before it has looked.
     */
    private volatile Set<String> sources;

    /**
     * Alerts for {@code channels}, which may be none: then the log has to do.
     *
     * @param stateDirectory below which they are kept
     * @param reminder how long nothing is said of a trouble that goes on
     * @param longest time that an alert may wait for a channel
     */
    public Alerts(Path stateDirectory, List<String> channels, Duration reminder, Duration longest, Clock clock) {
        this.directory = directoryIn(stateDirectory);
        this.incidents = new Incidents(openIn(directory), reminder);
        this.outboxes = channels.stream()
                .map(channel -> new Outbox(outboxesIn(directory), channel, MOST_WAITING, longest))
                .toList();
        this.clock = requireNonNull(clock, "clock");
    }

    /** What happens to an alert when the directory is locked. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws IOException;
    }

    /** Takes an alert; returns when it is in the outboxes, or known already. Called by route {@code alert}. */
    public void take(Alert alert) throws CaravanException {
        exclusively("writing down the alert " + alert.key(), () -> {
            Optional<Alert> news = alert.lasts() == Alert.Lasts.NOT ? Optional.of(alert) : incidents.note(alert);
            if (alert.lasts() == Alert.Lasts.UNTIL_SAID) {
                sources = incidents.sources();
            }
            if (news.isPresent()) {
                tell(news.get());
            }
            return news;
        });
    }

    /**
     * Says that a publication succeeded: what failed in one before and not in this one is over.
     *
     * @param runId of the publication
     */
    public void runSucceeded(String database, String runId) throws CaravanException {
        end(alert -> alert.lasts() == Alert.Lasts.UNTIL_A_RUN_WITHOUT_IT
                && alert.database().equals(database)
                && !alert.runId().equals(runId));
    }

    /** Says that a trouble of this kind is over; nothing happens if there was none. */
    public void over(String event, String database) throws CaravanException {
        end(alert -> alert.event().equals(event) && alert.database().equals(database));
    }

    /**
     * Says that {@code source} works again: its trouble with this database, and that with none, is over, if it lasts
     * until somebody says so. Asks no disk as long as there is none, so it may be said often.
     *
     * @param database empty if it works on none
     */
    public void worksAgain(String event, String database, String source) throws CaravanException {
        if (!sources().contains(source)) {
            return;
        }
        end(alert -> alert.lasts() == Alert.Lasts.UNTIL_SAID
                && alert.event().equals(event)
                && alert.source().equals(source)
                && (alert.database().isEmpty() || alert.database().equals(database)));
    }

    /** The last alert of each trouble that goes on. */
    public List<Alert> open() throws CaravanException {
        return exclusively("looking for what goes on", incidents::open);
    }

    /** Names of the channels. */
    public List<String> channels() {
        return outboxes.stream().map(Outbox::channel).toList();
    }

    Optional<PendingAlert> oldest(String channel) throws CaravanException {
        Optional<Outbox> outbox = outboxOf(channel);
        return outbox.isEmpty()
                ? Optional.empty()
                : exclusively("looking for alerts", () -> outbox.get().oldest(clock.instant()));
    }

    void delivered(PendingAlert pending) throws CaravanException {
        Outbox outbox = outboxOf(pending.channel()).orElseThrow();
        exclusively("removing a delivered alert", () -> {
            outbox.delivered(pending, clock.instant());
            return pending;
        });
    }

    void refuse(PendingAlert pending, String why) throws CaravanException {
        Outbox outbox = outboxOf(pending.channel()).orElseThrow();
        exclusively("removing a refused alert", () -> {
            outbox.refuse(pending, why);
            return pending;
        });
    }

    /** How many alerts wait for {@code channel}. */
    public int waitingFor(String channel) throws CaravanException {
        Optional<Outbox> outbox = outboxOf(channel);
        return outbox.isEmpty()
                ? 0
                : exclusively("looking into the outbox", () -> outbox.get().size());
    }

    static Path directoryIn(Path stateDirectory) {
        return stateDirectory.resolve("alerts");
    }

    static Path openIn(Path directory) {
        return directory.resolve("open");
    }

    static Path outboxesIn(Path directory) {
        return directory.resolve("outbox");
    }

    Path lockOf(String channel) {
        return directory.resolve(channel + ".lock");
    }

    private Optional<Outbox> outboxOf(String channel) {
        return outboxes.stream()
                .filter(outbox -> outbox.channel().equals(channel))
                .findFirst();
    }

    private void end(Predicate<Alert> over) throws CaravanException {
        exclusively("closing what is over", () -> {
            List<Alert> closed = incidents.close(over);
            sources = incidents.sources();
            for (Alert alert : closed) {
                LOG.info("{} is over: {}", alert.key(), alert.what());
                tell(new Alert(
                        RECOVERED,
                        Severity.NOTICE,
                        Alert.Lasts.NOT,
                        alert.database(),
                        alert.source().isEmpty() ? alert.event() : alert.source(),
                        alert.what(),
                        "",
                        alert.runId(),
                        clock.instant()));
            }
            return closed;
        });
    }

    private Set<String> sources() throws CaravanException {
        Set<String> known = sources;
        return known == null ? exclusively("looking for what goes on", () -> sources = incidents.sources()) : known;
    }

    /** An outbox that cannot be written to does not keep the alert from the others. */
    private void tell(Alert alert) throws IOException {
        List<IOException> failures = new ArrayList<>();
        for (Outbox outbox : outboxes) {
            try {
                outbox.put(alert);
            } catch (IOException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        if (!outboxes.isEmpty()) {
            LOG.info("alert {} goes to {}", alert.key(), String.join(", ", channels()));
        }
    }

    private synchronized <T> T exclusively(String what, Work<T> work) throws CaravanException {
        try {
            Files.createDirectories(directory, PrivateFiles.DIRECTORY_MODE);
            try (FileChannel file = openLock(directory.resolve("lock"));
                    FileLock lock = file.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("the lock was lost");
                }
                return work.run();
            }
        } catch (IOException e) {
            throw new FailedException(
                    what + " in " + directory + ": " + e, "caravan.state-directory must be writable by this user", e);
        }
    }

    private static FileChannel openLock(Path file) throws IOException {
        return FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFiles.FILE_MODE);
    }
}
