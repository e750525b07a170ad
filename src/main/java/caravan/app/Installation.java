package caravan.app;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.failure.WrongUsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the program is installed: a directory with {@code routes} and {@code config}.
 *
 * @param home that directory
 * @param environment variables of the process
 */
record Installation(Path home, Map<String, String> environment) {

    /** The installation that this process was started from. */
    static Installation ofThisProcess() {
        String home = Optional.ofNullable(System.getProperty("caravan.home")).orElse(".");
        return new Installation(Path.of(home).toAbsolutePath().normalize(), System.getenv());
    }

    Path routes() {
        return home.resolve("routes");
    }

    Path config() {
        return home.resolve("config");
    }

    /** The settings in the file that {@code CARAVAN_CONFIG} names, else in the installation's own, else in none. */
    Settings settings() throws WrongUsageException {
        SettingsLoader loader = new SettingsLoader(environment, System.getProperties());
        String named = environment.getOrDefault("CARAVAN_CONFIG", "");
        if (!named.isEmpty()) {
            return loader.load(Path.of(named));
        }
        Path own = config().resolve("application.properties");
        return Files.exists(own) ? loader.load(own) : loader.load();
    }

    /** Where state is kept: the setting, or the place that the XDG base directory specification gives. */
    Path stateDirectory(Settings settings) throws WrongUsageException {
        Optional<Path> set = settings.path("caravan.state-directory");
        if (set.isPresent()) {
            return set.get();
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
