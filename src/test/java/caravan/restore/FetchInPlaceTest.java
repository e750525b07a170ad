package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.restore.target.TargetTree;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores over a database that is there: what is touched, in which order, and what is refused. */
class FetchInPlaceTest {

    private static final byte[] SAME = Trees.bytes(2500, 1);
    private static final byte[] NEW = Trees.bytes(900, 2);

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree old = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", SAME)
            .file("db/full/000003.log", "an old log that must not be replayed")
            .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n");
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000009\n")
            .file("db/full/000001.sst", SAME)
            .file("db/full/000008.sst", NEW)
            .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n")
            .directory("db/full/parachains/db/empty");
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        publish(old, 1);
        bucket.point(publish(tree, 2), 2);
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void noEngineOpensAnyStoreUntilAllIsThere() throws Exception {
        fetchOld();
        server.always(chunk(NEW), FaultServer.status(503));

        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(TransientException.class);

        assertThat(target.resolve("db/full/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/parachains/db/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/000003.log")).doesNotExist();
        assertThatThrownBy(() -> verify()).isInstanceOf(RefusedException.class).hasMessageContaining("has not ended");
        server.repair(chunk(NEW));
        FetchOutcome outcome = client.fetch(url(), target);
        Trees.assertExact(target, tree);
        assertThat(outcome.bytesKept()).isEqualTo(2500);
        assertThat(verify().faultCount()).isZero();
    }

    @Test
    void oneFlippedBitOnTheDiskCostsOneChunk() throws Exception {
        client.fetch(url(), target);
        byte[] flipped = SAME.clone();
        flipped[1500] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), flipped);
        server.forgetRequests();

        VerifyOutcome found = verify();
        client.fetch(url(), target);

        assertThat(found.faults())
                .singleElement()
                .asString()
                .contains("000001.sst differs")
                .contains("1000 to 1999");
        Trees.assertExact(target, tree);
        assertThat(server.requests()).contains(BucketPaths.chunk(Digest.of(slice(SAME, 1000, 2000)), StoredAs.PLAIN));
        assertThat(server.requests())
                .doesNotContain(BucketPaths.chunk(Digest.of(slice(SAME, 0, 1000)), StoredAs.PLAIN));
    }

    @Test
    void filesOutsideTheStoresStay() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("keystore"));
        Files.writeString(target.resolve("keystore/secret"), "of the node");

        client.fetch(url(), target);

        assertThat(target.resolve("keystore/secret")).hasContent("of the node");
        assertThat(target.resolve("db/full/000003.log")).doesNotExist();
        assertThat(verify().faultCount()).isZero();
    }

    @Test
    void aLockFileOfTheEngineIsLeftAlone() throws Exception {
        fetchOld();
        Files.createFile(target.resolve("db/full/LOCK"));

        client.fetch(url(), target);

        assertThat(target.resolve("db/full/LOCK")).exists();
        assertThat(target.resolve("db/full/parachains/db/LOCK")).doesNotExist();
        assertThat(verify().faultCount()).isZero();
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveIsMovedAsideWithItsLockFile() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("db/full/extra/paritydb"));
        Files.createFile(target.resolve("db/full/extra/db.LOCK"));
        Files.writeString(target.resolve("db/full/extra/LOCK"), "of RocksDB");
        Files.writeString(target.resolve("db/full/extra/CURRENT"), "MANIFEST-000001\n");
        Files.writeString(target.resolve("db/full/extra/paritydb/lock"), "of ParityDB");

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        Path aside = outcome.replaced().get(0).resolve("db/full/extra");
        assertThat(aside.resolve("LOCK")).hasContent("of RocksDB");
        assertThat(aside.resolve("paritydb/lock")).hasContent("of ParityDB");
        assertThat(verify().faultCount()).isZero();
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveStaysIfAProcessHoldsIt() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("db/full/extra"));

        try (LockHolder holder = LockHolder.start(target.resolve("db/full/extra/LOCK"))) {
            List<String> before = Trees.print(target);
            assertThatThrownBy(() -> client.fetch(url(), target))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("process " + holder.pid() + " holds the lock of db/full/extra/LOCK");
            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    @Test
    void theLockOfAStoreThatAKilledRestoreMadeAndTheNextSnapshotDoesNotHaveIsNoObstacle() throws Exception {
        fetchOld();
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/made-locks"), "db/full/000008.sst/LOCK");
        Files.createDirectory(target.resolve("db/full/000008.sst"));
        Files.createFile(target.resolve("db/full/000008.sst/LOCK"));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(verify().faultCount()).isZero();
    }

    @Test
    void aLockFileThatAKilledRestoreMadeIsRemovedByTheNext() throws Exception {
        fetchOld();
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/made-locks"), "db/full/LOCK");
        Files.createFile(target.resolve("db/full/LOCK"));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void aFileThatHasAnotherNameElsewhereIsNotWrittenThrough() throws Exception {
        fetchOld();
        Path elsewhere = directory.resolve("disk/checkpoint.sst");
        byte[] other = SAME.clone();
        other[0] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), other);
        Files.createLink(elsewhere, target.resolve("db/full/000001.sst"));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(elsewhere).hasBinaryContent(other);
    }

    @Test
    void roomIsNeededForACopyOfWhatHasAnotherNameElsewhere() throws Exception {
        fetchOld();
        Path table = target.resolve("db/full/000001.sst");
        Plan plan = new Plan(
                client.settings(), Clock.fixed(Client.NOW, ZoneOffset.UTC), new Progress(), Duration.ZERO, found -> {});
        long before =
                plan.into(SnapshotLocation.parse(url()), target, false).room().bytes();

        Files.createLink(directory.resolve("disk/checkpoint.sst"), table);

        assertThat(plan.into(SnapshotLocation.parse(url()), target, false)
                        .room()
                        .bytes())
                .isEqualTo(before + SAME.length);
        try (TargetTree tree = TargetTree.open(target.toRealPath());
                OpenSnapshot snapshot = OpenSnapshot.find(
                        client.settings(),
                        Clock.fixed(Client.NOW, ZoneOffset.UTC),
                        new Progress(),
                        SnapshotLocation.parse(url()))) {
            TreeCheck check = new TreeCheck(tree, snapshot.content().manifest(), 1, new Progress());
            assertThat(check.run().growth()).isEqualTo(before + SAME.length);
        }
    }

    @Test
    void aDirectoryInPlaceOfAFileAndAFileInPlaceOfADirectoryAreMovedAside() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("db/full/000008.sst/deep"));
        Files.writeString(target.resolve("db/full/000008.sst/deep/x"), "x");
        Files.writeString(target.resolve("db/full/parachains/db/empty"), "not a directory");

        FetchOutcome outcome = client.fetch(url(), target);

        Trees.assertExact(target, tree);
        assertThat(outcome.replaced().get(0).resolve("db/full/000008.sst/deep/x"))
                .hasContent("x");
    }

    @Test
    void aPlantedLinkToAFileIsRefusedAndNothingIsChanged() throws Exception {
        fetchOld();
        Path outside = Files.writeString(directory.resolve("outside"), "mine");
        Files.delete(target.resolve("db/full/000001.sst"));
        Files.createSymbolicLink(target.resolve("db/full/000001.sst"), outside);
        List<String> before = Trees.print(target);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("000001.sst is a link");

        assertThat(outside).hasContent("mine");
        assertThat(Trees.print(target)).isEqualTo(before);
    }

    @Test
    void aPlantedLinkToADirectoryIsNotFollowed() throws Exception {
        fetchOld();
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.move(target.resolve("db/full/parachains"), outside.resolve("parachains"));
        Files.createSymbolicLink(target.resolve("db/full/parachains"), outside.resolve("parachains"));
        List<String> before = Trees.print(outside);
        List<String> inside = Trees.print(target);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("parachains is a link");

        assertThat(Trees.print(outside)).isEqualTo(before);
        assertThat(Trees.print(target)).isEqualTo(inside);
    }

    @Test
    void aLinkAboveTheStoresIsNotFollowedEither() throws Exception {
        fetchOld();
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.move(target.resolve("db"), outside.resolve("db"));
        Files.createSymbolicLink(target.resolve("db"), outside.resolve("db"));
        List<String> before = Trees.print(outside);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("db is a link");

        assertThat(Trees.print(outside)).isEqualTo(before);
    }

    @Test
    void aPlantedLinkInTheStageIsRefused() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path stage = Files.createDirectory(target.resolveSibling("data.caravan-incomplete"));
        Files.createDirectory(stage.resolve("db"));
        Files.createSymbolicLink(stage.resolve("db/full"), outside);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("a link or something that is no plain file");

        assertThat(outside).isEmptyDirectory();
        assertThat(target).doesNotExist();
    }

    @Test
    void aLinkInPlaceOfTheStageIsRefused() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createSymbolicLink(target.resolveSibling("data.caravan-incomplete"), outside);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("in the way");

        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aDirectoryOfOtherThingsIsRefusedAndUntouched() throws Exception {
        Files.createDirectories(target.resolve("db"));
        Files.writeString(target.resolve("letter.txt"), "dear");
        List<String> before = Trees.print(target);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("holds no database")
                .hasMessageContaining("letter.txt");

        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(Trees.list(target.getParent())).containsExactly("data");
    }

    @Test
    void aFileIsNoTargetAndAMissingParentIsNotMade() throws Exception {
        Files.writeString(target, "a file");

        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> client.fetch(url(), target.resolveSibling("not/mounted")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("does not exist");

        assertThat(target).hasContent("a file");
    }

    @Test
    void aDatabaseThatAProcessHoldsOpenIsRefused() throws Exception {
        fetchOld();
        List<String> before = Trees.print(target);

        try (LockHolder holder = LockHolder.start(target.resolve("db/full/parachains/db/LOCK"))) {
            assertThatThrownBy(() -> client.fetch(url(), target))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("target in use")
                    .hasMessageContaining("process " + holder.pid());
        }

        Files.delete(target.resolve("db/full/parachains/db/LOCK"));
        assertThat(Trees.print(target)).isEqualTo(before);
        client.fetch(url(), target);
        Trees.assertExact(target, tree);
    }

    @Test
    void whatAnUnfinishedRestoreLeftStaysThoughTheNextFailsBeforeItBegins() throws Exception {
        fetchOld();
        String last = chunk(tree.files().get(new SnapshotPath("db/full/CURRENT")));
        server.always(last, FaultServer.status(404));
        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(CaravanException.class);
        server.repair(last);
        long arrived = client.progress().arrivedBytes();
        Path inTheWay = Files.createDirectories(target.resolve(".caravan/new-file/of-another"));

        assertThatThrownBy(() -> client.fetch(url(), target)).hasMessageContaining("new-file");

        assertThat(arrived).isPositive();
        assertThat(target.resolve(".caravan/restore")).exists();
        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        assertThat(client.fetch(url(), target).bytesFetched()).isLessThan(arrived);
        Trees.assertExact(target, tree);
    }

    @Test
    void aMarkedDirectoryIsResumedEvenWithoutASeal() throws Exception {
        fetchOld();
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/restore"), "caravan-restore-1\n");
        Files.delete(target.resolve("db/full/CURRENT"));
        Files.delete(target.resolve("db/full/parachains/db/CURRENT"));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void whatIsPublishedIsVerifiedToTheLastByte() throws Exception {
        Verification verification = verification();
        VerifyOutcome good = verification.published(SnapshotLocation.parse(url()), false);
        server.always(chunk(NEW), FaultServer.flippedBit(3));
        server.always("demo/" + snapshot(2) + "/chunks.tsv", FaultServer.status(404));

        VerifyOutcome bad = verification().published(SnapshotLocation.parse(url()), false);
        VerifyOutcome quick = verification().published(SnapshotLocation.parse(url()), true);

        assertThat(good.faultCount()).isZero();
        assertThat(bad.faultCount()).isEqualTo(2);
        assertThat(bad.faults()).anyMatch(fault -> fault.contains("chunks.tsv answered 404"));
        assertThat(bad.faults()).anyMatch(fault -> fault.contains(chunk(NEW)) && fault.contains("does not match"));
        assertThat(quick.faultCount()).isEqualTo(1);
    }

    @Test
    void whatIsPublishedIsJudgedAtItsUrlAloneWhateverMirrorsAndThisMachineHave() throws Exception {
        Path mirror = directory.resolve("mirror");
        for (String path : Trees.names(bucket.root())) {
            if (Files.isRegularFile(bucket.root().resolve(path))) {
                Files.createDirectories(mirror.resolve(path).getParent());
                Files.copy(bucket.root().resolve(path), mirror.resolve(path));
            }
        }
        client.fetch(url(), target);
        server.always(chunk(NEW), FaultServer.body(Trees.bytes(901, 3)));
        server.always("demo/" + snapshot(2) + "/manifest.jsonl", FaultServer.body("another\n".getBytes(US_ASCII)));
        Verification withMirror = new Verification(
                client.settings().withMirrors(List.of(new PublishedBase(mirror.toString()))),
                Clock.fixed(Client.NOW, ZoneOffset.UTC),
                new Progress());

        assertThat(withMirror.published(SnapshotLocation.parse(url()), false).faults())
                .hasSize(2)
                .anyMatch(fault -> fault.contains(chunk(NEW)))
                .anyMatch(fault -> fault.contains("manifest.jsonl"));
        assertThat(withMirror.published(SnapshotLocation.parse(url()), true).faults())
                .hasSize(2)
                .anyMatch(fault -> fault.contains(chunk(NEW)) && fault.contains("has 901 bytes, expected 900"));
    }

    @Test
    void aDirectoryIsVerifiedAgainstAnotherSnapshotIfAsked() throws Exception {
        fetchOld();

        VerifyOutcome outcome = verification().directory(target, SnapshotLocation.parse(url()));

        assertThat(verify().faultCount()).isZero();
        assertThat(outcome.faults())
                .anyMatch(fault -> fault.contains("000003.log is not in the snapshot"))
                .anyMatch(fault -> fault.contains("000008.sst is missing"))
                .anyMatch(fault -> fault.contains("CURRENT differs"))
                .anyMatch(fault -> fault.contains("empty is missing"))
                .hasSize(4);
    }

    @Test
    void aManifestThatIsKeptButDamagedIsFetchedAgain() throws Exception {
        client.fetch(url(), target);
        Path manifests = directory.resolve("state/manifests");
        Path kept = manifests.resolve(Trees.list(manifests).get(0));
        Files.writeString(kept, "rubbish");

        FetchOutcome again = client.fetch(url(), target);

        assertThat(again.changed()).isFalse();
        assertThat(verify().faultCount()).isZero();
    }

    private void fetchOld() throws Exception {
        client.fetch(url() + "/" + snapshot(1), target);
        Trees.assertExact(target, old);
    }

    private VerifyOutcome verify() throws Exception {
        return verification().directory(target);
    }

    private Verification verification() {
        return new Verification(client.settings(), Clock.fixed(Client.NOW, ZoneOffset.UTC), new Progress());
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree what, int number) throws Exception {
        return bucket.publish(
                what,
                snapshot(number),
                false,
                store("db/full", Engine.ROCKSDB, 1000),
                store("db/full/parachains/db", Engine.ROCKSDB, 1000));
    }

    private static String chunk(byte[] content) {
        return BucketPaths.chunk(Digest.of(content), StoredAs.PLAIN);
    }

    private static byte[] slice(byte[] content, int from, int to) {
        return Arrays.copyOfRange(content, from, to);
    }
}
