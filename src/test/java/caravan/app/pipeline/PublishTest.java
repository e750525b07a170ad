package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.manifest.Exports;
import caravan.manifest.ManifestReader;
import caravan.publish.Publication;
import caravan.publish.PublicationReport;
import caravan.samplenode.BaseDirectory;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import caravan.store.CachePolicy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A real database, the real routes, a real S3: what comes into the bucket, and what does not. */
@Timeout(120)
final class PublishTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        publisher = site.publisher();
        bucket = site.bucketOf(publisher);
    }

    @Test
    void firstPublicationMakesTheObjectsOfTheFormatAndNoOthers() throws Exception {
        Publication publication = publisher.publish();
        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        bucket.requireKnownNamesOnly();
        Set<String> expected = new HashSet<>(Set.of("demo/latest", "catalog.json", "index.html"));
        for (String name :
                List.of("record", "manifest.jsonl", "chunks.tsv", "aria2.txt", "SHA256SUMS", "snapshot.meta4")) {
            expected.add("demo/" + publication.snapshot() + "/" + name);
        }
        snapshot.chunks().forEach(chunk -> expected.add(BucketPaths.chunk(chunk, StoredAs.PLAIN)));
        assertThat(bucket.names().stream().filter(name -> !name.startsWith("_control/")))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(snapshot.pointer().sequence()).isEqualTo(1);
        assertThat(snapshot.pointer().runId()).isEqualTo(publication.runId());
        assertThat(snapshot.files()).anyMatch(file -> file.chunks().size() > 5);
        assertThat(publication.report().bytesSent()).isEqualTo(bytesOf(bucket.chunkNames()));
    }

    @Test
    void exportsAreThoseOfTheManifest() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        ByteArrayOutputStream aria2 = new ByteArrayOutputStream();
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        ByteArrayOutputStream metalink = new ByteArrayOutputStream();
        Exports exports = new Exports(chunks, aria2, sums, metalink, URI.create("http://cdn.example.org/data"));
        ManifestReader.read(new ByteArrayInputStream(snapshot.manifest()), "manifest", exports);
        exports.finish();
        assertThat(ofSnapshot(snapshot, "chunks.tsv")).isEqualTo(chunks.toByteArray());
        assertThat(ofSnapshot(snapshot, "aria2.txt")).isEqualTo(aria2.toByteArray());
        assertThat(ofSnapshot(snapshot, "SHA256SUMS")).isEqualTo(sums.toByteArray());
        assertThat(ofSnapshot(snapshot, "snapshot.meta4")).isEqualTo(metalink.toByteArray());
        assertThat(new String(ofSnapshot(snapshot, "aria2.txt"), StandardCharsets.UTF_8))
                .contains("http://cdn.example.org/data/chunks/");
    }

    @Test
    void snapshotPutTogetherIsTheDatabase() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        for (FileEntry file : snapshot.files()) {
            assertThat(bucket.contentOf(file))
                    .as(file.path().value())
                    .isEqualTo(Files.readAllBytes(
                            database.root().resolve(file.path().value())));
        }
        Path restored = bucket.restore(snapshot, site.home().resolve("restored"));
        assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(database.root()));
    }

    @Test
    void objectsThatNeverChangeMayBeKeptForeverAndOthersAMinute() throws Exception {
        publisher.publish();
        for (String name : bucket.names()) {
            boolean mutable = name.matches("(.*/)?(latest|record)|catalog\\.json|index\\.html|_control/.*");
            assertThat(cacheControlOf(name))
                    .as(name)
                    .isEqualTo((mutable ? CachePolicy.MUTABLE : CachePolicy.IMMUTABLE).header());
        }
    }

    @Test
    void secondPublicationWithoutChangeSendsNoChunkAndReadsNoTable() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot first = bucket.latest().orElseThrow();
        Set<String> chunks = bucket.chunkNames();
        PublicationReport report = publisher.publish().report();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();
        assertThat(report.chunksSent()).isZero();
        assertThat(report.bytesSent()).isZero();
        assertThat(report.bytesReused()).isEqualTo(second.bytes());
        assertThat(report.bytesRead()).isEqualTo(bytesOfFilesThatMayChange(second));
        assertThat(bucket.chunkNames()).isEqualTo(chunks);
        assertThat(second.pointer().sequence()).isEqualTo(first.pointer().sequence() + 1);
        assertThat(second.record().snapshot()).isNotEqualTo(first.record().snapshot());
    }

    @Test
    void sameFilesGiveTheSameManifestButForTheSnapshotsName() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot first = bucket.latest().orElseThrow();
        publisher.publish();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();
        assertThat(text(second.manifest()).replace(second.record().snapshot().toString(), "SNAPSHOT"))
                .isEqualTo(
                        text(first.manifest()).replace(first.record().snapshot().toString(), "SNAPSHOT"));
    }

    @Test
    void afterNewBlocksOnlyNewFilesAreReadAndOnlyNewChunksAreSent() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot first = bucket.latest().orElseThrow();
        Set<String> chunksBefore = bucket.chunkNames();
        database.write(100);
        PublicationReport report = publisher.publish().report();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();
        Set<String> knownTables = new HashSet<>();
        first.files().forEach(file -> knownTables.add(file.path().value()));
        long newTables = second.files().stream()
                .filter(PublishTest::isTable)
                .filter(file -> !knownTables.contains(file.path().value()))
                .mapToLong(FileEntry::size)
                .sum();
        assertThat(newTables).isPositive();
        assertThat(second.files().stream().filter(PublishTest::isTable))
                .anyMatch(file -> knownTables.contains(file.path().value()));
        assertThat(report.bytesRead()).isEqualTo(newTables + bytesOfFilesThatMayChange(second));
        Set<String> sent = new HashSet<>(bucket.chunkNames());
        sent.removeAll(chunksBefore);
        Set<Digest> fresh = new HashSet<>(second.chunks());
        fresh.removeAll(first.chunks());
        assertThat(sent).isEqualTo(namesOf(fresh));
        assertThat(report.bytesSent()).isEqualTo(bytesOf(sent));
        assertThat(report.chunksReused()).isPositive();
    }

    @Test
    void databaseIsLeftAsItWasAndTheStageIsGone() throws Exception {
        List<String> before = database.fingerprint();
        publisher.publish();
        assertThat(database.fingerprint()).isEqualTo(before);
        assertThat(database.stage()).doesNotExist();
    }

    @Test
    void whatLiesBesideTheStoresIsNeverPublished() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        assertThat(database.root().resolve("keystore")).isNotEmptyDirectory();
        assertThat(snapshot.files())
                .allMatch(file -> file.path().value().startsWith("db/full/"))
                .noneMatch(file -> file.path().value().endsWith("/LOCK"));
        for (String name : bucket.names()) {
            assertThat(text(bucket.read(name))).as(name).doesNotContain(BaseDirectory.SECRET_MARK);
        }
    }

    @Test
    void recordStatesWhatTheNodeSaid() throws Exception {
        try (RunningSampleNode node = idleNode()) {
            publisher.set("caravan.database.demo.rpc-url", node.rpcUrl().toString());
            publisher.set("caravan.database.demo.role", "full").set("caravan.database.demo.pruning", "256");
            publisher.publish();
            PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
            assertThat(snapshot.record().height()).isPositive().isLessThanOrEqualTo(node.acknowledgedHead());
            assertThat(snapshot.record().snapshot().height())
                    .isEqualTo(snapshot.record().height());
            assertThat(snapshot.record().heightSource()).isEqualTo("rpc");
            assertThat(snapshot.record().blockHash()).matches("0x[0-9a-f]{64}");
            assertThat(snapshot.record().genesis()).matches("0x[0-9a-f]{64}");
            assertThat(snapshot.record().network()).isNotBlank();
            assertThat(snapshot.record().nodeVersion()).isNotBlank();
            assertThat(snapshot.record().role()).isEqualTo("full");
            assertThat(snapshot.record().pruning()).isEqualTo("256");
            assertThat(snapshot.record().pauseMillis()).isZero();
            Path restored = bucket.restore(snapshot, site.home().resolve("restored"));
            assertThat(SampleDatabase.heightOf(restored))
                    .isGreaterThanOrEqualTo(snapshot.record().height());
        }
    }

    @Test
    void anotherDatabaseUnderTheSameNameIsNotPublishedUnlessItIsWanted() throws Exception {
        publisher.publish();
        byte[] latest = bucket.read("demo/latest");
        Path identity = database.root().resolve("db/full/IDENTITY");
        Files.writeString(identity, "00000000-0000-0000-0000-000000000000");

        assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                .hasMessageContaining("is another RocksDB (IDENTITY 00000000-0000-0000-0000-000000000000)");
        assertThat(bucket.read("demo/latest")).isEqualTo(latest);

        publisher.set("caravan.database.demo.accept-changed-source", "true").publish();
        publisher.set("caravan.database.demo.accept-changed-source", "false").publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(3);
    }

    @Test
    void theDatabaseOfAnotherChainIsNotPublished() throws Exception {
        try (RunningSampleNode node = idleNode()) {
            publisher.set("caravan.database.demo.rpc-url", node.rpcUrl().toString());
            publisher.publish();
            String genesis = bucket.latest().orElseThrow().record().genesis();
            byte[] latest = bucket.read("demo/latest");
            Path known = publisher.state().resolve("publish/demo/published/source");
            Files.writeString(known, Files.readString(known).replace(genesis, "0xabab"));

            assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                    .hasMessageContaining(genesis)
                    .hasMessageContaining("0xabab");
            assertThat(bucket.read("demo/latest")).isEqualTo(latest);
        }
    }

    @Test
    void whereThereIsNoNodeToAskTheRecordSaysWhatTheOperatorStates() throws Exception {
        publisher.set("caravan.database.demo.network", "polkadot").set("caravan.database.demo.genesis", "0xabab");

        publisher.publish();

        SnapshotRecord record = bucket.latest().orElseThrow().record();
        assertThat(record.network()).isEqualTo("polkadot");
        assertThat(record.genesis()).isEqualTo("0xabab");
        assertThat(record.heightSource()).isEqualTo("unknown");
    }

    @Test
    void theDatabaseOfANodeOfAnotherChainThanStatedIsNotPublished() throws Exception {
        try (RunningSampleNode node = idleNode()) {
            publisher.set("caravan.database.demo.rpc-url", node.rpcUrl().toString());
            publisher.set("caravan.database.demo.genesis", "0xabab");

            assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                    .hasMessageContaining("its node is of the chain that begins with 0x")
                    .hasMessageContaining("caravan.database.demo.genesis states 0xabab");
            assertNothingIsPublished();
        }
    }

    @Test
    void nodeThatIsNotReadyForAMomentIsAskedAgainAndPublished() throws Exception {
        try (RunningSampleNode node = idleNode();
                MoodyNode moody = MoodyNode.before(
                        node.rpcUrl(),
                        List.of(
                                "{\"peers\":0,\"isSyncing\":false,\"shouldHavePeers\":true}",
                                "{\"peers\":3,\"isSyncing\":true,\"shouldHavePeers\":true}"))) {
            publisher.set("caravan.database.demo.rpc-url", moody.rpcUrl().toString());
            publisher.set("caravan.node.retry.attempts", "2").set("caravan.node.retry.delay", "1ms");

            publisher.publish();

            assertThat(bucket.latest().orElseThrow().record().heightSource()).isEqualTo("rpc");
            assertThat(moody.methodsAsked())
                    .startsWith("system_health", "system_health", "system_health", "system_chain")
                    .filteredOn("system_health"::equals)
                    .hasSize(3);
        }
    }

    @Test
    void nodeThatIsStillSyncingIsNotPublished() throws Exception {
        publisher.set("caravan.node.retry.attempts", "2").set("caravan.node.retry.delay", "1ms");
        try (RunningSampleNode node = idleNode("--syncing")) {
            publisher.set("caravan.database.demo.rpc-url", node.rpcUrl().toString());
            TransientException failure = catchThrowableOfType(TransientException.class, publisher::publish);
            assertThat(failure).hasMessageContaining("still syncing").hasMessageContaining(node.rpcUrl() + "");
            assertNothingIsPublished();
        }
    }

    @Test
    void nodeThatIsDownIsNotPublished() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        publisher.set("caravan.database.demo.rpc-url", "http://127.0.0.1:" + port);
        publisher.set("caravan.node.retry.attempts", "2").set("caravan.node.retry.delay", "1ms");
        TransientException failure = catchThrowableOfType(TransientException.class, publisher::publish);
        assertThat(failure).hasMessageContaining("asked the node of demo").hasMessageContaining("127.0.0.1:" + port);
        assertNothingIsPublished();
    }

    @Test
    void lostStateCostsTimeButSendsNothingTwice() throws Exception {
        publisher.publish();
        deleteTree(publisher.state());
        PublicationReport report = publisher.publish().report();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();
        assertThat(report.chunksSent()).isZero();
        assertThat(report.bytesRead()).isEqualTo(second.bytes());
        assertThat(second.pointer().sequence()).isEqualTo(2);
    }

    @Test
    void tornCopyOfTheLastManifestIsReplacedFromTheBucket() throws Exception {
        publisher.publish();
        Path manifest = publisher.state().resolve("publish/demo/published/manifest.jsonl");
        assertThat(manifest).isNotEmptyFile();
        Files.write(manifest, new byte[0]);
        PublicationReport report = publisher.publish().report();
        assertThat(report.chunksSent()).isZero();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(2);
    }

    @Test
    void sequenceGoesOnAfterLatestWasDeleted() throws Exception {
        publisher.publish();
        Files.delete(bucket.fileOf("demo/latest"));
        publisher.publish();
        assertThat(bucket.latest().orElseThrow().pointer().sequence()).isEqualTo(2);
    }

    @Test
    void everySessionIsEndedHoweverItsRunEnded() throws Exception {
        publisher.publish();
        publisher.set(
                "caravan.database.demo.directory",
                site.home().resolve("nowhere").toString());
        assertThat(catchThrowableOfType(CaravanException.class, publisher::publish))
                .isNotNull();
        List<String> sessions = bucket.names().stream()
                .filter(name -> name.startsWith("_control/sessions/"))
                .toList();
        assertThat(sessions).hasSize(2).allSatisfy(name -> assertThat(text(bucket.read(name)))
                .contains("\"ended\":true"));
    }

    @Test
    void stateIsForItsOwnerAlone() throws Exception {
        publisher.publish();
        try (Stream<Path> all = Files.walk(publisher.state().resolve("publish"))) {
            assertThat(all.filter(Files::isDirectory)).allSatisfy(path -> assertThat(
                            Files.getPosixFilePermissions(path).toString())
                    .doesNotContain("GROUP", "OTHERS"));
        }
    }

    @Test
    void captureThatWouldFillTheDiskIsRefused() throws Exception {
        publisher.set("caravan.stage.free-space-floor", "900000GB");
        assertThat(catchThrowableOfType(RefusedException.class, publisher::publish))
                .hasMessageContaining("bytes are free");
        assertNothingIsPublished();
    }

    private void assertNothingIsPublished() throws Exception {
        assertThat(bucket.names()).allMatch(name -> name.startsWith("_control/"));
        assertThat(database.stage()).doesNotExist();
    }

    private RunningSampleNode idleNode(String... more) throws Exception {
        String[] options = Stream.concat(Stream.of("--batches-per-second", "0"), Stream.of(more))
                .toArray(String[]::new);
        return RunningSampleNode.start(database.base(), Profile.DEMO, options);
    }

    private byte[] ofSnapshot(PublishedBucket.Snapshot snapshot, String name) throws Exception {
        return bucket.read("demo/" + snapshot.record().snapshot() + "/" + name);
    }

    private long bytesOf(Set<String> names) throws Exception {
        long sum = 0;
        for (String name : names) {
            sum += Files.size(bucket.fileOf(name));
        }
        return sum;
    }

    private static Set<String> namesOf(Set<Digest> chunks) {
        Set<String> names = new HashSet<>();
        chunks.forEach(chunk -> names.add(BucketPaths.chunk(chunk, StoredAs.PLAIN)));
        return names;
    }

    private String cacheControlOf(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(site.server().publicUrl() + "/" + site.prefix() + "/" + name))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(10))
                .build();
        HttpResponse<Void> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
        return answer.headers().firstValue("Cache-Control").orElse("none, status " + answer.statusCode());
    }

    private static boolean isTable(FileEntry file) {
        return file.path().value().endsWith(".sst");
    }

    private static long bytesOfFilesThatMayChange(PublishedBucket.Snapshot snapshot) {
        return snapshot.files().stream()
                .filter(file -> !isTable(file))
                .mapToLong(FileEntry::size)
                .sum();
    }

    private static void deleteTree(Path root) throws Exception {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
