package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code fetch} does about the locks of engines: those of running ones, of ended ones, and of its own killed runs. */
class FetchLockTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(1000));

    private final Path target = demo.target();
    private final Bucket.Tree old = Trees.older();
    private final Bucket.Tree tree = Trees.newer();

    @BeforeEach
    void restoreTheOlder() throws Exception {
        demo.publish(old, 1);
        demo.publishLatest(tree, 2);
        demo.fetch(1);
        Trees.assertExact(target, old);
    }

    @Test
    void aLockFileOfTheEngineIsLeftAlone() throws Exception {
        Files.createFile(target.resolve("db/full/LOCK"));

        demo.fetch();

        assertThat(target.resolve("db/full/LOCK")).exists();
        assertThat(target.resolve("db/full/parachains/db/LOCK")).doesNotExist();
        assertThat(demo.verify().faultCount()).isZero();
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveIsMovedAsideWithItsLockFile() throws Exception {
        Files.createDirectories(target.resolve("db/full/extra/paritydb"));
        Files.createFile(target.resolve("db/full/extra/db.LOCK"));
        Files.writeString(target.resolve("db/full/extra/LOCK"), "of RocksDB");
        Files.writeString(target.resolve("db/full/extra/CURRENT"), "MANIFEST-000001\n");
        Files.writeString(target.resolve("db/full/extra/paritydb/lock"), "of ParityDB");

        FetchOutcome outcome = demo.fetch();

        Trees.assertExact(target, tree);
        Path aside = outcome.replaced().get(0).resolve("db/full/extra");
        assertThat(aside.resolve("LOCK")).hasContent("of RocksDB");
        assertThat(aside.resolve("paritydb/lock")).hasContent("of ParityDB");
        assertThat(demo.verify().faultCount()).isZero();
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveStaysIfAProcessHoldsIt() throws Exception {
        Files.createDirectories(target.resolve("db/full/extra"));

        try (LockHolder holder = LockHolder.start(target.resolve("db/full/extra/LOCK"))) {
            List<String> before = Trees.print(target);
            assertThatThrownBy(demo::fetch)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("process " + holder.pid() + " holds the lock of db/full/extra/LOCK");
            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    @Test
    void theLockOfAStoreThatAKilledRestoreMadeAndTheNextSnapshotDoesNotHaveIsNoObstacle() throws Exception {
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/made-locks"), "db/full/000008.sst/LOCK");
        Files.createDirectory(target.resolve("db/full/000008.sst"));
        Files.createFile(target.resolve("db/full/000008.sst/LOCK"));

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(demo.verify().faultCount()).isZero();
    }

    @Test
    void aLockFileThatAKilledRestoreMadeIsRemovedByTheNext() throws Exception {
        Files.createDirectory(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/made-locks"), "db/full/LOCK");
        Files.createFile(target.resolve("db/full/LOCK"));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aDatabaseThatAProcessHoldsOpenIsRefused() throws Exception {
        List<String> before = Trees.print(target);

        try (LockHolder holder = LockHolder.start(target.resolve("db/full/parachains/db/LOCK"))) {
            assertThatThrownBy(demo::fetch)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("target in use")
                    .hasMessageContaining("process " + holder.pid());
        }

        Files.delete(target.resolve("db/full/parachains/db/LOCK"));
        assertThat(Trees.print(target)).isEqualTo(before);
        demo.fetch();
        Trees.assertExact(target, tree);
    }
}
