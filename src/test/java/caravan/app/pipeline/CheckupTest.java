package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.doctor.Examination;
import caravan.doctor.Finding;
import caravan.doctor.Told;
import caravan.publish.Refusals;
import caravan.snapshot.SnapshotId;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each thing that can be wrong with an installation is found, and said with what to do about it. */
@Timeout(60)
final class CheckupTest {

    private static final Clock NOW = Clock.systemUTC();

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private final List<AutoCloseable> opened = new ArrayList<>();

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        publisher = site.publisher();
        publisher.set("caravan.public-url", site.server().publicUrl() + "/" + site.prefix());
        bucket = site.bucketOf(publisher);
    }

    @AfterEach
    void tearDown() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void everySettingThatIsWrongIsSaidAndTheMachineIsLookedAtAllTheSame() throws Exception {
        publisher.set("caravan.upload.parallelism", "many").set("caravan.http.port", "99999");

        all().wrong(
                        2,
                        "caravan.upload.parallelism (CARAVAN_UPLOAD_PARALLELISM in the environment) is \"many\"",
                        "explains")
                .wrong(2, "caravan.http.port", "explains")
                .wrongInAll(2)
                .ok("Java 1");
    }

    @Test
    void partsThatTheSettingsDoNotAllowKeepTheOthersFromNothing() throws Exception {
        publisher.publish();
        Files.writeString(
                site.home().resolve("trusted.pub"), Files.readString(site.home().resolve("publisher/signing.key.pub")));
        publisher
                .set("caravan.trusted-keys", site.home().resolve("trusted.pub").toString())
                .set("caravan.signing.key", "/nowhere/signing.key")
                .set("caravan.cdn", "cloudfront")
                .set("caravan.alert.email.to", "ops@example.org")
                .set("caravan.warm.regions", "mars");

        all().wrong(2, "/nowhere/signing.key", "")
                .wrong(2, "caravan.cloudfront.distribution-id is not set", "CARAVAN_CLOUDFRONT_DISTRIBUTION_ID")
                .wrong(2, "caravan.alert.email.to", "")
                .wrong(2, "caravan.warm.region.mars.via is not set", "CARAVAN_WARM_REGION_MARS_VIA")
                .wrongInAll(4)
                .ok("record and lists are there")
                .ok("is what the bucket has: sequence 1");
    }

    @Test
    void withoutABucketItIsSaidAndTheDatabaseIsLookedAt() throws Exception {
        publisher.leave("caravan.s3.bucket");

        all().wrong(2, "caravan.s3.bucket is not set", "CARAVAN_S3_BUCKET")
                .ok("no capture is under way, and none was left");
    }

    @Test
    void anInstallationWithoutDatabasesIsAClientsAndHasNothingOfAPublisher() throws Exception {
        publisher.environment().keySet().removeIf(name -> !name.equals("CARAVAN_STATE_DIRECTORY"));

        Told told = all().ok("those of a client").wrongInAll(0);

        assertThat(told.diagnosis().findings())
                .extracting(Finding::subject)
                .containsOnly("java", "machine", "settings", "state", "disk");
    }

    @Test
    void aRouteThatIsWrongIsNamedWithItsFile() throws Exception {
        Path home = site.home().resolve("installed");
        Files.createDirectories(home.resolve("routes"));
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, home.resolve("routes").resolve(file.getFileName()));
            }
        }
        Path edited = home.resolve("routes/50-edge.camel.yaml");
        Files.writeString(edited, Files.readString(edited).replaceFirst("    description: .*\n", ""));
        Files.createSymbolicLink(home.resolve("config"), Path.of("config").toAbsolutePath());
        publisher.from(home);

        of(Told.by(examinations(new Installation(home, publisher.environment()), NOW, Optional.empty(), "routes")))
                .wrong(2, "50-edge.camel.yaml", "correct that file")
                .wrongInAll(1);
    }

    @Test
    void aStateDirectoryThatOthersCanWriteIsWrong() throws Exception {
        Files.createDirectories(publisher.state());
        Files.setPosixFilePermissions(publisher.state(), PosixFilePermissions.fromString("rwxrwx---"));

        look("state").wrong(4, "can be written by others", "chmod 700 " + publisher.state());
    }

    @Test
    void tooLittleSpaceForACaptureIsWrong() throws Exception {
        publisher.set("caravan.stage.free-space-floor", "1000TB");

        look("disk")
                .wrong(4, "are free, less than the ", "caravan.database.demo.stage-directory")
                .wrongInAll(1);
    }

    @Test
    void aScheduleWithoutADaemonIsWrong() throws Exception {
        publisher
                .set("caravan.database.demo.schedule", "0 0 3 * * ?")
                .set("caravan.database.demo.quiet", "5m")
                .set("caravan.database.demo.drill-schedule", "0 0 4 * * ?")
                .set("caravan.retain.schedule", "0 0 5 * * ?");

        look("daemon")
                .wrong(
                        1,
                        "so nobody does this: publish demo on its schedule; publish demo when it is quiet; drill demo; delete"
                                + " what nobody is promised",
                        "start it: systemctl start caravan");
    }

    @Test
    void aDaemonThatSaysItIsNotReadyIsWrong() throws Exception {
        HttpServer health = server(
                503,
                "application/json",
                "{\"status\":\"DOWN\",\"checks\":[{\"name\":\"store\",\"status\":\"DOWN\",\"data\":{\"message\":"
                        + "\"the last call to the store failed\"}},{\"name\":\"alerts\",\"status\":\"UP\"}]}");
        publisher.set("caravan.http.port", Integer.toString(health.getAddress().getPort()));
        hold(publisher.state().resolve("daemon.lock"));

        look("daemon")
                .ok("caravan run is at work: process ")
                .wrong(1, "not ready: store: the last call to the store failed", "its log has each failure")
                .wrongInAll(1);
    }

    @Test
    void aDaemonThatDoesNotAnswerIsWrong() throws Exception {
        publisher.set("caravan.http.port", "1");
        hold(publisher.state().resolve("daemon.lock"));

        look("daemon").wrong(1, "does not answer at http://127.0.0.1:1/", "jstack");
    }

    @Test
    void aTriggerThatIsMisspeltAndOneThatNobodyTakesAreWrong() throws Exception {
        Path triggers = Files.createDirectories(publisher.state().resolve("trigger"));
        Files.createFile(triggers.resolve("demmo"));
        Files.createFile(triggers.resolve("demo"));

        look("triggers")
                .wrong(1, triggers.resolve("demmo") + " asks for nothing", "did you mean " + triggers.resolve("demo"))
                .wrong(
                        1,
                        triggers.resolve("demo") + " waits for 0 s, and no caravan run is there",
                        "caravan publish demo")
                .wrongInAll(2);
    }

    @Test
    void troublesThatGoOnAndAlertsThatNobodyTookAreWrong() throws Exception {
        publisher.set("caravan.alert.slack.webhook", "http://127.0.0.1:1/services/T0/B0/the-secret");
        Instant since = NOW.instant().minus(Duration.ofHours(3));
        new Alerts(publisher.state(), List.of("slack"), Duration.ofDays(1), Duration.ofDays(3), NOW)
                .take(new Alert(
                        "publication-failed",
                        Severity.ERROR,
                        Alert.Lasts.UNTIL_A_RUN_WITHOUT_IT,
                        "demo",
                        "",
                        "store a chunk: the disk is full",
                        "free some space",
                        "run-1",
                        since));

        Told told = look("alerts")
                .wrong(1, "publication-failed of demo, since " + since, "free some space")
                .wrong(1, "1 alerts wait for slack, the oldest for 3 h", "its log says what slack answers")
                .wrong(1, "the server at 127.0.0.1 port 1 cannot be reached", "firewall")
                .wrongInAll(3);

        assertThat(told.diagnosis().toString()).doesNotContain("the-secret");
    }

    @Test
    void withoutAChannelNobodyIsToldAndThatIsWorthToKnow() throws Exception {
        look("alerts")
                .note("nobody is told when something goes wrong", "caravan.alert.slack.webhook")
                .wrongInAll(0);
    }

    @Test
    void aMailServerIsAskedForItsGreetingAndSentNothing() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        opened.add(server);
        Thread answering = new Thread(() -> greet(server, "220 mail.example.org ready\r\n"));
        answering.start();
        mailTo(server.getLocalPort());

        look("alerts")
                .ok("127.0.0.1 port " + server.getLocalPort() + " answers")
                .wrongInAll(0);
    }

    @Test
    void aServerThatDoesNotGreetAsOneForMailIsWrong() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        opened.add(server);
        new Thread(() -> greet(server, "554 no service\r\n")).start();
        mailTo(server.getLocalPort());

        look("alerts").wrong(1, "it greets with 554 no service", "caravan.alert.*");
    }

    @Test
    void aNodeThatWasStoppedIsWrongAndTheWayToLetItGoOnIsSaid() throws Exception {
        Process node = hold(site.database().root().resolve("db/full/LOCK"));
        look("node").ok("process " + node.pid() + " has the database open and runs");

        signal("-STOP", node);

        look("node")
                .wrong(1, "the node stands still: process " + node.pid(), "let it go on: kill -CONT " + node.pid())
                .wrongInAll(1);
        signal("-CONT", node);
        look("node").onlyOk();
    }

    @Test
    void aNodeThatAWatchdogBringsBackIsWrongOnlyIfItsCaptureIsGone() throws Exception {
        Path log = publisher.state().resolve("capture/demo-watchdog.log");
        Files.createDirectories(log.getParent());
        Process watchdog = new ProcessBuilder("sh", "-c", "read line", "caravan-watchdog")
                .redirectError(log.toFile())
                .start();
        opened.add(() -> watchdog.destroyForcibly().waitFor());
        look("node")
                .note("a capture is under way, and watchdog " + watchdog.pid(), "nothing")
                .wrongInAll(0);
        Process node = hold(site.database().root().resolve("db/full/LOCK"));
        signal("-STOP", node);
        look("node")
                .note("watchdog " + watchdog.pid() + " lets it go on", "nothing")
                .wrongInAll(0);

        node.destroyForcibly().waitFor();
        watchdog.destroyForcibly().waitFor();
        long alone = watchdogWithoutParent(log);

        look("node").wrong(1, "watchdog " + alone + " still tries to start it", "start it by hand; " + log);
    }

    /** One whose parent has ended. */
    private long watchdogWithoutParent(Path log) throws Exception {
        Process parent = new ProcessBuilder(
                        "sh",
                        "-c",
                        "setsid sh -c 'sleep 60; :' caravan-watchdog 2>\"$0\" </dev/null >/dev/null & echo $!",
                        log.toString())
                .start();
        long pid = Long.parseLong(parent.inputReader().readLine());
        parent.waitFor();
        ProcessHandle orphan = ProcessHandle.of(pid).orElseThrow();
        opened.add(() -> {
            orphan.descendants().forEach(ProcessHandle::destroyForcibly);
            orphan.destroyForcibly();
        });
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        orphan.info().arguments().stream().flatMap(Stream::of).anyMatch("caravan-watchdog"::equals)
                                && orphan.descendants().findAny().isPresent());
        return pid;
    }

    @Test
    void aNodeThatIsStillSyncingMayPassAndOneThatIsNoneIsWrong() throws Exception {
        HttpServer node = server(
                200,
                "application/json",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"isSyncing\":true,\"peers\":3,\"shouldHavePeers\":true}}");
        publisher.set(
                "caravan.database.demo.rpc-url",
                "http://127.0.0.1:" + node.getAddress().getPort());
        look("node").wrong(75, "it is still syncing", "publish when it has caught up");

        publisher.set("caravan.database.demo.rpc-url", "http://127.0.0.1:1");
        look("node")
                .wrong(1, "it does not answer", "the rpc-url must be the JSON-RPC port")
                .note("nobody who can be seen from here has the database open", "start it");
    }

    @Test
    void whatCannotBeCapturedIsSaidAsCheckSaysIt() throws Exception {
        publisher.set("caravan.database.demo.stage-directory", "/proc/stage");

        look("capture").wrong(4, "/proc/stage", "").wrongInAll(1);
    }

    @Test
    void filesOfTheNodeThatSomebodyElseKeepsAreWorthToKnow() throws Exception {
        look("capture").onlyOk();
        Path current = site.database().root().resolve("db/full/CURRENT");
        Files.createLink(site.home().resolve("checkpoint-CURRENT"), current);

        look("capture")
                .note("1 files in " + current.getParent(), "find / -xdev -samefile " + current)
                .wrongInAll(0);
    }

    @Test
    void aStageOfAKilledCaptureIsWorthToKnowAndOneInUseIsWell() throws Exception {
        Path stage = Files.createDirectories(site.database().stage());
        Files.writeString(stage.resolve(".caravan-stage"), "caravan stage of demo\n");
        Path copy = Files.createDirectory(stage.resolve("store-0-0123abcd"));
        Files.write(copy.resolve("000001.sst"), new byte[2048]);
        look("stage")
                .note("left 1 files in " + stage + ", which keep 2.0 KiB", "caravan publish demo")
                .wrongInAll(0);

        hold(stage.resolve("lock-of-somebody"));
        look("stage").ok("a capture is under way in " + stage).onlyOk();
    }

    @Test
    void aStageThatHoldsSomethingElseIsWrong() throws Exception {
        Files.createDirectories(site.database().stage());
        Files.createFile(site.database().stage().resolve("notes.txt"));

        look("stage").wrong(4, "holds something that no capture put there", "caravan.database.demo.stage-directory");
    }

    @Test
    void aPublicationThatWasKilledAndSnapshotsThatWereRefusedAreWorthToKnow() throws Exception {
        publisher.publish();
        Path state = publisher.state().resolve("publish/demo");
        Files.writeString(
                state.resolve("session"),
                "{\"format\":\"caravan-session-1\",\"runId\":\"run-7\",\"database\":\"demo\",\"startedAt\":"
                        + "\"2026-01-01T00:00:00Z\",\"expiresAt\":\"2026-01-05T00:00:00Z\",\"ended\":false}\n");
        new Refusals(publisher.state(), NOW)
                .doubt(PublishedBucket.DATABASE, SnapshotId.parse("20260101T000000Z-5"), "a table is damaged");

        look("history")
                .ok("last published from here: ")
                .note(
                        "publication run-7, which began at 2026-01-01T00:00:00Z, did not end its session",
                        "caravan publish demo")
                .note("20260101T000000Z-5, at ", "When one fails")
                .note("reads and proves every file anew", "When one fails")
                .wrongInAll(0);
    }

    @Test
    void aPointerThatIsNotRenewedAndOneThatExpiredAreWrong() throws Exception {
        publisher.publish();

        lookAfter(Duration.ofDays(6), "latest").onlyOk();
        lookAfter(Duration.ofDays(9), "latest")
                .wrong(1, "more than half of its life is over and it was not renewed", "caravan run renews it");
        lookAfter(Duration.ofDays(15), "latest").wrong(1, "so nobody can restore (signed at", "caravan publish demo");
    }

    @Test
    void aSnapshotThatIsOlderThanItMayBeIsWrong() throws Exception {
        publisher.set("caravan.database.demo.max-age", "1d").publish();

        lookAfter(Duration.ofDays(2), "latest").wrong(1, "was captured 2 days ago, and may be 24 h old", "look why");
    }

    @Test
    void anOlderLatestThatSomebodyPutBackIsWrong() throws Exception {
        publisher.publish();
        byte[] first = bucket.read("demo/latest");
        site.database().write(5);
        publisher.publish();
        Files.write(bucket.fileOf("demo/latest"), first);

        look("latest").wrong(4, "the bucket has sequence 1, but 2 was published from here", "another bucket");
    }

    @Test
    void whatIsMissingOrDamagedInTheBucketIsWrong() throws Exception {
        publisher.publish();
        String snapshot = bucket.latest().orElseThrow().record().snapshot().toString();
        byte[] latest = bucket.read("demo/latest");

        Path manifest = bucket.fileOf("demo/" + snapshot + "/manifest.jsonl");
        byte[] whole = Files.readAllBytes(manifest);
        Files.write(manifest, new byte[5]);
        look("latest").wrong(3, "it has 5 bytes, and was signed with " + whole.length, "caravan publish demo");
        Files.delete(manifest);
        look("latest")
                .wrong(3, "manifest.jsonl: it is not in the bucket, although latest leads to it", "somebody deleted");
        Files.write(
                bucket.fileOf("demo/latest"),
                new String(latest, UTF_8)
                        .replace("\"sequence\":1", "\"sequence\":9")
                        .getBytes(UTF_8));
        look("latest").wrong(3, "demo/latest", "");
        Files.delete(bucket.fileOf("demo/latest"));
        look("latest").wrong(3, "although sequence 1 was published from here", "caravan.s3.bucket or .prefix");
    }

    @Test
    void aBucketThatCannotBeReachedIsWrong() throws Exception {
        publisher.set("caravan.s3.endpoint", "http://127.0.0.1:1");

        look("bucket", "latest", "retain", "clock")
                .wrong(75, "127.0.0.1:1", "is the store up")
                .wrongInAll(1)
                .note("not looked at, because the bucket cannot be read", "see what is said of bucket")
                .note("not compared: 127.0.0.1 does not say what time it is", "timedatectl");
    }

    @Test
    void aCatalogThatDoesNotTellOfTheLatestSnapshotIsWorthToKnowAndOneThatIsChangedIsWrong() throws Exception {
        publisher.publish();
        look("catalog").onlyOk();
        byte[] first = bucket.read("catalog.json");
        site.database().write(5);
        publisher.publish();

        Files.write(bucket.fileOf("catalog.json"), first);
        look("catalog").note("does not tell of the latest snapshot of [demo]", "caravan run writes it anew");
        Files.writeString(bucket.fileOf("catalog.json"), new String(first, UTF_8).replace("demo", "omed"));
        look("catalog").wrong(3, "catalog.json", "");
        Files.delete(bucket.fileOf("catalog.json"));
        look("catalog").note("has no catalog.json", "the next publication").wrongInAll(0);
    }

    @Test
    void aClockThatIsOffIsWrong() throws Exception {
        look("clock").onlyOk();
        lookAfter(Duration.ofMinutes(2), "clock").note("ahead of 127.0.0.1", "chronyc tracking");
        lookAfter(Duration.ofMinutes(-10), "clock").wrong(1, "behind 127.0.0.1", "timedatectl set-ntp true");
    }

    @Test
    void whatACollectorLeftIsWorthToKnow() throws Exception {
        publisher.publish();
        Files.createDirectories(bucket.fileOf("_control"));
        Files.writeString(bucket.fileOf("_control/condemned"), "00".repeat(32) + "\n");
        look("retain").note("before it had deleted the 1 chunks", "caravan retain --confirm goes on");

        Files.writeString(
                bucket.fileOf("_control/lease"),
                "17-collector\n" + NOW.instant().minusSeconds(7200) + "\n");
        look("retain").note("the collector 17-collector was killed: its right ended 2 h ago", "takes over");

        Files.writeString(
                bucket.fileOf("_control/lease"),
                "17-collector\n" + NOW.instant().plusSeconds(60) + "\n");
        look("retain").onlyOk();

        Files.writeString(bucket.fileOf("_control/lease"), "what is this?");
        look("retain").wrong(1, "is no lease of a collector", "look who writes to the bucket");
    }

    @Test
    void aCacheThatKeepsAnOldLatestIsWrongAtThePublicAddressAndInARegion() throws Exception {
        publisher.publish();
        byte[] first = bucket.read("demo/latest");
        site.database().write(5);
        publisher.publish();
        HttpServer cache = server(200, "application/json", new String(first, UTF_8));
        publisher
                .set(
                        "caravan.public-url",
                        "http://127.0.0.1:" + cache.getAddress().getPort())
                .set("caravan.warm.regions", "near,gone")
                .set("caravan.warm.region.near.via", "direct")
                .set("caravan.warm.region.gone.via", "edge:127.0.0.1:1");

        look("public").note("still has sequence 1; the bucket has 2 since ", "caches may keep it for a minute");
        lookAfter(Duration.ofMinutes(5), "public")
                .wrong(1, "still has sequence 1; the bucket has 2", "invalidate that path");
        lookAfter(Duration.ofMinutes(5), "region")
                .wrong(1, "still has sequence 1; the bucket has 2", "invalidate that path")
                .wrong(1, "its edge cannot be reached through edge", "check caravan.warm.region.gone.via")
                .wrongInAll(2);
    }

    @Test
    void aPublicAddressThatCompressesOrLeadsElsewhereIsWrong() throws Exception {
        publisher.publish();
        HttpServer other = server(404, "text/html", "nothing here");
        publisher.set(
                "caravan.public-url", "http://127.0.0.1:" + other.getAddress().getPort());
        look("public").wrong(1, "404", "caravan.public-url must lead to the bucket's prefix");

        HttpServer gzip = server(200, "gzip", "");
        publisher.set(
                "caravan.public-url", "http://127.0.0.1:" + gzip.getAddress().getPort());
        look("public").wrong(3, "Content-Encoding gzip", "turn off compression");

        HttpServer page = server(200, "text/html", "<html>welcome</html>");
        publisher.set(
                "caravan.public-url", "http://127.0.0.1:" + page.getAddress().getPort());
        look("public").wrong(3, "/demo/latest", "");
    }

    @Test
    void whatIsNotPublishedYetIsNotWrong() throws Exception {
        look("latest", "public", "history")
                .note("nothing is published yet", "caravan publish demo")
                .wrongInAll(0);
    }

    @Test
    void aRestoreThatHasNotEndedIsWrongAndTheCommandToGoOnIsSaid() throws Exception {
        Path fresh = site.home().resolve("restored");
        Path stage = Files.createDirectories(site.home().resolve("restored.caravan-incomplete"));
        Files.write(stage.resolve("000001.sst"), new byte[3072]);
        restore(fresh)
                .wrong(75, "has not ended: 3.0 KiB are in " + stage, "caravan fetch URL " + fresh)
                .wrongInAll(1);

        Files.createDirectories(stage.resolve(".caravan"));
        hold(stage.resolve(".caravan/lock"));
        restore(fresh).ok("a restore is at work: process ").wrongInAll(0);
    }

    @Test
    void aRestoredDirectoryIsWellUntilARestoreInPlaceHasBegunAndNotEnded() throws Exception {
        Path restored = site.database().root();
        Path replaced = Files.createDirectory(restored.resolveSibling("demo.caravan-replaced-20260101T000000000Z"));
        restore(restored)
                .ok("db/full (rocksdb) can be opened")
                .note(replaced + " holds 0 bytes", "rm -r " + replaced)
                .wrongInAll(0);

        Files.createDirectories(restored.resolve(".caravan"));
        Files.createFile(restored.resolve(".caravan/restore"));
        restore(restored).wrong(75, "no node opens it", "caravan fetch URL " + restored);

        restore(site.home().resolve("nowhere")).wrong(4, "there is no directory", "check the path");
    }

    private Told all() throws Exception {
        return look();
    }

    /** What is found of these subjects; of all but the routes if none is named. */
    private Told look(String... subjects) throws Exception {
        return lookAfter(Duration.ZERO, subjects);
    }

    private Told lookAfter(Duration later, String... subjects) throws Exception {
        return of(Told.by(examinations(installation(), Clock.offset(NOW, later), Optional.empty(), subjects)));
    }

    private Told restore(Path directory) throws Exception {
        return of(Told.by(examinations(installation(), NOW, Optional.of(directory), "restore")));
    }

    private static Told of(Told told) {
        assertThat(told.diagnosis().toString()).doesNotContain(Publisher.SECRET_KEY);
        return told;
    }

    private Installation installation() {
        return new Installation(Path.of("").toAbsolutePath(), publisher.environment());
    }

    private List<Examination> examinations(
            Installation installation, Clock clock, Optional<Path> directory, String... subjects) {
        Checkup checkup = Checkup.of(installation, directory, false, clock);
        opened.add(checkup);
        Set<String> wanted = Set.of(subjects);
        return checkup.examinations().stream()
                .filter(each -> wanted.isEmpty() ? !each.subject().equals("routes") : wanted.contains(each.subject()))
                .toList();
    }

    private void mailTo(int port) {
        publisher
                .set("caravan.alert.email.to", "ops@example.org")
                .set("caravan.alert.email.from", "caravan@example.org")
                .set("caravan.alert.email.smtp", "smtp://127.0.0.1:" + port);
    }

    /** Answers one connection. */
    private static void greet(ServerSocket server, String greeting) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write(greeting.getBytes(UTF_8));
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Another process that has the lock of {@code file}. */
    private Process hold(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        Process holder = new ProcessBuilder(
                        "flock", "--no-fork", file.toString(), "sh", "-c", "echo held; exec sleep 60")
                .start();
        opened.add(() -> holder.destroyForcibly().waitFor());
        assertThat(holder.inputReader().readLine()).isEqualTo("held");
        return holder;
    }

    private static void signal(String signal, Process process) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Answers everything alike; {@code gzip} as the type is the encoding of an empty body. */
    private HttpServer server(int status, String type, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        boolean isGzip = type.equals("gzip");
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] bytes = isGzip
                        ? HexFormat.of().parseHex("1f8b0800000000000003030000000000000000")
                        : body.getBytes(UTF_8);
                exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().add(isGzip ? "Content-Encoding" : "Content-Type", type);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
        opened.add(() -> server.stop(0));
        return server;
    }
}
