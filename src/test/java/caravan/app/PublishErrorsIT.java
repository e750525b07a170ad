package caravan.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.locals3.LocalS3;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a user reads who typed {@code caravan publish} when something is wrong: one line, a hint, and a status. */
@Timeout(120)
final class PublishErrorsIT {

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static SampleDatabase original;

    private final Installed caravan = Installed.here();

    private Path home;

    private SampleDatabase database;

    private Publisher publisher;

    @BeforeAll
    static void startServer() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        original = SampleDatabase.fill(directory.resolve("original"), "1MB");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        String name = test.getTestMethod().orElseThrow().getName();
        home = directory.resolve(name);
        database = original.copyTo(home.resolve("node"));
        publisher = new Publisher(home.resolve("publisher"), database, server.endpoint(), name);
    }

    @Test
    void directoryThatIsMissing() throws Exception {
        Path missing = home.resolve("nowhere");
        publisher.set("caravan.database.demo.directory", missing.toString());
        publish().requireFailure(4, missing.toString(), "directory");
    }

    @Test
    void directoryThatIsEmpty() throws Exception {
        Path empty = Files.createDirectories(home.resolve("empty"));
        publisher.set("caravan.database.demo.directory", empty.toString());
        publish().requireFailure(4, empty.toString(), "caravan.database.demo.directory");
    }

    @Test
    void directoryThatHoldsSomethingElse() throws Exception {
        Path foreign = home.resolve("foreign");
        Files.createDirectories(foreign.resolve("db/full"));
        Files.writeString(foreign.resolve("db/full/data.mdb"), "not a database of ours");
        publisher.set("caravan.database.demo.directory", foreign.toString());
        publish().requireFailure(4, foreign + " holds no database", "caravan.database.demo.directory");
    }

    @Test
    void noServerAtTheEndpoint() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        publisher.set("caravan.s3.endpoint", "http://127.0.0.1:" + port);
        long begin = System.nanoTime();
        publish().requireFailure(75, "127.0.0.1:" + port, "caravan.s3.endpoint");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void credentialsThatAreWrong() throws Exception {
        publisher.set("caravan.s3.secret-key", "not-the-secret");
        publish().requireFailure(2, "SignatureDoesNotMatch", "caravan.s3.secret-key");
    }

    @Test
    void bucketThatDoesNotExist() throws Exception {
        publisher.set("caravan.s3.bucket", "snapshoots");
        publish().requireFailure(2, "NoSuchBucket", "caravan.s3.bucket");
    }

    @Test
    void bucketThatDoesNotExistIsFoundByCheck() throws Exception {
        publisher.set("caravan.s3.bucket", "snapshoots");
        Installed.Outcome outcome = caravan.run(publisher.environment(), "check");
        outcome.requireFailure(2, "NoSuchBucket", "caravan.s3.bucket");
        assertThat(outcome.out()).contains("routes    ok").doesNotContain("bucket    ok");
    }

    @Test
    void everyFaultOfTheRoutesIsListedByCheck() throws Exception {
        Installed changed = caravan.copyTo(home.resolve("installation"));
        Path routes = changed.home().resolve("routes/40-publish.camel.yaml");
        Files.writeString(
                routes,
                Files.readString(routes)
                        .replace("id: put-record\n", "id: put-record\n            disabled: true\n")
                        .replace("method: putManifest", "method: announce"));
        Installed.Outcome outcome = changed.run(publisher.environment(), "check");
        outcome.requireFailure(2, "put-manifest", "caravan check lists every fault");
        assertThat(outcome.err()).contains("(and 1 more)");
        assertThat(outcome.out())
                .containsPattern("routes    WRONG  route publish-snapshot .*40-publish.camel.yaml line .*put-manifest")
                .containsPattern("routes    WRONG  route publish-snapshot .*40-publish.camel.yaml line .*put-record");
        publishWith(changed).requireFailure(2, "put-manifest", "caravan check");
    }

    @Test
    void bucketThatIsNotSet() throws Exception {
        publisher.environment().remove("CARAVAN_S3_BUCKET");
        publish().requireFailure(2, "caravan.s3.bucket", "CARAVAN_S3_BUCKET");
    }

    @Test
    void unknownSettingInTheEnvironment() throws Exception {
        publisher.environment().put("CARAVAN_S3_BUKET", "x");
        publish().requireFailure(2, "CARAVAN_S3_BUKET", "CARAVAN_S3_BUCKET");
    }

    @Test
    void unknownSettingInTheFile() throws Exception {
        Path file = home.resolve("my.properties");
        Files.writeString(file, "# mine\ncaravan.upload.paralelism=4\n");
        publisher.environment().put("CARAVAN_CONFIG", file.toString());
        publish().requireFailure(2, file + " line 2", "caravan.upload.parallelism");
    }

    @Test
    void routeFileThatIsBroken() throws Exception {
        Installed changed = caravan.copyTo(home.resolve("installation"));
        Path file = changed.home().resolve("routes/30-upload.camel.yaml");
        String text = Files.readString(file, UTF_8);
        Files.writeString(file, text.replaceFirst("- setVariable:", "- setVarible:"), UTF_8);
        long line = text.substring(0, text.indexOf("- setVariable:")).lines().count();
        Installed.Outcome outcome = changed.run(publisher.environment(), "publish");
        outcome.requireFailure(2, "30-upload.camel.yaml", "caravan check");
        assertThat(outcome.said().get(0)).contains("line " + line).contains("setVarible");
    }

    @Test
    void signingKeyThatIsMissing() throws Exception {
        publisher.set("caravan.signing.key", home.resolve("no.key").toString());
        publish().requireFailure(2, home.resolve("no.key").toString(), "keygen");
    }

    @Test
    void signingKeyThatIsNotSet() throws Exception {
        publisher.environment().remove("CARAVAN_SIGNING_KEY");
        publish().requireFailure(2, "caravan.signing.key", "");
    }

    @Test
    void signingKeyThatOthersCanRead() throws Exception {
        Path key = home.resolve("publisher/signing.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        publish().requireFailure(2, key.toString(), "chmod 600");
    }

    @Test
    void databaseThatIsNotConfigured() throws Exception {
        caravan.run(publisher.environment(), "publish", "dmeo").requireFailure(2, "dmeo", "demo");
    }

    @Test
    void wordThatIsNoCommand() throws Exception {
        caravan.run(publisher.environment(), "publsh").requireFailure(2, "publsh", "--help");
    }

    @Test
    void secondPublicationOfTheSameDatabase() throws Exception {
        Map<String, String> slow = new TreeMap<>(publisher.environment());
        slow.put("CARAVAN_UPLOAD_MAX_RATE", "20KB/s");
        Installed.Running first = caravan.start(slow, "publish");
        try {
            Path chunks = directory
                    .resolve("s3")
                    .resolve(Publisher.BUCKET)
                    .resolve(home.getFileName())
                    .resolve("chunks");
            await().atMost(Duration.ofSeconds(60))
                    .failFast(() -> !first.process().isAlive())
                    .until(() -> Files.exists(chunks));
            publish().requireFailure(4, "another publication of it is under way", "wait");
            assertThat(first.process().isAlive()).isTrue();
        } finally {
            first.process().destroyForcibly().waitFor();
        }
        publish().requireSuccess();
    }

    @Test
    void diskOfTheStateDirectoryThatIsFull() throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0,
                "this user may not mount a small file system in a namespace of its own");
        Path state = Files.createDirectories(publisher.state());
        caravan.runInShell(
                        publisher.environment(),
                        "mount -t tmpfs -o size=12k tmpfs '" + state + "' && exec \"$@\"",
                        "publish")
                .requireFailure(1, state.toString(), "space");
        publish().requireSuccess();
    }

    @Test
    void diskOfTheDatabaseThatIsFullWhileItIsCaptured() throws Exception {
        assumeTrue(
                new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0,
                "this user may not mount a small file system in a namespace of its own");
        Path small = Files.createDirectories(home.resolve("small"));
        Path node = home.resolve("node");
        publisher
                .set(
                        "caravan.database.demo.directory",
                        small.resolve(node.relativize(database.root())).toString())
                .set("caravan.stage.free-space-floor", "0");
        caravan.runInShell(
                        publisher.environment(),
                        "mount -t tmpfs -o size=64m tmpfs '" + small + "' && cp -a '" + node + "/.' '" + small
                                + "' && { cat /dev/zero > '" + small + "/filling' 2>/dev/null; truncate -s -16k '"
                                + small
                                + "/filling'; exec \"$@\"; }",
                        "publish")
                .requireFailure(1, "no space left", "free some space");
    }

    private Installed.Outcome publish() throws Exception {
        return publishWith(caravan);
    }

    private Installed.Outcome publishWith(Installed installed) throws Exception {
        return installed.run(publisher.environment(), "publish");
    }
}
