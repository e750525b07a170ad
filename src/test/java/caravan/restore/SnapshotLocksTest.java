package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.StoredAs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lock files of engines: a snapshot has none, but for stores whose engine is not known. */
@Timeout(60)
class SnapshotLocksTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(store("data", Engine.UNKNOWN, 1000));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();

    @Test
    void aSnapshotWithTheLockFileOfItsEngineIsRefusedBeforeAnythingChanges() throws Exception {
        Bucket.Tree old = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n");
        bucket.point(bucket.publish(old, snapshot(1), false, Bucket.oneStore(1000)), 1);
        demo.fetch();
        publishWithLock();

        assertThatThrownBy(demo::fetch).isInstanceOf(DamagedException.class).hasMessageContaining("lock file");

        Trees.assertExact(target, old);
    }

    @Test
    void aStoreOfAnUnknownEngineKeepsFilesOfSuchNames() throws Exception {
        Bucket.Tree first = new Bucket.Tree()
                .file("data/LOCK", "of the engine")
                .file("data/sub/lock", "of it, too")
                .file("data/x", "1");
        demo.publishLatest(first, 1);
        demo.fetch();
        Trees.assertExact(target, first);
        Bucket.Tree second = new Bucket.Tree()
                .file("data/LOCK", "of another")
                .file("data/sub/lock", "of it, too")
                .file("data/x", "2");
        demo.publishLatest(second, 2);

        demo.fetch();

        Trees.assertExact(target, second);
    }

    @Test
    void whatARestoreOfAnotherSnapshotMadeIsNotRemovedIfItIsTheSnapshotsNow() throws Exception {
        Bucket.Tree tree = new Bucket.Tree().file("data/LOCK", "of the engine").file("data/x", "1");
        demo.publishLatest(tree, 1);
        Files.createDirectories(target.resolve("data"));
        Files.createDirectories(target.resolve(".caravan"));
        Files.writeString(target.resolve("data/LOCK"), "");
        Files.writeString(target.resolve(".caravan/made-locks"), "data/LOCK");
        Files.writeString(target.resolve(".caravan/restore"), "caravan-restore-1\n");

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    private void publishWithLock() throws Exception {
        byte[] content = {'x'};
        Digest hash = Digest.of(content);
        bucket.put(BucketPaths.chunk(hash, StoredAs.PLAIN), content);
        ManifestHeader header =
                new ManifestHeader(DATABASE, snapshot(2), List.of(store("db/full", Engine.ROCKSDB, 1000)));
        String chunk = "\",\"size\":1,\"chunks\":[[\"" + hash.hex() + "\",1]]}\n";
        String manifest = "{\"format\":\"caravan-manifest-1\",\"database\":\"demo\",\"snapshot\":\"" + snapshot(2)
                + "\",\"stores\":[{\"path\":\"db/full\",\"engine\":\"rocksdb\",\"seal\":\"db/full/CURRENT\",\"capture\":"
                + "\"copy\",\"verification\":\"none\",\"chunkSize\":1000}]}\n{\"path\":\"db/full/CURRENT" + chunk
                + "{\"path\":\"db/full/LOCK" + chunk
                + "{\"totals\":{\"files\":2,\"directories\":0,\"chunks\":2,\"bytes\":2}}\n";
        bucket.point(
                bucket.publish(
                        snapshot(2), manifest.getBytes(StandardCharsets.UTF_8), new ManifestTotals(2, 0, 2, 2), header),
                2);
    }
}
