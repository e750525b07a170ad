package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderAndFileTest {

    private static final ManifestHeader HEADER = new ManifestHeader(
            new DatabaseName("demo"),
            SnapshotId.parse("20261122T083300Z-5"),
            List.of(
                    store("db/full", Engine.ROCKSDB),
                    store("db/full/parachains/db", Engine.PARITYDB),
                    store("x", Engine.UNKNOWN)));

    @Test
    void fileBelongsToTheInnermostStore() {
        assertThat(storeOf("db/full/000012.sst")).isEqualTo("db/full");
        assertThat(storeOf("db/full/parachains/db/table")).isEqualTo("db/full/parachains/db");
        assertThat(storeOf("db/full/parachains/dbx")).isEqualTo("db/full");
        assertThat(HEADER.storeOf(new SnapshotPath("db/fullx/y"))).isEmpty();
        assertThat(HEADER.storeOf(new SnapshotPath("y"))).isEmpty();
    }

    @Test
    void sealsAreKnownByPath() {
        assertThat(HEADER.isSeal(new SnapshotPath("db/full/CURRENT"))).isTrue();
        assertThat(HEADER.isSeal(new SnapshotPath("db/full/parachains/db/metadata")))
                .isTrue();
        assertThat(HEADER.isSeal(new SnapshotPath("db/full/parachains/db/CURRENT")))
                .isFalse();
        assertThat(HEADER.isSeal(new SnapshotPath("x/CURRENT"))).isFalse();
        assertThat(HEADER.isSeal(new SnapshotPath("CURRENT"))).isFalse();
    }

    @Test
    void sealOfAStoreAtTheRootHasNoDirectory() {
        assertThat(store("", Engine.ROCKSDB).seal()).isEqualTo("CURRENT");
        assertThat(store("", Engine.UNKNOWN).seal()).isEmpty();
    }

    @Test
    void storesAreDistinctAndAtLeastOne() {
        assertThatThrownBy(() -> new ManifestHeader(HEADER.database(), HEADER.snapshot(), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        DatabaseStore store = store("x", Engine.ROCKSDB);
        assertThatThrownBy(() -> new ManifestHeader(HEADER.database(), HEADER.snapshot(), List.of(store, store)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void chunksOfAFileAddUpToItsSize() {
        List<ChunkRef> chunks = List.of(ChunkRef.plain(Digest.OF_NOTHING, 3), ChunkRef.plain(Digest.OF_NOTHING, 4));

        assertThat(new FileEntry(new SnapshotPath("a"), 7, chunks).chunks()).hasSize(2);
        assertThatThrownBy(() -> new FileEntry(new SnapshotPath("a"), 8, chunks))
                .isInstanceOf(IllegalArgumentException.class);
        ChunkRef huge = ChunkRef.plain(Digest.OF_NOTHING, Long.MAX_VALUE);
        assertThatThrownBy(() -> new FileEntry(new SnapshotPath("a"), -2, List.of(huge, huge)))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void enginesHaveNamesOfTheirOwn() {
        for (Engine engine : Engine.values()) {
            assertThat(Engine.fromWireName(engine.wireName())).isEqualTo(engine);
        }
        assertThatThrownBy(() -> Engine.fromWireName("RocksDB")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String storeOf(String path) {
        return HEADER.storeOf(new SnapshotPath(path)).orElseThrow().path();
    }

    private static DatabaseStore store(String path, Engine engine) {
        return new DatabaseStore(path, engine, "live", "none", 64);
    }
}
