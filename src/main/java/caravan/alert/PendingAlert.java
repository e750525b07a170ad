package caravan.alert;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * An alert that waits for one channel.
 *
 * @param id the same at every attempt, so that a repeat can be recognised
 * @param channel that it is to go through
 * @param alert what to tell
 * @param file that holds it
 */
public record PendingAlert(String id, String channel, Alert alert, Path file) {

    public PendingAlert {
        requireNonNull(id, "id");
        requireNonNull(channel, "channel");
        requireNonNull(alert, "alert");
        requireNonNull(file, "file");
    }
}
