package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedTest {

    @TempDir
    Path directory;

    @Test
    void everyDirectoryThatGainsOrLosesANameIsBroughtToTheDisk() throws Exception {
        Path root = directory.toRealPath().resolve("data");
        Files.createDirectories(root.resolve("db/extra/deep"));
        Files.writeString(root.resolve("db/extra/deep/CURRENT"), "MANIFEST-000001\n");
        Files.writeString(root.resolve("db/000003.log"), "old");
        List<Path> synced = new ArrayList<>();
        List<Path> moved;

        try (TargetTree tree = TargetTree.open(root)) {
            moved = Replaced.move(
                    tree,
                    List.of("db/extra/deep/CURRENT", "db/000003.log"),
                    List.of("db/extra/deep", "db/extra"),
                    Instant.EPOCH,
                    synced::add);
        }

        Path aside = moved.get(0);
        assertThat(aside.resolve("db/extra/deep/CURRENT")).hasContent("MANIFEST-000001");
        assertThat(aside.resolve("db/000003.log")).hasContent("old");
        assertThat(aside.resolve(".caravan")).doesNotExist();
        assertThat(root.resolve("db")).isEmptyDirectory();
        assertThat(synced)
                .contains(
                        root.getParent(),
                        aside,
                        aside.resolve("db"),
                        aside.resolve("db/extra"),
                        aside.resolve("db/extra/deep"),
                        root.resolve("db"));
        assertThat(synced.lastIndexOf(root.resolve("db")))
                .as("what is moved is under its new name on the disk before the old one is gone from it")
                .isGreaterThan(synced.lastIndexOf(aside.resolve("db/extra/deep")));
    }
}
