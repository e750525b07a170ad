package caravan.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.capture.MountIdentity;
import caravan.locals3.LocalS3;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code publish}, {@code check} and {@code keygen} as a user types them. */
@Timeout(120)
final class PublishCommandIT {

    private static final String CANARY = "canary-5f1d0e6c4b";

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private LocalS3 server;

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, CANARY + "-access", CANARY + "-secret");
        database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "")
                .set("caravan.s3.access-key", CANARY + "-access")
                .set("caravan.s3.secret-key", CANARY + "-secret");
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void publishSaysWhatItDidInOneLine() throws Exception {
        Installed.Outcome first = publish().requireSuccess();
        assertThat(first.out().lines()).singleElement().asString().startsWith("published demo 20");
        Installed.Outcome second =
                caravan.run(publisher.environment(), "publish", "demo").requireSuccess();
        assertThat(second.out()).contains(" 0 chunks sent (0 bytes)");
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(2);
    }

    @Test
    void machineSeesHowFarALongPublicationIs() throws Exception {
        publisher.set("caravan.upload.max-rate", "500KB/s");
        Installed.Outcome outcome =
                caravan.run(publisher.environment(), "publish", "--json").requireSuccess();
        List<JsonNode> events = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            events.add(new ObjectMapper().readTree(line));
        }
        List<Long> done = events.stream()
                .filter(event -> event.get("event").textValue().equals("progress"))
                .filter(event -> event.get("phase").textValue().equals("upload"))
                .map(event -> event.get("bytesDone").longValue())
                .toList();
        assertThat(done).hasSizeGreaterThan(1).isSorted();
        assertThat(done.get(0)).isLessThan(done.get(done.size() - 1));
        assertThat(events.get(events.size() - 1).get("event").textValue()).isEqualTo("published");
    }

    @Test
    void latestAndRecordAreVerifiedByOpenSsh() throws Exception {
        publish().requireSuccess();
        String record = bucket.latest().orElseThrow().pointer().record().path();
        assertThat(verifiedBySshKeygen("demo/latest", "caravan-pointer")).isZero();
        assertThat(verifiedBySshKeygen("demo/" + record, "caravan-record")).isZero();
        assertThat(verifiedBySshKeygen("demo/" + record, "caravan-pointer")).isNotZero();
    }

    @Test
    void secretsAreInNoOutputAndNoFile() throws Exception {
        publisher.environment().put("CARAVAN_LOG_LEVEL", "DEBUG");
        assertNoCanary(publish().requireSuccess());
        publisher.set("caravan.retry.attempts", "1");
        server.close();
        Installed.Outcome unreachable = publish();
        assertThat(unreachable.status()).isEqualTo(75);
        assertNoCanary(unreachable);
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, "other", "other");
        Installed.Outcome refused = caravan.run(withEndpoint(server.endpoint().toString()), "publish");
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).doesNotContain(CANARY + "-secret");
        assertNoCanaryIn(publisher.state());
        assertNoCanaryIn(bucket.fileOf("demo"));
        assertNoCanaryIn(bucket.fileOf("_control"));
    }

    @Test
    void secretMayComeFromAFile() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), CANARY + "-secret\n");
        publisher.set("caravan.s3.secret-key", "file:" + secret);
        publish().requireSuccess();
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void checkLooksAtEverythingAndChangesNothing() throws Exception {
        List<String> before = database.fingerprint();
        Installed.Outcome outcome =
                caravan.run(publisher.environment(), "check").requireSuccess();
        assertThat(outcome.out()).contains("settings  ok", "keys      ok", "routes    ok", "bucket    ok");
        assertThat(outcome.out()).contains("demo");
        assertThat(bucket.names()).isEmpty();
        assertThat(database.fingerprint()).isEqualTo(before);
        assertThat(database.stage()).doesNotExist();
    }

    @Test
    void doctorFindsNothingWrongAndThenSaysWhatIsAndChangesNothing() throws Exception {
        publisher.set("caravan.public-url", server.publicUrl().toString());
        List<String> before = database.fingerprint();

        Installed.Outcome well = caravan.run(publisher.environment(), "doctor").requireSuccess();
        publisher.set("caravan.stage.free-space-floor", "1000TB");
        Installed.Outcome full = caravan.run(publisher.environment(), "doctor", "--offline");

        assertThat(well.out()).contains("java      ok", "routes    ok", "bucket    ok", "Nothing is wrong, and ");
        assertThat(full.out())
                .contains("disk      WRONG  demo: stage ", "HINT: free some space there", "1 thing is wrong");
        assertThat(full.status()).isEqualTo(4);
        assertThat(bucket.names()).isEmpty();
        assertThat(database.fingerprint()).isEqualTo(before);
        assertThat(publisher.state()).doesNotExist();
    }

    @Test
    void checkRefusesASourceOfAnotherChainThanWhatWasLastPublished() throws Exception {
        Path known = Files.createDirectories(publisher.state().resolve("publish/demo/published"))
                .resolve("source");
        String note = MountIdentity.of(database.root()).text() + "\n1000\n\t\tgenesis\t0xab\n\t\tchain\tPolkadot\n";
        Files.writeString(known, note);
        try (RunningSampleNode node = RunningSampleNode.start(directory.resolve("other"), Profile.DEMO)) {
            publisher.set("caravan.database.demo.rpc-url", node.rpcUrl().toString());

            caravan.run(publisher.environment(), "check")
                    .requireFailure(4, "of chain Polkadot (genesis 0xab)", "accept-changed-source=true");
        }
        assertThat(known).hasContent(note);
        assertThat(bucket.names()).isEmpty();
    }

    @Test
    void checkRefusesARouteThatWouldTouchTheDatabase() throws Exception {
        Installed changed = caravan.copyTo(directory.resolve("installation"));
        Files.writeString(changed.home().resolve("routes/95-mine.camel.yaml"), """
                - route:
                    id: mine
                    description: Looks at the database.
                    routeConfigurationId: fail-publication
                    from:
                      uri: file
                      parameters:
                        directoryName: %s
                      steps:
                        - log:
                            message: seen
                """.formatted(
                        database.root().resolve("db/full")));
        List<String> before = database.fingerprint();
        Installed.Outcome outcome = changed.run(publisher.environment(), "check");
        outcome.requireFailure(4, "95-mine.camel.yaml", "a route must never touch a node's files");
        changed.run(publisher.environment(), "publish").requireFailure(4, "95-mine.camel.yaml", "");
        assertThat(database.fingerprint()).isEqualTo(before);
    }

    @Test
    void keyPairIsOneThatOpenSshReads() throws Exception {
        assumeTrue(isInstalled("ssh-keygen"), "ssh-keygen is not installed");
        Path key = directory.resolve("new.key");
        Installed.Outcome made = caravan.run(Map.of(), "keygen", key.toString()).requireSuccess();
        String publicKey = Files.readString(directory.resolve("new.key.pub"), ISO_8859_1);
        assertThat(outputOf("ssh-keygen", "-y", "-f", key.toString())
                        .split(" ", -1)[1]
                        .strip())
                .isEqualTo(publicKey.split(" ", -1)[1].strip());
        String fingerprint = outputOf("ssh-keygen", "-l", "-f", key + ".pub").split(" ", -1)[1];
        assertThat(made.out()).contains(fingerprint);
        caravan.run(Map.of(), "keygen", key.toString()).requireFailure(2, key.toString(), "");
        publisher.set("caravan.signing.key", key.toString());
        publish().requireSuccess();
    }

    private Installed.Outcome publish() throws Exception {
        return caravan.run(publisher.environment(), "publish");
    }

    private Map<String, String> withEndpoint(String endpoint) {
        return publisher.set("caravan.s3.endpoint", endpoint).environment();
    }

    private int verifiedBySshKeygen(String name, String namespace) throws Exception {
        assumeTrue(isInstalled("ssh-keygen"), "ssh-keygen is not installed");
        String note = new String(bucket.read(name), ISO_8859_1);
        int end = note.indexOf('\n') + 1;
        Path line = Files.writeString(directory.resolve("line"), note.substring(0, end), ISO_8859_1);
        Path signature = Files.writeString(directory.resolve("signature"), note.substring(end), ISO_8859_1);
        String publicKey = Files.readString(directory.resolve("publisher/signing.key.pub"), ISO_8859_1);
        Path signers = Files.writeString(directory.resolve("signers"), "publisher " + publicKey, ISO_8859_1);
        return new ProcessBuilder(
                        "ssh-keygen",
                        "-Y",
                        "verify",
                        "-f",
                        signers.toString(),
                        "-I",
                        "publisher",
                        "-n",
                        namespace,
                        "-s",
                        signature.toString())
                .redirectInput(line.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("ssh-keygen.log").toFile())
                .start()
                .waitFor();
    }

    private static boolean isInstalled(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static String outputOf(String... command) throws Exception {
        Process process = new ProcessBuilder(command).start();
        String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    private static void assertNoCanary(Installed.Outcome outcome) {
        assertThat(outcome.out()).doesNotContain(CANARY);
        assertThat(outcome.err()).doesNotContain(CANARY);
    }

    private static void assertNoCanaryIn(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            List<Path> files = all.filter(Files::isRegularFile).toList();
            assertThat(files).isNotEmpty();
            for (Path file : files) {
                assertThat(new String(Files.readAllBytes(file), ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(CANARY);
            }
        }
    }
}
