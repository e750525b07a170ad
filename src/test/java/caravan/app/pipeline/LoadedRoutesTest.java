package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import caravan.app.routing.RouteFiles;
import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How Camel ends, whatever a route is doing. */
@Timeout(90)
final class LoadedRoutesTest {

    @TempDir
    Path directory;

    @Test
    void stopDoesNotWaitForeverForWhatAScheduleHasStarted() throws Exception {
        Files.writeString(directory.resolve("10-held.camel.yaml"), """
                - route:
                    id: held
                    description: Does not end by itself.
                    from:
                      uri: quartz
                      parameters:
                        groupName: caravan
                        triggerName: held
                        cron: "* * * * * ?"
                      steps:
                        - process:
                            id: hold
                            ref: hold
                """);
        Settings settings = new SettingsLoader(Map.of(), new Properties()).load();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        Main main = LoadedRoutes.from(new RouteFiles(directory).pattern(), settings);
        main.configure().withShutdownTimeout(1);
        main.bind("hold", (Processor) exchange -> {
            begun.countDown();
            awaitWhateverComes(mayEnd);
        });
        try {
            main.start();
            main.getCamelContext().getRouteController().startAllRoutes();
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> stopped = CompletableFuture.runAsync(main::stop);

            assertThatCode(() -> stopped.get(20, TimeUnit.SECONDS)).doesNotThrowAnyException();
        } finally {
            mayEnd.countDown();
            main.stop();
        }
    }

    private static void awaitWhateverComes(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // It is to look like work that cannot be broken off.
            }
        }
    }
}
