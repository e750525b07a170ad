package caravan.app.settings;

import caravan.failure.WrongUsageException;
import java.nio.file.Path;
import java.util.Map;

/** Where a publisher or a client remembers what it has seen. */
public final class StateDirectory {

    private StateDirectory() {}

    /**
     * The directory that is set, else the place that the XDG base directory specification gives.
     *
     * @param set value of {@code caravan.state-directory}; empty if it is not set
     * @param environment variables of the process
     * @throws WrongUsageException if nothing is set and this user has no home
     */
    public static Path of(String set, Map<String, String> environment) throws WrongUsageException {
        if (!set.isEmpty()) {
            return Path.of(set);
        }
        String base = environment.getOrDefault("XDG_STATE_HOME", "");
        if (!base.isEmpty()) {
            return Path.of(base, "caravan");
        }
        String user = System.getProperty("user.home", "");
        if (user.isEmpty() || user.equals("/nonexistent") || user.equals("?")) {
            throw new WrongUsageException(
                    "caravan.state-directory is not set, and this user has no home directory",
                    "set it to a directory that only this user can write");
        }
        return Path.of(user, ".local", "state", "caravan");
    }
}
