package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketNamesTest {

    private static final DatabaseName DEMO = new DatabaseName("demo");

    private static final SnapshotId SNAPSHOT = SnapshotId.parse("20261122T083300Z-5");

    @Test
    void chunkLiesUnderItsHash() {
        Digest digest = Digest.fromHex("ab".repeat(32));

        assertThat(BucketPaths.chunk(digest, StoredAs.PLAIN)).isEqualTo("chunks/ab/" + "ab".repeat(32));
        assertThat(BucketPaths.chunk(digest, new StoredAs.Zstandard(1, digest)))
                .isEqualTo("chunks/ab/" + "ab".repeat(32) + ".zst");
    }

    @Test
    void everythingElseLiesUnderItsDatabase() {
        assertThat(BucketPaths.latest(DEMO)).isEqualTo("demo/latest");
        assertThat(BucketPaths.ofSnapshot(DEMO, SNAPSHOT, BucketPaths.RECORD))
                .isEqualTo("demo/20261122T083300Z-5/record");
    }

    @Test
    void controlObjectsLieApart() {
        assertThat(BucketPaths.session("r1")).isEqualTo("_control/sessions/r1");
        assertThat(BucketPaths.pending(DEMO, SNAPSHOT)).isEqualTo("_control/pending/demo/20261122T083300Z-5");
        assertThat(BucketPaths.condemned()).isEqualTo("_control/condemned");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "polkadot", "kusama-archive", "a-"})
    void nameIsTaken(String name) {
        assertThat(new DatabaseName(name)).hasToString(name);
    }

    @Test
    void nameHasAtMost63Characters() {
        assertThat(new DatabaseName("a".repeat(63)).value()).hasSize(63);
        assertThatThrownBy(() -> new DatabaseName("a".repeat(64))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "A", "a_b", "a.b", "..", "a/b", "a b", "é", "chunks", "files", "_control", "a\n"})
    void nameThatWouldCollideOrEscapeIsRefused(String name) {
        assertThatThrownBy(() -> new DatabaseName(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
