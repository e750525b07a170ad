package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.routing.RouteFiles;
import caravan.app.settings.Settings;
import caravan.app.settings.SettingsLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.main.Main;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where an operator who broke a route is told to look. */
@Timeout(90)
final class BrokenRouteFilesTest {

    private static final String ROUTE = """
            # A comment, as every shipped file has one.

            - route:
                id: %1$s
                description: Says something.
                from:
                  uri: direct
                  parameters:
                    name: %1$s
                  steps:
                    - log:
                        message: first
                    - %2$s:
                        %3$s
            """;

    @TempDir
    Path directory;

    private RouteFiles files;

    @BeforeEach
    void writeGoodRoutes() throws Exception {
        files = new RouteFiles(directory);
        write("10-good.camel.yaml", "good");
        write("90-last.camel.yaml", "last");
    }

    private void write(String file, String route) throws Exception {
        Files.writeString(directory.resolve(file), ROUTE.formatted(route, "stop", "{}"));
    }

    @Test
    void filesThatAreRightLoad() throws Exception {
        assertThat(said()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "to      | {uri: 'aws2-s4:bucket'}                         | aws2-s4",
                "to      | {uri: 'log:x', parameters: {shwAll: 'true'}}    | shwAll",
                "to      | {uri: 'log:{{caravan.nothing}}'}                | caravan.nothing",
                "bean    | {ref: nobody, method: do}                       | nobody",
                "bean    | {ref: settings, method: doNothing}              | doNothing",
                "setBody | {expression: {simple: {expression: '${bdy'}}}   | functionEnd",
            })
    void whatIsWrongInAStepIsToldWithFileAndLine(String step, String body, String word) throws Exception {
        Files.writeString(directory.resolve("40-own.camel.yaml"), ROUTE.formatted("own", step, body));

        assertThat(said())
                .startsWith("cannot load the routes: " + directory + "/40-own.camel.yaml line 13 (route own): ")
                .contains(word)
                .doesNotContain("\n");
    }

    @Test
    void whereARouteBeginsWithWhatIsNotThereItIsToldWithFileAndLine() throws Exception {
        Files.writeString(
                directory.resolve("40-own.camel.yaml"),
                ROUTE.formatted("own", "stop", "{}").replace("uri: direct", "uri: dircet"));

        assertThat(said()).contains("/40-own.camel.yaml line 3 (route own): ", "dircet");
    }

    private String said() throws Exception {
        Settings settings = new SettingsLoader(Map.of(), new Properties()).load();
        Main main = LoadedRoutes.from(files.pattern(), settings);
        main.bind("settings", settings);
        try {
            main.start();
            return "";
        } catch (Exception e) {
            return files.explain(e, main.getCamelContext()).getMessage();
        } finally {
            main.stop();
        }
    }
}
