package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotIdTest {

    @Test
    void nameIsTimeAndHeight() {
        SnapshotId id = new SnapshotId(Instant.parse("2026-11-22T08:33:00.999Z"), 23456789);

        assertThat(id).hasToString("20261122T083300Z-23456789");
        assertThat(SnapshotId.parse("20261122T083300Z-23456789")).isEqualTo(id);
    }

    @Test
    void unknownHeightIsZero() {
        assertThat(SnapshotId.parse("20261122T083300Z-0").height()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "latest",
                "20261122T083300Z",
                "20261122T083300Z-",
                "20261122T083300Z--1",
                "20261122T083300Z-01",
                "20261122T083300Z-+1",
                "20261122T083300-1",
                "20261122T083300z-1",
                "2026-11-22T08:33:00Z-1",
                "20261322T083300Z-1",
                "20260230T083300Z-1",
                "20261122T243300Z-1",
                "20261122T086000Z-1",
                "20261122T083300Z-1/x",
                " 20261122T083300Z-1",
                "20261122T083300Z-1\n",
                "20261122T083300Z-1234567890123456789",
                "20261122T083300Z-\u0661",
                "../20261122T083300Z-1"
            })
    void everythingElseIsRefused(String text) {
        assertThatThrownBy(() -> SnapshotId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void heightIsNotNegative() {
        assertThatThrownBy(() -> new SnapshotId(Instant.EPOCH, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
