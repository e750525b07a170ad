package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.alert.SlackStandIn;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.manifest.CatalogFormat;
import caravan.manifest.RecordFormat;
import caravan.publish.Publication;
import caravan.publish.Refusals;
import caravan.publish.RefusedSnapshot;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publications whose snapshot is restored through the real public port and opened before, or after, users get it. */
@Timeout(180)
final class DrillTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;

    private SlackStandIn slack;

    private Publisher publisher;

    private PublishedBucket bucket;

    private Path scratch;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        slack = SlackStandIn.start();
        scratch = site.home().resolve("scratch");
        publisher = site.publisher()
                .set("caravan.public-url", site.server().publicUrl() + "/" + site.prefix())
                .set("caravan.alert.slack.webhook", slack.webhook())
                .set("caravan.drill.directory", scratch.toString())
                .set("caravan.database.demo.drill", "gate");
        bucket = site.bucketOf(publisher);
    }

    @AfterEach
    void stopSlack() throws Exception {
        slack.close();
    }

    @Test
    void latestMovesToASnapshotThatWasRestoredAndOpenedAndItsRecordSaysSo() throws Exception {
        publisher.set("caravan.database.demo.canary", "test -f \"$CARAVAN_DIRECTORY/db/full/CURRENT\"");
        publisher.publish();

        SnapshotRecord record = bucket.latest().orElseThrow().record();
        long height = SampleDatabase.heightOf(database.root());
        assertThat(record.drill())
                .startsWith("passed 20")
                .contains(
                        "db/full opens: 14 columns", "checksums right", "best block " + height, "db/full/parachains/db")
                .endsWith("canary passed");
        assertThat(shownOf(record.snapshot()).drill()).isEqualTo(record.drill());
        assertThat(leftIn(scratch)).isEmpty();
    }

    @Test
    void snapshotWithADamagedTableIsKeptOutOfLatestAndToldOfAndTheNextOneReadsTheFileAnew() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot good = bucket.latest().orElseThrow();
        database.write(30);
        Path table = newTableSince(good);
        // Neither size nor time nor inode tells that something happened to the file, now or when it is put right.
        flipBit(table);

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(table.getFileName().toString());
        assertThatThrownBy(publisher::publish).isInstanceOf(DamagedException.class);

        assertThat(bucket.latest().orElseThrow().pointer()).isEqualTo(good.pointer());
        List<RefusedSnapshot> refused = refused();
        assertThat(refused).hasSize(2);
        assertThat(refused.get(0).why()).contains(table.getFileName().toString());
        assertThat(recordOf(refused.get(0).snapshot()).drill()).startsWith("failed 20");
        assertThat(catalog().databases().get(0).refused())
                .extracting(CatalogRefusal::id)
                .containsExactly(refused.get(1).snapshot(), refused.get(0).snapshot());
        assertThat(slack.texts()).hasSize(1);
        assertThat(slack.texts().get(0))
                .contains("demo was not published", table.getFileName().toString());
        assertThat(leftIn(scratch)).isEmpty();

        flipBit(table);
        Publication next = publisher.publish();
        assertThat(next.change().since()).containsExactly(good.record().snapshot());
        assertThat(bucket.latest().orElseThrow().record().drill()).startsWith("passed");
        Path restored =
                bucket.restore(bucket.latest().orElseThrow(), site.home().resolve("put-right"));
        assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(database.root()));
        assertThat(slack.texts()).hasSize(2);
    }

    @Test
    void canaryThatRefusesKeepsTheSnapshotOutOfLatest() throws Exception {
        publisher.set("caravan.database.demo.canary", "echo looking; echo \"no peers for $CARAVAN_DATABASE\"; exit 9");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("status 9")
                .hasMessageContaining("no peers for demo");
        assertThat(bucket.latest()).isEmpty();
        assertThat(refused())
                .singleElement()
                .extracting(RefusedSnapshot::why)
                .asString()
                .contains("no peers for demo");

        publisher.set("caravan.database.demo.canary", "");
        publisher.publish();
        assertThat(catalog().databases().get(0).refused())
                .as("a catalog that had no entry for it is made up for")
                .singleElement()
                .satisfies(each -> assertThat(each.why()).contains("no peers for demo"));
    }

    @Test
    void recordThatIsGoneWhenTheDrillIsOverIsNotPutBackWithoutTheRest() throws Exception {
        publisher.set("caravan.database.demo.canary", "rm '" + bucket.fileOf("demo") + "'/2*/record");

        assertThatThrownBy(publisher::publish)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("is gone");

        assertThat(bucket.names()).noneMatch(name -> name.endsWith("/record"));
        assertThat(bucket.latest()).isEmpty();
    }

    @Test
    void keptCopyIsBroughtUpToDateByWhatDiffers() throws Exception {
        publisher
                .set("caravan.drill.keep-copy", "true")
                .set(
                        "caravan.database.demo.canary",
                        "rm \"$CARAVAN_DIRECTORY\"/db/full/*.log; echo x > \"$CARAVAN_DIRECTORY/db/full/junk\"");
        publisher.publish();
        Path copy = scratch.resolve("caravan-drill-demo/copy");
        assertThat(copy.resolve("db/full/junk")).exists();
        publisher.set("caravan.database.demo.canary", "");
        database.write(10);
        publisher.publish();
        assertThat(copy.resolve("db/full/junk")).doesNotExist();
        assertThat(SampleDatabase.heightOf(copy)).isEqualTo(SampleDatabase.heightOf(database.root()));
        try (Stream<Path> left = Files.list(copy.getParent())) {
            assertThat(left.map(each -> each.getFileName().toString())).containsExactlyInAnyOrder("copy", "client");
        }
    }

    @Test
    void whatIsPublishedIsDrilledOnItsOwnAndPeopleHearOfItWhenItIsBadAndWhenThatIsOver() throws Exception {
        publisher.set("caravan.database.demo.drill", "off").publish();
        PublishedBucket.Snapshot published = bucket.latest().orElseThrow();
        SnapshotId snapshot = published.record().snapshot();
        assertThat(published.record().drill()).isEqualTo("none");

        drillLatest();
        assertThat(bucket.latest().orElseThrow().record()).isEqualTo(published.record());
        assertThat(shownOf(snapshot).drill()).startsWith("passed 20");
        assertThat(slack.texts()).isEmpty();

        Path chunk = bucket.fileOf(
                BucketPaths.chunk(published.files().get(0).chunks().get(0).digest(), StoredAs.PLAIN));
        byte[] right = Files.readAllBytes(chunk);
        byte[] wrong = right.clone();
        wrong[0] ^= 1;
        Files.write(chunk, wrong);
        drillLatest();
        drillLatest();
        assertThat(slack.texts()).hasSize(1);
        assertThat(slack.texts().get(0)).contains("a drill found it bad", snapshot.toString());
        assertThat(shownOf(snapshot).drill()).startsWith("failed 20");

        Files.write(chunk, right);
        drillLatest();
        assertThat(slack.texts()).hasSize(2);
        assertThat(slack.texts().get(1)).contains("over");

        Publication next = publisher.publish();
        assertThat(next.report().bytesRead())
                .as("the files of the node were never in doubt")
                .isLessThan(next.bytes());
    }

    @Test
    void publishedSnapshotWhoseFilesAreBadHasEveryFileReadAnew() throws Exception {
        publisher.set("caravan.database.demo.drill", "off").publish();
        publisher
                .set("caravan.database.demo.drill-schedule", "0 0 12 ? * SUN")
                .set("caravan.database.demo.canary", "exit 9");
        drillLatest();
        assertThat(slack.texts()).hasSize(1);
        assertThat(slack.texts().get(0)).contains("a drill found it bad", "status 9");
        publisher.set("caravan.database.demo.canary", "");

        Publication next = publisher.publish();

        assertThat(next.report().bytesRead())
                .as("nothing that was known of the files of a bad snapshot counts")
                .isEqualTo(next.bytes());
        assertThat(publisher.publish().report().bytesRead()).isLessThan(next.bytes());
    }

    @Test
    void chunkThatIsDamagedInTheBucketIsNamedAndTheNodeIsNotBlamedAndADeletedOneIsStoredAnew() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot good = bucket.latest().orElseThrow();
        byte[] pointer = bucket.read(BucketPaths.latest(PublishedBucket.DATABASE));
        String chunk = BucketPaths.chunk(chunkOfATable(good), StoredAs.PLAIN);
        Path stored = bucket.fileOf(chunk);
        byte[] wrong = Files.readAllBytes(stored);
        wrong[0] ^= 1;
        Files.write(stored, wrong);

        CaravanException failure = catchThrowableOfType(CaravanException.class, publisher::publish);
        assertThat(failure)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(chunk)
                .hasMessageContaining(
                        "bucket and public address agree on " + chunk + ": either has " + wrong.length + " bytes");
        assertThat(failure.hint())
                .contains("delete " + chunk + " in the bucket", "let the CDN forget", "publish again")
                .contains(site.server().publicUrl() + "/")
                .doesNotContain("repair the node");
        assertThat(bucket.read(BucketPaths.latest(PublishedBucket.DATABASE))).isEqualTo(pointer);
        assertThat(refused())
                .singleElement()
                .extracting(RefusedSnapshot::why)
                .asString()
                .contains(chunk);

        assertThat(catchThrowableOfType(CaravanException.class, publisher::publish))
                .as("what is known to be bad is not published once more")
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("read back chunk " + chunk)
                .extracting(CaravanException::hint)
                .asString()
                .contains("delete it");
        assertThat(refused()).as("there was nothing to drill").hasSize(1);

        Files.delete(stored);
        Publication next = publisher.publish();
        assertThat(next.report().bytesRead()).as("no file was in doubt").isLessThan(next.bytes());
        assertThat(bucket.latest().orElseThrow().record().drill()).startsWith("passed");
        assertThat(publisher.state().resolve("publish/demo/suspected")).isEmptyDirectory();
    }

    @Test
    void chunkThatTheBucketHasLostIsFoundAndStoredAnew() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot good = bucket.latest().orElseThrow();
        String chunk = BucketPaths.chunk(chunkOfATable(good), StoredAs.PLAIN);
        Files.delete(bucket.fileOf(chunk));
        publisher.set("caravan.upload.recheck-one-in", "0");

        assertThat(catchThrowableOfType(CaravanException.class, publisher::publish))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("bucket and public address agree on " + chunk + ": either has nothing");
        publisher.publish();

        assertThat(bucket.latest().orElseThrow().record().drill()).startsWith("passed");
    }

    @Test
    void programThatIsToldToStopEndsTheDrillAndItsCanaryAndRefusesNothing() throws Exception {
        Path started = scratch.resolveSibling("started");
        new ProcessBuilder("mkfifo", started.toString()).start().waitFor();
        publisher.set("caravan.database.demo.canary", "echo $$ > '" + started + "'; exec sleep 300");
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        try (PipelineBeans beans = new PipelineBeans(installation, installation.settings());
                Pipeline pipeline = Pipeline.load(installation, installation.settings(), beans, beans.probe(), false)) {
            pipeline.begin();
            CompletableFuture<CaravanException> failure = new CompletableFuture<>();
            new Thread(() -> failure.complete(catchThrowableOfType(
                            CaravanException.class, () -> pipeline.publish(PublishedBucket.DATABASE))))
                    .start();
            long canary = Long.parseLong(Files.readString(started).strip());
            beans.stop();
            assertThat(failure.get()).isInstanceOf(TransientException.class).hasMessageContaining("told to stop");
            assertThat(ProcessHandle.of(canary).filter(ProcessHandle::isAlive)).isEmpty();
        }
        assertThat(bucket.latest()).isEmpty();
        assertThat(refused()).isEmpty();
        assertThat(leftIn(scratch)).isEmpty();
    }

    @Test
    void canaryThatNothingWouldRunIsWrongAndScratchInsideANodesDirectoryIsRefused() {
        publisher.set("caravan.database.demo.drill", "off").set("caravan.database.demo.canary", "true");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("canary");
        publisher
                .set("caravan.database.demo.drill", "gate")
                .set(
                        "caravan.drill.directory",
                        database.root().resolve("drills").toString());
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("caravan.drill.directory");
    }

    /** What happens when its schedule says so. */
    private void drillLatest() throws Exception {
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        Settings settings = installation.settings();
        try (PipelineBeans beans = new PipelineBeans(installation, settings);
                Pipeline pipeline = Pipeline.load(installation, settings, beans, beans.probe(), false)) {
            pipeline.begin();
            try (ProducerTemplate template = pipeline.camel().createProducerTemplate()) {
                template.requestBody("direct:drill-latest", "demo");
            } finally {
                pipeline.deliverAlerts();
            }
        }
    }

    private List<RefusedSnapshot> refused() throws Exception {
        return new Refusals(publisher.state(), Clock.systemUTC()).of(PublishedBucket.DATABASE);
    }

    private SnapshotRecord recordOf(SnapshotId snapshot) throws Exception {
        byte[] note = bucket.read(BucketPaths.ofSnapshot(PublishedBucket.DATABASE, snapshot, BucketPaths.RECORD));
        return RecordFormat.read(
                SignedNote.verify(note, NoteKind.RECORD, publisher.trusted(), "record")
                        .line(),
                "record");
    }

    private Catalog catalog() throws Exception {
        byte[] note = bucket.read(BucketPaths.CATALOG);
        return CatalogFormat.read(
                SignedNote.verify(note, NoteKind.CATALOG, publisher.trusted(), "catalog")
                        .line(),
                "catalog");
    }

    private CatalogSnapshot shownOf(SnapshotId snapshot) throws Exception {
        return catalog().databases().get(0).snapshots().stream()
                .filter(each -> each.id().equals(snapshot))
                .findFirst()
                .orElseThrow();
    }

    private static Digest chunkOfATable(PublishedBucket.Snapshot snapshot) {
        return snapshot.files().stream()
                .filter(file -> file.path().value().endsWith(".sst"))
                .findFirst()
                .orElseThrow()
                .chunks()
                .get(0)
                .digest();
    }

    private Path newTableSince(PublishedBucket.Snapshot before) throws Exception {
        List<String> known =
                before.files().stream().map(file -> file.path().value()).toList();
        try (Stream<Path> files = Files.list(database.root().resolve("db/full"))) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .filter(file ->
                            !known.contains(database.root().relativize(file).toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> leftIn(Path scratch) throws Exception {
        try (Stream<Path> left = Files.list(scratch)) {
            return left.map(each -> each.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .toList();
        }
    }

    private static void flipBit(Path file) throws Exception {
        FileTime time = Files.getLastModifiedTime(file);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = bytes.length() / 3;
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ 4);
        }
        Files.setLastModifiedTime(file, time);
    }
}
