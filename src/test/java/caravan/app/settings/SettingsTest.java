package caravan.app.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    /** The most that has the form of its kind. */
    private static final Map<Kind, String> TOO_LARGE = Map.of(
            Kind.COUNT, "999999999",
            Kind.SIZE, "2000000TB",
            Kind.DURATION, "36500d",
            Kind.DURATIONS, "1h,36500d");

    @TempDir
    Path directory;

    @Test
    void environmentWinsOverFileAndCommandLineOverBoth() throws Exception {
        Path file = file("caravan.s3.bucket=a\ncaravan.s3.prefix=a\ncaravan.s3.region=a");
        Properties system = new Properties();
        system.setProperty("caravan.s3.region", "c");

        Settings settings = new SettingsLoader(
                        Map.of("CARAVAN_S3_PREFIX", "b", "CARAVAN_S3_REGION", "b", "PATH", "/bin"), system)
                .load(file);

        assertThat(List.of(
                        settings.text("caravan.s3.bucket"),
                        settings.text("caravan.s3.prefix"),
                        settings.text("caravan.s3.region")))
                .containsExactly("a", "b", "c");
    }

    @ParameterizedTest
    @CsvSource({
        "caravan.s3.buckett, caravan.s3.bucket",
        "caravan.upload.paralellism, caravan.upload.parallelism",
        "caravan.database.polkadot.rpcurl, caravan.database.polkadot.rpc-url",
        "carvan.s3.bucket, caravan.s3.bucket",
        "caravan.warm.region.tokyo.vai, caravan.warm.region.tokyo.via",
        "caravan.signing-key, caravan.signing.key",
    })
    void unknownSettingStopsTheStartAndNamesTheNearestRightOne(String typo, String right) throws Exception {
        Path file = file("caravan.databases=polkadot\n\n# a comment\n" + typo + "=x");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("unknown setting " + typo)
                .hasMessageContaining("line 4")
                .satisfies(failure ->
                        assertThat(((CaravanException) failure).hint()).contains(right));
    }

    @Test
    void unknownVariableStopsTheStartAndNamesTheNearestRightOne() {
        assertThatThrownBy(() -> new SettingsLoader(Map.of("CARAVAN_S3_BUKET", "x"), new Properties()).load())
                .isInstanceOf(WrongUsageException.class)
                .hasMessage("unknown setting CARAVAN_S3_BUKET in the environment")
                .satisfies(failure ->
                        assertThat(((CaravanException) failure).hint()).isEqualTo("did you mean CARAVAN_S3_BUCKET?"));
    }

    @ParameterizedTest
    @CsvSource({
        "CARAVAN_DATABASE_KUSAMA_PRUNED_RPC_URL, 'caravan.databases lists no kusama-pruned; add it there'",
        "CARAVAN_WARM_REGION_MARS_VIA, 'caravan.warm.regions lists no mars; add it there'",
        "CARAVAN_DATABASE_POLKADOT_RPC_ULR, 'did you mean CARAVAN_DATABASE_POLKADOT_RPC_URL?'",
    })
    void variableOfADatabaseOrRegionThatIsNotListedSaysWhereToListIt(String variable, String hint) {
        assertThatThrownBy(() -> new SettingsLoader(
                                Map.of("CARAVAN_DATABASES", "polkadot", variable, "x"), new Properties())
                        .load())
                .isInstanceOf(WrongUsageException.class)
                .satisfies(failure ->
                        assertThat(((CaravanException) failure).hint()).isEqualTo(hint));
    }

    @Test
    void variableOfADatabaseIsFoundByTheDatabasesName() throws Exception {
        Settings settings = new SettingsLoader(
                        Map.of(
                                "CARAVAN_DATABASES", "dot-archive",
                                "CARAVAN_DATABASE_DOT_ARCHIVE_DIRECTORY", "/var/lib/dot"),
                        new Properties())
                .load();

        assertThat(settings.text("caravan.database.dot-archive.directory")).isEqualTo("/var/lib/dot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"schedule=0 3 * * *", "schedule=every night", "drill-schedule=0 0 3 * * *"})
    void scheduleThatIsNoneIsToldByItsNameAndHowOneLooks(String setting) throws Exception {
        Path file = file("caravan.databases=polkadot\ncaravan.database.polkadot." + setting);

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.database.polkadot." + setting.replaceFirst("=.*", ""))
                .hasMessageContaining("the first is seconds");
    }

    @Test
    void settingOfADatabaseThatIsNotListedIsRefused() throws Exception {
        Path file = file("caravan.databases=polkadot\ncaravan.database.kusama.directory=/x");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("not in caravan.databases");
    }

    @Test
    void variableOfARegionIsFoundByTheRegionsName() throws Exception {
        Settings settings = new SettingsLoader(
                        Map.of(
                                "CARAVAN_WARM_REGIONS", "eu-central-1, sa-east-1",
                                "CARAVAN_WARM_REGION_SA_EAST_1_VIA", "direct"),
                        new Properties())
                .load();

        assertThat(settings.text("caravan.warm.region.sa-east-1.via")).isEqualTo("direct");
    }

    @Test
    void settingOfARegionThatIsNotListedIsRefused() throws Exception {
        Path file = file("caravan.warm.regions=eu-central-1\ncaravan.warm.region.eu-west-1.via=direct");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("not in caravan.warm.regions");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "caravan.read.max-rate=fast",
                "caravan.read.max-rate=50MB",
                "caravan.upload.parallelism=-1",
                "caravan.upload.parallelism=many",
                "caravan.http.port=65536",
                "caravan.stage.free-space-floor=1 gigabyte",
                "caravan.retry.delay=5",
                "caravan.retain.promise=1w",
                "caravan.s3.endpoint=localhost:9000",
                "caravan.s3.endpoint=http://user:secret@localhost",
                "caravan.s3.path-style=yes",
                "caravan.s3.single-writer=1",
                "caravan.databases=Polkadot",
                "caravan.databases=chunks",
                "caravan.databases=../x",
            })
    void valueOfTheWrongFormIsRefusedWithItsPlace(String line) throws Exception {
        Path file = file("\n" + line);
        String key = line.substring(0, line.indexOf('='));

        assertThatThrownBy(() -> load(file).databases())
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("line 2");
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void numberOutsideItsRangeIsRefusedWithTheKeyTheValueAndTheRange(KnownSetting setting) throws Exception {
        Range range = setting.range().orElseThrow();
        List<String> outside = new ArrayList<>(List.of(TOO_LARGE.get(setting.kind())));
        outside.remove(range.most());
        if (!range.orZero()) {
            outside.add(setting.kind() == Kind.COUNT || setting.kind() == Kind.SIZE ? "0" : "0s");
        }

        for (String value : outside) {
            assertThatThrownBy(() -> load(file(lineOf(setting, value))))
                    .isInstanceOf(WrongUsageException.class)
                    .hasMessageContaining(setting.keyFor("demo"))
                    .hasMessageContaining("\"" + value + "\"")
                    .hasMessageContaining(range.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void endsOfARangeAreInIt(KnownSetting setting) throws Exception {
        Range range = setting.range().orElseThrow();

        for (String value : List.of(range.least(), range.most())) {
            assertThat(load(file(lineOf(setting, value))).text(setting.keyFor("demo")))
                    .isEqualTo(value);
        }
    }

    static Stream<KnownSetting> numbers() {
        return KnownSettings.ALL.stream().filter(setting -> setting.range().isPresent());
    }

    /** With a longest pause that suits every first one, and the other way round. */
    private static String lineOf(KnownSetting setting, String value) {
        String line = "caravan.databases=demo\n" + setting.keyFor("demo") + "=" + value;
        if (setting.name().endsWith("retry.delay")) {
            return line + "\n"
                    + setting.name().replace(".delay", ".max-delay=1h").replace("node.", "");
        }
        return setting.name().endsWith("retry.max-delay")
                ? line + "\n" + setting.name().replace(".max-delay", ".delay=1ms")
                : line;
    }

    @ParameterizedTest
    @CsvSource({"caravan.retry.delay=60s", "caravan.retry.max-delay=1ms", "caravan.cdn.retry.delay=1h"})
    void firstPauseAboveTheLongestIsRefused(String line) throws Exception {
        assertThatThrownBy(() -> load(file(line)))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageStartingWith(line.substring(0, line.indexOf('=')))
                .hasMessageContaining("the first pause is at most the longest");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "caravan.databases=dot,ksm,dot                 | names dot twice",
                "caravan.warm.regions=tokyo,tokyo              | names tokyo twice",
                "caravan.database.dot.rpc-url=ws://node:9944   | begins with http:// or https://",
                "caravan.public-url=ftp://example.com/x        | begins with http:// or https://",
                "caravan.database.dot.directory=chains/dot     | absolute path",
                "caravan.database.dot.stage-directory=stage    | absolute path",
                "caravan.database.dot.snapshot-directory=snap  | absolute path",
                "caravan.database.dot.schedule=0 0 0 30 2 ?    | no time to come",
                "caravan.database.dot.drill-schedule=0 0 3 1 1 ? 2011 | no time to come",
            })
    void valueThatCannotBeMeantIsRefused(String line, String reason) throws Exception {
        Path file = file((line.startsWith("caravan.databases") ? "" : "caravan.databases=dot\n") + line);

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageStartingWith(line.substring(0, line.indexOf('=')))
                .hasMessageContaining(reason);
    }

    @Test
    void keyThatStandsTwiceIsRefused() throws Exception {
        Path file = file("caravan.s3.bucket=a\ncaravan.s3.bucket=b");

        assertThatThrownBy(() -> load(file)).hasMessageContaining("caravan.s3.bucket stands twice");
    }

    @Test
    void secretInTheFileIsRefusedWithoutBeingShown() throws Exception {
        Path file = file("caravan.s3.secret-key=hunter2");

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("a secret does not stand in this file")
                .satisfies(failure -> assertThat(failure + ((CaravanException) failure).hint())
                        .doesNotContain("hunter2"));
    }

    @Test
    void secretIsReadFromTheFileThatIsNamed() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "hunter2\n");

        assertThat(load(file("caravan.s3.secret-key=file:" + secret)).secret("caravan.s3.secret-key"))
                .isEqualTo("hunter2");
    }

    @Test
    void noSecretIsAmongThePlaceholdersOfRoutes() throws Exception {
        Settings settings = new SettingsLoader(Map.of("CARAVAN_S3_SECRET_KEY", "hunter2"), new Properties()).load();

        assertThat(settings.placeholders().toString()).doesNotContain("hunter2").contains("caravan.s3.region");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "1KB, 1000",
        "1KiB, 1024",
        "1.5GB, 1500000000",
        "64 MiB, 67108864",
        "2TiB, 2199023255552"
    })
    void sizesAreBytesWithDecimalAndBinaryUnits(String text, long bytes) {
        assertThat(Units.size(text)).isEqualTo(bytes);
    }

    @Test
    void durationsHaveOneUnit() {
        assertThat(List.of(Units.duration("500ms"), Units.duration("14d")))
                .containsExactly(Duration.ofMillis(500), Duration.ofDays(14));
    }

    @Test
    void fileWithByteOrderMarkAndWindowsLineEndsIsRead() throws Exception {
        Path file = directory.resolve("windows.properties");
        Files.write(file, "\uFEFFcaravan.s3.bucket=a\r\ncaravan.s3.prefix=b\r\n".getBytes(StandardCharsets.UTF_8));

        assertThat(load(file).text("caravan.s3.prefix")).isEqualTo("b");
    }

    @Test
    void shippedFileExplainsEverySettingWithItsDefaultAndNoOther() throws Exception {
        String text = Files.readString(Path.of("config/application.properties"));
        Matcher matcher =
                Pattern.compile("(?m)^#?(caravan\\.[a-zA-Z0-9.-]+)=(.*)$").matcher(text);
        TreeSet<String> shipped = new TreeSet<>();
        while (matcher.find()) {
            shipped.add(matcher.group(1).replace(".NAME.", ".<name>.").replace(".REGION.", ".<region>.") + "="
                    + matcher.group(2));
        }
        TreeSet<String> known = new TreeSet<>();
        for (KnownSetting setting : KnownSettings.ALL) {
            known.add(setting.name() + "=" + setting.fallback());
        }

        assertThat(shipped).isEqualTo(known);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("application.properties"), text);
    }

    private static Settings load(Path file) throws WrongUsageException {
        return new SettingsLoader(Map.of(), new Properties()).load(file);
    }
}
