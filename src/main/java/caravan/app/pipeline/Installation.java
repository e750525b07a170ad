package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import caravan.app.settings.StateDirectory;
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
public record Installation(Path home, Map<String, String> environment) {

    private static final String LOGGING = "logback.configurationFile";

    /** The installation that this process was started from. */
    public static Installation ofThisProcess() {
        String home = Optional.ofNullable(System.getProperty("caravan.home")).orElse(".");
        return new Installation(Path.of(home).toAbsolutePath().normalize(), System.getenv());
    }

    public Path routes() {
        return home.resolve("routes");
    }

    public Path config() {
        return home.resolve("config");
    }

    /** The price list that is shipped. */
    public Path prices() {
        return config().resolve("prices.properties");
    }

    /** The client in bash; it is there only once the program was packaged. */
    public Path syncScript() {
        return home.resolve("share").resolve("sync.sh");
    }

    /**
     * Logs as {@code config/logback.xml} says, unless whoever started the process chose another; before anything is
     * logged.
     */
    public void useItsLogging() {
        Path file = config().resolve("logback.xml");
        if (System.getProperty(LOGGING) == null && Files.exists(file)) {
            System.setProperty(LOGGING, file.toString());
        }
    }

    /** The settings in the file that {@code CARAVAN_CONFIG} names, else in the installation's own, else in none. */
    public Settings settings() throws WrongUsageException {
        SettingsLoader loader = new SettingsLoader(environment, System.getProperties());
        String named = environment.getOrDefault("CARAVAN_CONFIG", "");
        if (!named.isEmpty()) {
            return loader.load(Path.of(named));
        }
        Path own = config().resolve("application.properties");
        return Files.exists(own) ? loader.load(own) : loader.load();
    }

    /** Where state is kept. */
    public Path stateDirectory(Settings settings) throws WrongUsageException {
        return StateDirectory.of(settings.text("caravan.state-directory"), environment);
    }
}
