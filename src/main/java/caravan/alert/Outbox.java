package caravan.alert;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The alerts that one channel has not taken yet, oldest first: one small file each, which outlives the process. It
 * holds only so many, and each only so long. What it drops it counts, and says so in an alert of its own once the
 * channel takes alerts again. Not safe for many threads.
 */
final class Outbox {

    /** Event of the alert that says how many were dropped. */
    static final String DROPPED = "alerts-dropped";

    private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

    private final String channel;

    private final AlertFiles files;

    private final AlertFiles counts;

    private final int most;

    private final Duration longest;

    /**
     * The outbox of {@code channel} in {@code directory}.
     *
     * @param most alerts that may wait
     * @param longest time that one may wait
     */
    Outbox(Path directory, String channel, int most, Duration longest) {
        this.channel = requireNonNull(channel, "channel");
        this.files = new AlertFiles(directory.resolve(channel));
        this.counts = new AlertFiles(directory);
        this.most = most;
        this.longest = requireNonNull(longest, "longest");
    }

    String channel() {
        return channel;
    }

    /** Returns when the alert is on the disk. The oldest goes if there are too many. */
    void put(Alert alert) throws IOException {
        List<Path> waiting = files.all();
        for (int excess = waiting.size() - most + 1; excess > 0; excess--) {
            drop(waiting.get(waiting.size() - most + 1 - excess), "too many wait");
        }
        String id = UUID.randomUUID().toString();
        ObjectNode json = AlertFormat.toJson(alert);
        json.put("id", id);
        files.put(files.at(nameOf(waiting, alert.at(), id)), AlertFormat.bytes(json));
    }

    /** The oldest alert that still matters; none if nothing waits. */
    Optional<PendingAlert> oldest(Instant now) throws IOException {
        for (Path file : files.all()) {
            Optional<PendingAlert> pending = read(file);
            if (pending.isEmpty()) {
                continue;
            }
            if (pending.get().alert().at().plus(longest).isAfter(now)) {
                return pending;
            }
            drop(file, "it waited for more than " + longest.toHours() + " h");
        }
        return Optional.empty();
    }

    /** How many wait. */
    int size() throws IOException {
        return files.all().size();
    }

    /** Forgets an alert that the channel has taken; then says how many it did not get, if there are any. */
    void delivered(PendingAlert pending, Instant now) throws IOException {
        Files.deleteIfExists(pending.file());
        Path file = counts.at(channel + "-dropped");
        long dropped = droppedIn(file);
        if (dropped > 0) {
            put(new Alert(
                    DROPPED,
                    Severity.WARNING,
                    Alert.Lasts.NOT,
                    "",
                    channel,
                    dropped + " alerts were dropped before " + channel + " took them",
                    "the log has every one of them",
                    "",
                    now));
            Files.deleteIfExists(file);
        }
    }

    /** Gives up an alert that the channel will never take. */
    void refuse(PendingAlert pending, String why) throws IOException {
        drop(pending.file(), why);
    }

    private void drop(Path file, String why) throws IOException {
        Path counted = counts.at(channel + "-dropped");
        long dropped = droppedIn(counted) + 1;
        counts.put(counted, AlertFormat.bytes(AlertFormat.object().put("dropped", dropped)));
        LOG.error("an alert is dropped before {} took it, {}: {}", channel, why, whatIn(file));
        Files.deleteIfExists(file);
    }

    private static long droppedIn(Path file) {
        try {
            return AlertFormat.read(Files.readAllBytes(file)).path("dropped").asLong(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static String whatIn(Path file) {
        try {
            return AlertFormat.alertOf(AlertFormat.read(Files.readAllBytes(file)))
                    .what();
        } catch (IOException e) {
            return file + " cannot be read";
        }
    }

    private Optional<PendingAlert> read(Path file) throws IOException {
        try {
            JsonNode json = AlertFormat.read(Files.readAllBytes(file));
            return Optional.of(
                    new PendingAlert(AlertFormat.text(json, "id"), channel, AlertFormat.alertOf(json), file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.error("{} is damaged and is removed: {}", file, e.toString());
            Files.deleteIfExists(file);
            return Optional.empty();
        }
    }

    /** Names are in the order of the alerts, also when the clock is set back. */
    private static String nameOf(List<Path> waiting, Instant at, String id) {
        long time = at.toEpochMilli();
        if (!waiting.isEmpty()) {
            String last = waiting.get(waiting.size() - 1).getFileName().toString();
            int end = last.indexOf('-');
            time = end == 15 ? Math.max(time, Long.parseLong(last.substring(0, end)) + 1) : time;
        }
        return String.format(Locale.ROOT, "%015d-%s", time, id);
    }
}
