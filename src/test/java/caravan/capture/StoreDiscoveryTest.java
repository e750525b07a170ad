package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the directory of a database looks like to somebody else than its node. */
final class StoreDiscoveryTest {

    @TempDir
    Path root;

    @Test
    void databaseThatOnlyTheNodesUserMayReadSaysAsWhomToRun() throws Exception {
        Path store = Files.createDirectories(root.resolve("db/full"));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000001\n");
        Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("---------"));
        try {
            assumeFalse(Files.isReadable(store), "nothing is kept from root");

            assertThatThrownBy(() -> new StoreDiscovery(root).find(List.of("db/full")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is not permitted")
                    .satisfies(failure ->
                            assertThat(((CaravanException) failure).hint()).contains("run as the node's user"));
        } finally {
            Files.setPosixFilePermissions(store, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
