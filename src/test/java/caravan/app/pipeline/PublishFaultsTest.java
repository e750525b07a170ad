package caravan.app.pipeline;

import static caravan.faults.Fault.Harm.CUT;
import static caravan.faults.Fault.Harm.FLIP;
import static caravan.faults.Fault.Harm.STALL;
import static caravan.faults.Fault.Side.REQUEST;
import static caravan.faults.FaultProxy.gets;
import static caravan.faults.FaultProxy.puts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import caravan.aws.S3Clients;
import caravan.aws.S3ObjectStore;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.locals3.OpenS3;
import caravan.publish.Publication;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.StoredAs;
import caravan.store.CachePolicy;
import caravan.store.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** Publications through a network, a store and neighbours that do wrong: each ends right, or changes nothing visible. */
@Timeout(120)
final class PublishFaultsTest {

    private static final Predicate<FaultProxy.Request> CHUNKS = puts("/chunks/");

    private static final Predicate<FaultProxy.Request> LATEST = puts("/demo/latest");

    private static final Duration OUTAGE = Duration.ofSeconds(30);

    private static final AtomicInteger NUMBER = new AtomicInteger();

    @TempDir
    static Path directory;

    private static LocalS3 server;

    private static OpenS3 openServer;

    private static SampleDatabase original;

    private final List<FaultProxy> proxies = new ArrayList<>();

    private Path home;

    private String prefix;

    private SampleDatabase database;

    private FaultProxy proxy;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeAll
    static void startServers() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        openServer = OpenS3.start(directory.resolve("open"), Publisher.BUCKET);
        original = SampleDatabase.fill(directory.resolve("original"), "1MB");
    }

    @AfterAll
    static void stopServers() throws Exception {
        server.close();
        openServer.close();
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        prefix = test.getTestMethod().orElseThrow().getName() + NUMBER.incrementAndGet();
        home = directory.resolve(prefix);
        database = original.copyTo(home.resolve("node"));
        proxy = before(server.endpoint());
        publisher = new Publisher(home.resolve("publisher"), database, proxy.endpoint(), prefix);
        bucket = bucketIn("s3");
    }

    @AfterEach
    void closeProxies() throws Exception {
        for (FaultProxy each : proxies) {
            each.close();
        }
    }

    @Test
    void captureThatIsHeldTooLongIsTakenAnewUntilAllIsStoredAndNothingIsSentTwice() throws Exception {
        proxy.always(CHUNKS, Fault.delay(Duration.ofMillis(30)));
        publisher.set("caravan.stage.longest-pin", "100ms").set("caravan.upload.parallelism", "1");

        Publication publication = publisher.publish();

        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        List<String> sent = proxy.requests().stream()
                .filter(CHUNKS)
                .map(FaultProxy.Request::target)
                .toList();
        assertThat(publication.report().capturesDiscarded()).isGreaterThan(1);
        assertThat(sent).doesNotHaveDuplicates().hasSize((int)
                publication.report().chunksSent());
        assertThat(publication.change().newBytes()).isEqualTo(latest.bytes());
        assertThat(database.stage()).doesNotExist();
        assertThat(SampleDatabase.heightOf(bucket.restore(latest, home.resolve("restored"))))
                .isEqualTo(SampleDatabase.heightOf(database.root()));
    }

    @Test
    void chunkWhoseAcknowledgementWasLostCountsAsStored() throws Exception {
        proxy.nth(3, CHUNKS, Fault.loseAnswer());
        publisher.publish();
        assertThat(chunkPuts()).isEqualTo(bucket.latest().orElseThrow().chunks().size() + 1);
    }

    @Test
    void busyStoreGetsTheTimeItAsksFor() throws Exception {
        proxy.first(6, CHUNKS, Fault.answer(503, "Retry-After: 1"));
        long begin = System.nanoTime();
        publisher.publish();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void oneErrorInTenCostsNoMoreThanItsOwnAttempts() throws Exception {
        AtomicInteger number = new AtomicInteger();
        proxy.always(request -> number.incrementAndGet() % 10 == 0, Fault.answer(500));
        publisher.set("caravan.retry.attempts", "12");
        publisher.publish();
        assertThat(chunkPuts())
                .isLessThanOrEqualTo(bucket.latest().orElseThrow().chunks().size() * 13 / 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1000})
    void uploadThatIsCutIsSentAgain(long at) throws Exception {
        proxy.first(3, CHUNKS, Fault.body(REQUEST, CUT, at));
        publisher.publish();
        assertThat(chunkPuts()).isEqualTo(bucket.latest().orElseThrow().chunks().size() + 3);
    }

    @Test
    void bitThatFlipsOnTheWayIsRefusedAndTheChunkIsSentAgain() throws Exception {
        proxy.nth(2, CHUNKS, Fault.body(REQUEST, FLIP, 0));
        proxy.next(puts("/manifest.jsonl"), Fault.body(REQUEST, FLIP, 100));
        proxy.next(LATEST, Fault.body(REQUEST, FLIP, 30));
        publisher.publish();
        assertThat(chunkPuts()).isEqualTo(bucket.latest().orElseThrow().chunks().size() + 1);
    }

    @Test
    void chunkThatNeverArrivesIntactIsNotPublished() throws Exception {
        publisher.set("caravan.retry.attempts", "2");
        proxy.always(CHUNKS, Fault.body(REQUEST, FLIP, 0));
        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("store a chunk");
        assertThat(bucket.names()).allMatch(name -> name.startsWith("_control/"));
    }

    @Test
    void uploadThatStallsEndsAtTheIdleLimitAndIsSentAgain() throws Exception {
        publisher.set("caravan.s3.idle-timeout", "2s");
        proxy.nth(2, CHUNKS, Fault.body(REQUEST, STALL, 10));
        proxy.nth(1, puts("/record"), Fault.withholdAnswer());
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void outageLeavesLatestAloneAndTheNextRunSendsTheRest() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot before = bucket.latest().orElseThrow();
        database.write(200);
        Set<String> chunksBefore = bucket.chunkNames();
        proxy.clear();
        AtomicInteger sent = new AtomicInteger();
        proxy.always(CHUNKS.and(request -> sent.incrementAndGet() > 5), Fault.answer(503));
        publisher.set("caravan.retry.attempts", "2");

        TransientException failure = catchThrowableOfType(TransientException.class, publisher::publish);

        assertThat(failure).hasMessageContaining("503 SlowDown");
        assertThat(bucket.latest().orElseThrow().pointer()).isEqualTo(before.pointer());
        assertThat(database.stage()).doesNotExist();
        Set<String> chunksMeanwhile = bucket.chunkNames();
        assertThat(chunksMeanwhile).hasSize(chunksBefore.size() + 5);
        proxy.clear();

        publisher.publish();

        PublishedBucket.Snapshot after = bucket.latest().orElseThrow();
        assertThat(after.pointer().sequence()).isEqualTo(before.pointer().sequence() + 1);
        Set<Digest> fresh = after.chunks();
        fresh.removeIf(chunk -> chunksMeanwhile.contains(nameOf(chunk)));
        assertThat(chunkPuts()).isEqualTo(fresh.size());
    }

    @Test
    void chunksAreNotTriedAgainWhenAnotherHasFailedForGood() throws Exception {
        publisher.set("caravan.retry.attempts", "200").set("caravan.upload.parallelism", "4");
        AtomicInteger sent = new AtomicInteger();
        proxy.always(CHUNKS.and(request -> sent.incrementAndGet() == 8), Fault.answer(403));
        proxy.always(CHUNKS, Fault.answer(503));

        assertThat(catchThrowableOfType(CaravanException.class, publisher::publish))
                .hasMessageContaining("403");

        assertThat(sent.get()).isLessThan(50);
    }

    @Test
    void storeThatIsDownForHalfAMinuteIsWaitedFor() throws Exception {
        publisher.leave("caravan.retry.delay").leave("caravan.retry.max-delay");
        ScheduledExecutorService outage = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger sent = new AtomicInteger();
        proxy.always(
                CHUNKS.and(request -> {
                    if (sent.incrementAndGet() == 3) {
                        outage.execute(() -> goDownFor(OUTAGE, outage));
                    }
                    return false;
                }),
                Fault.none());

        publisher.publish();

        assertThat(sent.get()).isGreaterThan(3);
        assertThat(bucket.latest()).isPresent();
        outage.shutdownNow();
    }

    private void goDownFor(Duration time, ScheduledExecutorService outage) {
        try {
            proxy.goDown();
            var unused = outage.schedule(
                    () -> {
                        proxy.comeBack();
                        return true;
                    },
                    time.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void storeThatFailsAtTheVeryBeginningIsAskedAgain() throws Exception {
        proxy.next(puts("/_control/probe/"), Fault.answer(503));
        proxy.next(puts("/_control/sessions/"), Fault.answer(500));
        proxy.next(gets("/demo/latest"), Fault.answer(503));
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
    }

    /** A run that broke off ends its session too, though it has no policy of a route to try that again. */
    @Test
    void sessionThatCannotBeEndedAtFirstIsEndedAllTheSame() throws Exception {
        Predicate<FaultProxy.Request> sessions = puts("/_control/sessions/");
        proxy.nth(2, sessions, Fault.answer(503));
        proxy.always(puts("/manifest.jsonl"), Fault.answer(403));

        assertThat(catchThrowableOfType(CaravanException.class, publisher::publish))
                .isNotNull();

        assertThat(proxy.requests().stream().filter(sessions)).hasSize(3);
        String session = bucket.names().stream()
                .filter(name -> name.startsWith("_control/sessions/"))
                .findFirst()
                .orElseThrow();
        assertThat(new String(bucket.read(session), StandardCharsets.UTF_8)).contains("\"ended\":true");
    }

    @Test
    void moveOfLatestWhoseAcknowledgementWasLostIsASuccess() throws Exception {
        proxy.next(LATEST, Fault.loseAnswer());
        publisher.publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(1);
        proxy.next(LATEST, Fault.loseAnswer());
        Publication second = publisher.publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(2);
        assertThat(bucket.latest().orElseThrow().pointer().runId()).isEqualTo(second.runId());
        publisher.publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/manifest.jsonl", "/chunks.tsv", "/record"})
    void objectOfASnapshotWhoseAcknowledgementWasLostCountsAsStored(String name) throws Exception {
        proxy.next(puts(name), Fault.loseAnswer());
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void latestThatSomebodyElseMovedMeanwhileIsNotOverwritten(boolean publishedBefore) throws Exception {
        if (publishedBefore) {
            publisher.publish();
        }
        SampleDatabase otherDatabase = original.copyTo(home.resolve("other-node"));
        Publisher other = new Publisher(home.resolve("other"), otherDatabase, server.endpoint(), prefix)
                .set("caravan.signing.key", publisher.environment().get("CARAVAN_SIGNING_KEY"));
        List<Publication> others = new ArrayList<>();
        proxy.next(puts("/record").and(request -> others.isEmpty() && others.add(published(other))), Fault.none());

        TransientException failure = catchThrowableOfType(TransientException.class, publisher::publish);

        assertThat(failure).hasMessageContaining("another publisher moved latest");
        assertThat(others).hasSize(1);
        assertThat(proxy.requests().stream().filter(LATEST))
                .as("this run cannot move it any more, however often it tries")
                .hasSize(publishedBefore ? 2 : 1);
        assertThat(bucket.latest().orElseThrow().pointer().runId())
                .isEqualTo(others.get(0).runId());
        publisher.publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(publishedBefore ? 3 : 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void chunkThatIsSomethingElseThanItsNameSaysStopsThePublication(boolean sameSize) throws Exception {
        publisher.set("caravan.upload.recheck-one-in", "1");
        publisher.publish();
        PublishedBucket.Snapshot before = bucket.latest().orElseThrow();
        FileEntry table = aTable(before);
        byte[] right = bucket.read(nameOf(table.chunks().get(0).digest()));
        byte[] wrong = new byte[sameSize ? right.length : right.length + 1];
        putDirectly(nameOf(table.chunks().get(0).digest()), wrong);

        DamagedException failure = catchThrowableOfType(DamagedException.class, publisher::publish);

        assertThat(failure)
                .hasMessageContaining(nameOf(table.chunks().get(0).digest()))
                .hasMessageContaining("something else");
        Files.write(bucket.fileOf(nameOf(table.chunks().get(0).digest())), right);
        assertThat(bucket.latest().orElseThrow().pointer()).isEqualTo(before.pointer());
    }

    @Test
    void chunkThatVanishedIsFoundMissingAndSentAgain() throws Exception {
        publisher.set("caravan.upload.recheck-one-in", "1");
        publisher.publish();
        FileEntry table = aTable(bucket.latest().orElseThrow());
        Files.delete(bucket.fileOf(nameOf(table.chunks().get(0).digest())));
        Publication second = publisher.publish();
        assertThat(second.report().chunksSent()).isEqualTo(1);
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void rotatingRecheckAsksForEveryChunkWithinItsTurns() throws Exception {
        publisher.set("caravan.upload.recheck-one-in", "3");
        publisher.publish();
        FileEntry table = aTable(bucket.latest().orElseThrow());
        Path lost = bucket.fileOf(nameOf(table.chunks().get(0).digest()));
        Files.delete(lost);
        for (int run = 0; run < 3 && !Files.exists(lost); run++) {
            publisher.publish();
        }
        assertThat(lost).exists();
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void latestWithAWrongSignatureStopsThePublication() throws Exception {
        publisher.publish();
        Path latest = bucket.fileOf("demo/latest");
        String note = Files.readString(latest, StandardCharsets.US_ASCII);
        String changed = note.replaceFirst("\"sequence\":1", "\"sequence\":7");
        assertThat(changed).isNotEqualTo(note);
        Files.writeString(latest, changed, StandardCharsets.US_ASCII);
        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("demo/latest");
        assertThat(Files.readString(latest, StandardCharsets.US_ASCII)).isEqualTo(changed);
    }

    @Test
    void latestOfAnotherKeyStopsThePublication() throws Exception {
        SampleDatabase otherDatabase = original.copyTo(home.resolve("other-node"));
        new Publisher(home.resolve("other"), otherDatabase, server.endpoint(), prefix).publish();
        byte[] before = bucket.read("demo/latest");
        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("demo/latest");
        assertThat(bucket.read("demo/latest")).isEqualTo(before);
    }

    @Test
    void latestThatSomebodyPutBackIsNotBuiltUpon() throws Exception {
        publisher.publish();
        byte[] first = bucket.read("demo/latest");
        publisher.publish();
        putDirectly("demo/latest", first);
        assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                .hasMessageContaining("sequence 1")
                .hasMessageContaining("2 was published from here");
        assertThat(bucket.read("demo/latest")).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "If-Match"})
    void storeThatIgnoresAConditionIsRefusedUnlessThereIsOneWriter(String header) throws Exception {
        publishThrough(before(openServer.endpoint()).always(puts(""), Fault.dropHeader(REQUEST, header)));
        assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                .hasMessageContaining("ignores " + header);
        assertThat(bucket.names()).allMatch(name -> name.startsWith("_control/probe/"));
        publisher.set("caravan.s3.single-writer", "true").publish();
        assertThat(bucket.latest()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "If-Match"})
    void storeThatRefusesAConditionIsNotBegunWithEvenByOneWriter(String header) throws Exception {
        publishThrough(before(openServer.endpoint())
                .always(request -> !request.header(header).isEmpty(), Fault.answer(501)));
        publisher.set("caravan.s3.single-writer", "true");

        RefusedException failure = catchThrowableOfType(RefusedException.class, publisher::publish);

        assertThat(failure).hasMessageContaining("refuses every put with " + header);
        assertThat(failure.hint()).contains("single-writer does not help");
        assertThat(failure.exitStatus()).isEqualTo(4);
        assertThat(bucket.names()).allMatch(name -> name.startsWith("_control/probe/"));
    }

    @Test
    void chunkThatAStoreWithoutChecksDamagedIsNotPublishedByTheNextRunEither() throws Exception {
        publishThrough(before(carelessStore().endpoint()));
        proxy.nth(4, CHUNKS, Fault.body(REQUEST, FLIP, 7));
        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("read back chunk");
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/"));

        DamagedException again = catchThrowableOfType(DamagedException.class, publisher::publish);

        assertThat(again).hasMessageContaining("read back chunk");
        assertThat(again.hint()).contains("delete it");
        assertThat(again.exitStatus()).isEqualTo(3);
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/"));
        removeDamagedChunks();
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void chunkThatWasNotReadBackBeforeTheRunEndedIsReadByTheNext() throws Exception {
        publishThrough(before(carelessStore().endpoint()));
        publisher.set("caravan.retry.attempts", "0").set("caravan.upload.parallelism", "1");
        proxy.nth(4, CHUNKS, Fault.body(REQUEST, FLIP, 7));
        proxy.nth(4, gets("/chunks/"), Fault.answer(503));
        assertThat(catchThrowableOfType(TransientException.class, publisher::publish))
                .isNotNull();
        proxy.clear();

        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("read back chunk");
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/"));
    }

    @Test
    void chunkIsReadBackOnceHoweverManyRunsItTakes() throws Exception {
        publishThrough(before(carelessStore().endpoint()));
        publisher.set("caravan.retry.attempts", "0").set("caravan.upload.recheck-one-in", "1");
        proxy.next(puts("/manifest.jsonl"), Fault.answer(503));
        assertThat(catchThrowableOfType(TransientException.class, publisher::publish))
                .isNotNull();
        long chunks = chunkPuts();
        assertThat(chunkReads()).isEqualTo(chunks);
        proxy.clear();

        publisher.publish();

        assertThat(chunkReads()).isEqualTo(chunkPuts());
        assertThat(chunkPuts()).isLessThan(chunks);
        proxy.clear();
        publisher.publish();
        assertThat(chunkReads()).as("a published snapshot vouches for them").isEqualTo(chunkPuts());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/manifest.jsonl", "/chunks.tsv", "/record"})
    void objectOfASnapshotThatAStoreWithoutChecksDamagedIsNotPublished(String name) throws Exception {
        publishThrough(before(carelessStore().endpoint()));
        proxy.next(puts(name), Fault.body(REQUEST, FLIP, 50));

        assertThat(catchThrowableOfType(DamagedException.class, publisher::publish))
                .hasMessageContaining("read back object")
                .hasMessageContaining(name);
        assertThat(bucket.latest()).isEmpty();
        // Snapshots are named by the second.
        Instant failed = Instant.now();
        await().until(() -> Instant.now().getEpochSecond() > failed.getEpochSecond());
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
    }

    @Test
    void latestThatAStoreWithoutChecksDamagedIsStoredAgainAtOnce() throws Exception {
        publishThrough(before(carelessStore().endpoint()));
        for (int sequence = 1; sequence <= 2; sequence++) {
            proxy.next(LATEST, Fault.body(REQUEST, FLIP, 30));
            publisher.publish();
            assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(sequence);
        }
        assertThat(proxy.requests().stream().filter(LATEST)).hasSize(4);
    }

    @Test
    void publicationThatAnOperatorsRouteCutShortIsNoSuccess() throws Exception {
        Path installation = Files.createDirectories(home.resolve("installation"));
        Path routes = Files.createDirectory(installation.resolve("routes"));
        Files.createSymbolicLink(
                installation.resolve("config"), Path.of("config").toAbsolutePath());
        try (DirectoryStream<Path> shipped = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
            for (Path file : shipped) {
                String next = "        - to:\n            id: to-publish-snapshot\n";
                Files.writeString(
                        routes.resolve(file.getFileName()),
                        Files.readString(file)
                                .replace(next, "        - to: {id: to-mine, uri: 'direct:mine'}\n" + next));
            }
        }
        Files.writeString(routes.resolve("95-mine.camel.yaml"), """
                - route:
                    id: mine
                    description: Tells nobody.
                    routeConfigurationId: fail-publication
                    from:
                      uri: direct:mine
                      steps:
                        - stop: {id: enough}
                """);
        publisher.from(installation);

        FailedException failure = catchThrowableOfType(FailedException.class, publisher::publish);

        assertThat(failure).hasMessageContaining("the routes ended before latest moved");
        assertThat(bucket.latest()).isEmpty();
    }

    /** Ignores the SHA-256 that is sent along. */
    private FaultProxy carelessStore() throws Exception {
        return before(openServer.endpoint()).always(puts(""), Fault.dropHeader(REQUEST, "x-amz-checksum-sha256"));
    }

    private FaultProxy before(URI upstream) throws Exception {
        FaultProxy made = FaultProxy.before(upstream);
        proxies.add(made);
        return made;
    }

    private void publishThrough(FaultProxy way) {
        proxy = way;
        publisher.set("caravan.s3.endpoint", way.endpoint().toString());
        bucket = bucketIn("open");
    }

    private PublishedBucket bucketIn(String store) {
        return new PublishedBucket(
                directory.resolve(store).resolve(Publisher.BUCKET).resolve(prefix), publisher.trusted());
    }

    private long chunkReads() {
        return proxy.requests().stream().filter(gets("/chunks/")).count();
    }

    private long chunkPuts() {
        return proxy.requests().stream().filter(CHUNKS).count();
    }

    private void putDirectly(String name, byte[] bytes) throws CaravanException {
        S3Settings settings =
                S3Settings.of(server.endpoint(), Publisher.BUCKET, prefix, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        try (S3Client client = S3Clients.build(settings)) {
            new S3ObjectStore(client, settings).put(name, Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE));
        }
    }

    private void removeDamagedChunks() throws Exception {
        int removed = 0;
        for (Map.Entry<String, Digest> chunk : bucket.immutable().entrySet()) {
            if (!chunk.getKey().endsWith(chunk.getValue().hex())) {
                Files.delete(bucket.fileOf(chunk.getKey()));
                removed++;
            }
        }
        assertThat(removed).isEqualTo(1);
    }

    private static FileEntry aTable(PublishedBucket.Snapshot snapshot) {
        return snapshot.files().stream()
                .filter(file -> file.path().value().endsWith(".sst"))
                .findFirst()
                .orElseThrow();
    }

    private static String nameOf(Digest chunk) {
        return BucketPaths.chunk(chunk, StoredAs.PLAIN);
    }

    private static Publication published(Publisher publisher) {
        try {
            return publisher.publish();
        } catch (CaravanException e) {
            throw new IllegalStateException(e);
        }
    }
}
