package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotLocationTest {

    @Test
    void readsBothForms() throws Exception {
        SnapshotId id = SnapshotId.parse("20261122T083300Z-23456789");

        assertThat(SnapshotLocation.parse("https://cdn.example.org/a/b/polkadot"))
                .isEqualTo(
                        new SnapshotLocation("https://cdn.example.org/a/b", new DatabaseName("polkadot"), List.of()));
        assertThat(SnapshotLocation.parse("http://cdn.example.org/polkadot/20261122T083300Z-23456789/"))
                .isEqualTo(new SnapshotLocation("http://cdn.example.org", new DatabaseName("polkadot"), List.of(id)));
        assertThat(SnapshotLocation.parse("/mnt/disk/polkadot"))
                .isEqualTo(new SnapshotLocation("/mnt/disk", new DatabaseName("polkadot"), List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "polkadot",
                "https://cdn.example.org",
                "https://cdn.example.org/",
                "https://cdn.example.org/Polkadot",
                "https://cdn.example.org/chunks",
                "ftp://cdn.example.org/polkadot",
                "https:///polkadot",
                "https://cdn.example.org/polkadot?x=1",
                "https://cdn.example.org/a?x/polkadot",
                "https://cdn.example.org/a b/polkadot",
                "20261122T083300Z-23456789"
            })
    void anythingElseIsWrongUsage(String url) {
        assertThatThrownBy(() -> SnapshotLocation.parse(url)).isInstanceOf(WrongUsageException.class);
    }

    @Test
    void aPasswordIsNeitherTakenNorShown() {
        assertThatThrownBy(() -> SnapshotLocation.parse("https://me:secret@cdn.example.org/polkadot"))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("user name")
                .message()
                .doesNotContain("secret");
    }
}
