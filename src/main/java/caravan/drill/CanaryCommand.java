package caravan.drill;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * An operator's own judge of a restored database, for example a script that starts a node on it and asks its height.
 *
 * @param command for {@code sh -c}; status 0 means that the database is good
 * @param limit how long it may take
 */
public record CanaryCommand(String command, Duration limit) {

    /** Nothing is null or empty. */
    public CanaryCommand {
        requireNonNull(limit, "limit");
        if (command.isBlank()) {
            throw new IllegalArgumentException("a canary is a command");
        }
    }
}
