package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectationsTest {

    @Test
    void readsNamesAndValues() throws Exception {
        assertThat(Expectations.parse("chain=polkadot,pruning=archive").values())
                .isEqualTo(Map.of("chain", "polkadot", "pruning", "archive"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chain", "chain=", "=x", "chain=a,", "chain=a,chain=b", "color=red"})
    void anythingElseIsWrongUsage(String text) {
        assertThatThrownBy(() -> Expectations.parse(text)).isInstanceOf(WrongUsageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"chain=kusama", "pruning=archive", "genesis=0x00", "role=full"})
    void snapshotThatIsOtherwiseOrDoesNotSayIsRefusedByName(String expected) throws Exception {
        assertThatThrownBy(() -> Expectations.parse(expected).check(record()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has " + expected.substring(0, expected.indexOf('=')));
    }

    @Test
    void snapshotThatIsAsExpectedPassesWhateverTheLettersLookLike() throws Exception {
        Expectations.parse("chain=Polkadot,pruning=256,genesis=0xABCD").check(record());
    }

    /** It does not say its role. */
    private static SnapshotRecord record() {
        ObjectRef object = new ObjectRef("manifest.jsonl", 1, Digest.of(new byte[1]));
        return new SnapshotRecord(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-1"),
                "polkadot",
                "0xabcd",
                "",
                "256",
                List.of(Engine.ROCKSDB),
                "",
                1,
                "rpc",
                "",
                Instant.EPOCH,
                Instant.EPOCH,
                "live",
                0,
                "structure",
                "none",
                new ManifestTotals(0, 0, 0, 0),
                object,
                object);
    }
}
