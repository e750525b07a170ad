package caravan.publish;

import caravan.failure.DamagedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session of the run that publishes a database from here, in a file. A run that was killed leaves it, and the next
 * one ends the session in its place; without that a collector would wait until it expires. Losing the file costs nothing
 * else, so no failure of it is one of the run.
 */
record OwnSession(Path file) {

    private static final Logger LOG = LoggerFactory.getLogger(OwnSession.class);

    /** The session of a run that did not end it. */
    Optional<SessionNote> left() {
        try {
            return Files.exists(file)
                    ? Optional.of(SessionNote.read(Files.readAllBytes(file), file.toString()))
                    : Optional.empty();
        } catch (IOException | DamagedException e) {
            LOG.debug("the session of an earlier run is not known and will expire", e);
            return Optional.empty();
        }
    }

    /** To be called under the lock of the database, before the session is registered. */
    void begin(SessionNote note) {
        try {
            Files.write(file, note.toJson());
        } catch (IOException e) {
            LOG.debug("session {} is not written down; if this run is killed, it will expire", note.runId(), e);
        }
    }

    /** Forgets the session of {@code runId}; that of a run that began since stays. */
    void end(String runId) {
        try {
            if (left().filter(note -> note.runId().equals(runId)).isPresent()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("session {} is ended once more by the next run", runId, e);
        }
    }
}
