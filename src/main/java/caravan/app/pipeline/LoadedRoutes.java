package caravan.app.pipeline;

import caravan.app.routing.RouteFiles;
import caravan.app.settings.Settings;
import java.util.Properties;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.spi.ComponentCustomizer;

/**
 * Camel as every process of this program runs it: routes from files, settings from one place, nothing begun by itself.
 */
final class LoadedRoutes {

    /** How long what is under way may take to end when the program stops. */
    private static final int STOP_SECONDS = 25;

    private LoadedRoutes() {}

    /**
     * Camel with the routes in the files of {@code pattern}, which are loaded when it is started and do not run then.
     */
    static Main from(String pattern, Settings settings) {
        Main main = new Main();
        // Camel's own way with signals waits at the end of the process for somebody who stops it in Camel's way.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        Properties properties = new Properties();
        properties.putAll(settings.placeholders());
        // A port that a route file's placeholder file opens to the network would be open to everybody.
        properties.keySet().removeIf(key -> key.toString().matches("camel\\.(management|server)\\..*"));
        main.setInitialProperties(properties);
        main.setPropertyPlaceholderLocations("false");
        main.configure()
                .withRoutesIncludePattern(pattern)
                .withRoutesExcludePattern(RouteFiles.HIDDEN)
                .withAutoConfigurationLogSummary(false)
                .withLogMask(true)
                .withSourceLocationEnabled(true)
                // Settings come from one place; what stands in the environment for some other Camel is not ours.
                .withAutoConfigurationEnvironmentVariablesEnabled(false)
                .withAutoConfigurationSystemPropertiesEnabled(false)
                .withAutoStartup(false)
                .withShutdownTimeout(STOP_SECONDS);
        main.configure().health().withEnabled(false);
        // Routes have had their time when schedules end. To wait once more has no limit, and Quartz may wait for a
        // start
        // that fell into its own end, and so for ever.
        main.bind(
                "schedulesEndWithRoutes",
                ComponentCustomizer.forType(
                        QuartzComponent.class, schedules -> schedules.setInterruptJobsOnShutdown(true)));
        return main;
    }
}
