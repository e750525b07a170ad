package caravan.alert;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Troubles that last, so that people hear of each when it begins, once a day while it goes on, and when it is over. One
 * small file each; not safe for many threads.
 */
final class Incidents {

    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    private final AlertFiles files;

    private final Duration reminder;

    /**
     * Troubles that are written down in {@code directory}.
     *
     * @param reminder how long nothing is said of a trouble that goes on
     */
    Incidents(Path directory, Duration reminder) {
        this.files = new AlertFiles(directory);
        this.reminder = requireNonNull(reminder, "reminder");
    }

    /** A trouble that goes on. */
    record Open(Alert last, Instant since, Instant toldAt, long times) {

        /** Reads what this class writes. */
        static Open parse(byte[] bytes) throws IOException {
            JsonNode json = AlertFormat.read(bytes);
            return new Open(
                    AlertFormat.alertOf(json),
                    AlertFormat.instant(json, "since"),
                    AlertFormat.instant(json, "toldAt"),
                    json.path("times").asLong(1));
        }
    }

    /**
     * Writes down that {@code alert} happened. Returns what people should be told, if anything; of what one run says
     * several times, as chunks do that fail together, only the first counts.
     */
    Optional<Alert> note(Alert alert) throws IOException {
        Path file = files.at(nameOf(alert));
        Optional<Open> known = read(file);
        if (known.isEmpty()) {
            write(file, new Open(alert, alert.at(), alert.at(), 1));
            return Optional.of(alert);
        }
        Open open = known.get();
        if (!alert.runId().isEmpty() && alert.runId().equals(open.last().runId())) {
            return Optional.empty();
        }
        boolean told = alert.at().isBefore(open.toldAt().plus(reminder));
        long times = open.times() + 1;
        write(file, new Open(alert, open.since(), told ? open.toldAt() : alert.at(), times));
        if (told) {
            return Optional.empty();
        }
        return Optional.of(new Alert(
                alert.event(),
                alert.severity(),
                alert.lasts(),
                alert.database(),
                alert.source(),
                alert.what() + " (for the " + times + "th time since " + open.since() + ")",
                alert.hint(),
                alert.runId(),
                alert.at()));
    }

    /** Forgets the troubles that {@code over} names, and returns the last alert of each. */
    List<Alert> close(Predicate<Alert> over) throws IOException {
        List<Alert> closed = new ArrayList<>();
        for (Path file : files.all()) {
            Optional<Open> open = read(file);
            if (open.isPresent() && over.test(open.get().last())) {
                Files.deleteIfExists(file);
                closed.add(open.get().last());
            }
        }
        return closed;
    }

    /** The last alert of each. */
    List<Alert> open() throws IOException {
        List<Alert> open = new ArrayList<>();
        for (Path file : files.all()) {
            read(file).map(Open::last).ifPresent(open::add);
        }
        return open;
    }

    /** Sources of the troubles that last until somebody says that they are over. */
    Set<String> sources() throws IOException {
        return open().stream()
                .filter(alert -> alert.lasts() == Alert.Lasts.UNTIL_SAID)
                .map(Alert::source)
                .collect(Collectors.toUnmodifiableSet());
    }

    private void write(Path file, Open open) throws IOException {
        ObjectNode json = AlertFormat.toJson(open.last());
        json.put("since", open.since().toString());
        json.put("toldAt", open.toldAt().toString());
        json.put("times", open.times());
        files.put(file, AlertFormat.bytes(json));
    }

    private static Optional<Open> read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(Open.parse(bytes));
        } catch (IOException e) {
            LOG.warn("{} is damaged and counts as not there: {}", file, e.toString());
            Files.deleteIfExists(file);
            return Optional.empty();
        }
    }

    private static String nameOf(Alert alert) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(alert.key().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
