package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.signature.SigningKey;
import caravan.snapshot.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code sync.sh} does about the locks of engines, and of other runs. */
@Timeout(120)
class SyncScriptLockTest {

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(2500, 1));
    private FaultServer server;
    private SyncScript script;
    private Path disk;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        Bucket bucket = new Bucket(directory.resolve("bucket"), key, Instant.now());
        bucket.point(bucket.publish(tree, snapshot(1), false, store("db/full", Engine.ROCKSDB, 1000)), 1);
        server = new FaultServer(bucket.root());
        script = new SyncScript(directory.resolve("state"), key.fingerprint());
        disk = Files.createDirectory(directory.resolve("disk"));
        target = disk.resolve("data");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theLockOfAStoreThatTheSnapshotDoesNotHaveGoesWithIt() throws Exception {
        script.run(url(), target).done();
        Files.createFile(target.resolve("db/full/LOCK"));
        Path extra = Files.createDirectories(target.resolve("db/full/parachains/db"));
        Files.createFile(extra.resolve("LOCK"));
        Files.createFile(extra.resolve("lock"));
        Files.writeString(extra.resolve("CURRENT"), "MANIFEST-000007\n");
        Files.createFile(
                Files.createDirectories(target.resolve("db/full/only/a")).resolve("LOCK"));

        script.run(url(), target).done();

        assertThat(target.resolve("db/full/LOCK")).exists();
        Files.delete(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
        Path replaced = disk.resolve(Trees.list(disk).get(1));
        assertThat(Trees.names(replaced))
                .contains(
                        "db/full/only/a/LOCK",
                        "db/full/parachains/db/CURRENT",
                        "db/full/parachains/db/LOCK",
                        "db/full/parachains/db/lock");
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveIsLeftAloneWhileAProcessHoldsIt() throws Exception {
        script.run(url(), target).done();
        Path extra = Files.createDirectories(target.resolve("db/full/parachains/db"));
        try (LockHolder holder = LockHolder.start(extra.resolve("LOCK"))) {
            List<String> before = Trees.print(target);

            script.run(url(), target).refusedWith(4, "target in use: process " + holder.pid());

            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    private String url() {
        return server.base() + "/demo";
    }
}
