package caravan.restore;

import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What others left: another client in the directory where a tree is built, of which nothing is in the tree in the end; and
 * the system in the root of a disk, which stays.
 */
@Timeout(60)
class LeftOversOfOthersTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("db/full", Engine.ROCKSDB, 1000));

    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/000004.sst", Trees.bytes(2500, 1))
            .file("db/full/CURRENT", "MANIFEST-000004\n");

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
    }

    private void leave() throws IOException {
        Path stage = demo.target().resolveSibling("data.caravan-incomplete");
        put(stage.resolve(".caravan-other-lock"));
        put(stage.resolve(".caravan-other/parts/1"));
        put(stage.resolve(".caravan/other"));
        Files.createSymbolicLink(stage.resolve(".caravan-link"), demo.directory());
        put(stage.resolve("db/full/000004.sst"));
        put(stage.resolve("db/full/000003.log"));
    }

    @Test
    void afterAFetch() throws Exception {
        leave();

        demo.fetch();

        Trees.assertExact(demo.target(), tree);
    }

    @Test
    void afterARunOfTheScript() throws Exception {
        leave();

        new SyncScript(demo.state(), demo.key().fingerprint())
                .run(demo.url(), demo.target())
                .done();

        Trees.assertExact(demo.target(), tree);
    }

    @Test
    void whatTheSystemRecoveredStaysWhereTheRootIsAStore() throws Exception {
        Bucket.Tree whole = new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n");
        demo.bucket()
                .point(demo.bucket().publish(whole, Bucket.snapshot(2), false, store("", Engine.ROCKSDB, 1000)), 2);
        Path recovered = demo.target().resolve("lost+found/#11");
        put(recovered);

        demo.fetch();

        assertThat(recovered).hasContent("left");
        assertThat(Trees.list(demo.disk())).noneMatch(name -> name.contains("replaced"));
        assertThat(demo.verify().faultCount()).isZero();
    }

    private static void put(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "left");
    }
}
