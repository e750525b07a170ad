package caravan.alert;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong and goes on, and what people were not told yet, looked at without a lock and without a change. Files come
 * and go meanwhile, if somebody is at work.
 */
public final class AlertsSight {

    private static final Logger LOG = LoggerFactory.getLogger(AlertsSight.class);

    private final Path directory;

    /** Looks below {@code stateDirectory}, which need not exist. */
    public AlertsSight(Path stateDirectory) {
        this.directory = Alerts.directoryIn(stateDirectory);
    }

    /**
     * A trouble that goes on.
     *
     * @param last what was said of it last
     * @param since when it began
     * @param times how often it was met
     */
    public record Trouble(Alert last, Instant since, long times) {}

    /**
     * Alerts that a channel has not taken.
     *
     * @param count how many
     * @param since from when the oldest is
     */
    public record Waiting(int count, Instant since) {}

    /** Those that go on. */
    public List<Trouble> troubles() throws IOException {
        List<Trouble> troubles = new ArrayList<>();
        for (Path file : new AlertFiles(Alerts.openIn(directory)).all()) {
            try {
                Incidents.Open open = Incidents.Open.parse(Files.readAllBytes(file));
                troubles.add(new Trouble(open.last(), open.since(), open.times()));
            } catch (NoSuchFileException e) {
                LOG.debug("{} is over since", file);
            }
        }
        return troubles;
    }

    /** What waits for {@code channel}; none if nothing does. */
    public Optional<Waiting> waitingFor(String channel) throws IOException {
        List<Path> files = new AlertFiles(Alerts.outboxesIn(directory).resolve(channel)).all();
        for (Path oldest : files) {
            try {
                JsonNode json = AlertFormat.read(Files.readAllBytes(oldest));
                return Optional.of(
                        new Waiting(files.size(), AlertFormat.alertOf(json).at()));
            } catch (NoSuchFileException e) {
                LOG.debug("{} was delivered since", oldest);
            }
        }
        return Optional.empty();
    }
}
