package caravan.app.settings;

import static org.assertj.core.api.Assertions.assertThatCode;

import caravan.app.pipeline.Installation;
import caravan.app.pipeline.Pipeline;
import caravan.app.pipeline.PipelineBeans;
import caravan.signature.SigningKey;
import caravan.store.StoreAbilities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is accepted as a value also starts: whole programs made of nothing but the ends of the ranges. */
class ExtremeSettingsTest {

    @TempDir
    Path directory;

    @Test
    void programOfTheSmallestValuesStarts() {
        assertThatCode(() -> start(Range::least)).doesNotThrowAnyException();
    }

    @Test
    void programOfTheLargestValuesStarts() {
        assertThatCode(() -> start(Range::most)).doesNotThrowAnyException();
    }

    @Test
    void programWithNoneWhereThatIsAllowedStarts() {
        assertThatCode(() -> start(range -> range.orZero() ? "0" : range.least()))
                .doesNotThrowAnyException();
    }

    private void start(Function<Range, String> choice) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("caravan.databases", "demo");
        properties.setProperty("caravan.warm.regions", "here");
        properties.setProperty("caravan.warm.region.here.via", "direct");
        properties.setProperty(
                "caravan.database.demo.directory", directory.resolve("db").toString());
        properties.setProperty("caravan.database.demo.rpc-url", "http://127.0.0.1:1");
        properties.setProperty("caravan.database.demo.stop-command", "true");
        properties.setProperty("caravan.database.demo.start-command", "true");
        properties.setProperty("caravan.s3.bucket", "snapshots");
        properties.setProperty("caravan.s3.endpoint", "http://127.0.0.1:1");
        properties.setProperty("caravan.warm.price", "cloudfront");
        properties.setProperty("caravan.cdn", "purge");
        properties.setProperty("caravan.purge.addresses", "http://127.0.0.1:1");
        properties.setProperty("caravan.http.port", "0");
        properties.setProperty("caravan.signing.key", key().toString());
        properties.setProperty(
                "caravan.state-directory", directory.resolve("state").toString());
        for (KnownSetting setting : KnownSettings.ALL) {
            if (setting.range().isPresent()) {
                String value = choice.apply(setting.range().get());
                boolean isTime = setting.kind() == Kind.DURATION || setting.kind() == Kind.DURATIONS;
                properties.setProperty(setting.keyFor("demo"), value.equals("0") && isTime ? "0s" : value);
            }
        }
        Installation installation = new Installation(Path.of("").toAbsolutePath(), Map.of());
        Settings settings = new SettingsLoader(Map.of(), properties).load();
        try (PipelineBeans beans = new PipelineBeans(installation, settings)) {
            Pipeline.load(installation, settings, beans, new StoreAbilities(true, true, true, true), true)
                    .close();
        }
    }

    private Path key() throws Exception {
        Path file = directory.resolve("key");
        if (!Files.exists(file)) {
            SigningKey.generate().write(file);
        }
        return file;
    }
}
