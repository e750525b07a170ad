package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.restore.target.TargetTree;
import caravan.snapshot.SnapshotPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Restores over a database that is there: what is touched, and in which order. */
class FetchInPlaceTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(1000));

    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree old = Trees.older();
    private final Bucket.Tree tree = Trees.newer();

    @BeforeEach
    void publish() throws Exception {
        demo.publish(old, 1);
        demo.publishLatest(tree, 2);
    }

    @Test
    void noEngineOpensAnyStoreUntilAllIsThere() throws Exception {
        fetchOld();
        server.always(Bucket.chunk(Trees.NEW), FaultServer.status(503));

        assertThatThrownBy(demo::fetch).isInstanceOf(TransientException.class);

        assertThat(target.resolve("db/full/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/parachains/db/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/000003.log")).doesNotExist();
        assertThatThrownBy(demo::verify).isInstanceOf(RefusedException.class).hasMessageContaining("has not ended");
        server.repair(Bucket.chunk(Trees.NEW));
        FetchOutcome outcome = demo.fetch();
        Trees.assertExact(target, tree);
        assertThat(outcome.bytesKept()).isEqualTo(2500);
        assertThat(demo.verify().faultCount()).isZero();
    }

    @Test
    void oneFlippedBitOnTheDiskCostsOneChunk() throws Exception {
        demo.fetch();
        byte[] flipped = Trees.SAME.clone();
        flipped[1500] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), flipped);
        server.forgetRequests();

        VerifyOutcome found = demo.verify();
        demo.fetch();

        assertThat(found.faults())
                .singleElement()
                .asString()
                .contains("000001.sst differs")
                .contains("1000 to 1999");
        Trees.assertExact(target, tree);
        assertThat(server.requests()).contains(Bucket.chunk(Arrays.copyOfRange(Trees.SAME, 1000, 2000)));
        assertThat(server.requests()).doesNotContain(Bucket.chunk(Arrays.copyOfRange(Trees.SAME, 0, 1000)));
    }

    @Test
    void filesOutsideTheStoresStay() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("keystore"));
        Files.writeString(target.resolve("keystore/secret"), "of the node");

        demo.fetch();

        assertThat(target.resolve("keystore/secret")).hasContent("of the node");
        assertThat(target.resolve("db/full/000003.log")).doesNotExist();
        assertThat(demo.verify().faultCount()).isZero();
    }

    @Test
    void aFileThatHasAnotherNameElsewhereIsNotWrittenThrough() throws Exception {
        fetchOld();
        Path elsewhere = demo.disk().resolve("checkpoint.sst");
        byte[] other = Trees.SAME.clone();
        other[0] ^= 1;
        Files.write(target.resolve("db/full/000001.sst"), other);
        Files.createLink(elsewhere, target.resolve("db/full/000001.sst"));

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(elsewhere).hasBinaryContent(other);
    }

    @Test
    void roomIsNeededForACopyOfWhatHasAnotherNameElsewhere() throws Exception {
        fetchOld();
        Path table = target.resolve("db/full/000001.sst");
        Plan plan = new Plan(demo.client().settings(), demo.clock(), new Progress(), Duration.ZERO, found -> {});
        long before = plan.into(demo.location(), target, false).room().bytes();

        Files.createLink(demo.disk().resolve("checkpoint.sst"), table);

        assertThat(plan.into(demo.location(), target, false).room().bytes()).isEqualTo(before + Trees.SAME.length);
        try (TargetTree tree = TargetTree.open(target.toRealPath());
                OpenSnapshot snapshot =
                        OpenSnapshot.find(demo.client().settings(), demo.clock(), new Progress(), demo.location())) {
            TreeCheck check = new TreeCheck(tree, snapshot.content().manifest(), 1, new Progress());
            assertThat(check.run().growth()).isEqualTo(before + Trees.SAME.length);
        }
    }

    @Test
    void aDirectoryInPlaceOfAFileAndAFileInPlaceOfADirectoryAreMovedAside() throws Exception {
        fetchOld();
        Files.createDirectories(target.resolve("db/full/000008.sst/deep"));
        Files.writeString(target.resolve("db/full/000008.sst/deep/x"), "x");
        Files.writeString(target.resolve("db/full/parachains/db/empty"), "not a directory");

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(outcome.replaced().get(0).resolve("db/full/000008.sst/deep/x"))
                .hasContent("x");
    }

    @Test
    void whatAnUnfinishedRestoreLeftStaysThoughTheNextFailsBeforeItBegins() throws Exception {
        fetchOld();
        String last = Bucket.chunk(tree.files().get(new SnapshotPath("db/full/CURRENT")));
        server.always(last, FaultServer.status(404));
        assertThatThrownBy(demo::fetch).isInstanceOf(CaravanException.class);
        server.repair(last);
        long arrived = demo.client().progress().arrivedBytes();
        Path inTheWay = Files.createDirectories(target.resolve(".caravan/new-file/of-another"));

        assertThatThrownBy(demo::fetch).hasMessageContaining("new-file");

        assertThat(arrived).isPositive();
        assertThat(target.resolve(".caravan/restore")).exists();
        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        assertThat(demo.fetch().bytesFetched()).isLessThan(arrived);
        Trees.assertExact(target, tree);
    }

    @Test
    void aMarkedDirectoryIsResumedEvenWithoutASeal() throws Exception {
        fetchOld();
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/restore"), "caravan-restore-1\n");
        Files.delete(target.resolve("db/full/CURRENT"));
        Files.delete(target.resolve("db/full/parachains/db/CURRENT"));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aManifestThatIsKeptButDamagedIsFetchedAgain() throws Exception {
        demo.fetch();
        Path manifests = demo.state().resolve("manifests");
        Path kept = manifests.resolve(Trees.list(manifests).get(0));
        Files.writeString(kept, "rubbish");

        FetchOutcome again = demo.fetch();

        assertThat(again.changed()).isFalse();
        assertThat(demo.verify().faultCount()).isZero();
    }

    private void fetchOld() throws Exception {
        demo.fetch(1);
        Trees.assertExact(target, old);
    }
}
