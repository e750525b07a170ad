package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a handed capture gives back, and to whom it leaves what. */
class HandedReleaseTest {

    private static final DatabaseName NAME = new DatabaseName("handed");

    @TempDir
    Path base;

    private Path root;
    private Path into;
    private HandedCapture capture;

    @BeforeEach
    void makeDatabase() throws Exception {
        root = base.resolve("chains/demo");
        SampleDirectory.rocksDb(root.resolve("db/full"));
        into = base.resolve("handed");
        capture = new HandedCapture(into);
    }

    @Test
    void nothingIsMadeInTheNodesDirectory() throws Exception {
        Map<String, String> before = SampleDirectory.factsOf(root);
        Path link = Files.createSymbolicLink(base.resolve("link"), root);

        for (Path inside : List.of(root.resolve("handed"), root, link.resolve("handed"), root.getParent())) {
            assertThatThrownBy(() -> new HandedCapture(inside).make(root, List.of(), 0))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is inside the database directory " + root);
        }

        assertThat(SampleDirectory.factsOf(root)).isEqualTo(before);
        assertThat(root.resolve("handed")).doesNotExist();
    }

    @Test
    void whatADeadRunLeftIsGivenBack() throws Exception {
        Map<String, String> before = SampleDirectory.factsOf(root);
        leaveWhatADeadRunLeaves();

        capture.release();

        assertThat(into).doesNotExist();
        assertThat(SampleDirectory.factsOf(root)).isEqualTo(before);
    }

    @Test
    void whatADeadRunLeftIsNotInTheWayOfTheNext() throws Exception {
        Map<String, String> before = SampleDirectory.factsOf(root);
        leaveWhatADeadRunLeaves();

        capture.make(root, List.of(), 0);

        assertThat(into.resolve("unfinished")).doesNotExist();
        assertThat(into.resolve("stage")).doesNotExist();
        capture.release();
        assertThat(SampleDirectory.factsOf(root)).isEqualTo(before);
    }

    @Test
    void whatIsBeingMadeIsNotTakenAway() throws Exception {
        leaveWhatADeadRunLeaves();
        StageDirectory held = StageDirectory.open(into.resolve("stage"), NAME);
        try {
            assertThatThrownBy(capture::release).isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> capture.make(root, List.of(), 0)).isInstanceOf(RefusedException.class);

            assertThat(into.resolve("unfinished/CURRENT")).exists();
        } finally {
            held.close();
        }
    }

    private void leaveWhatADeadRunLeaves() throws Exception {
        Files.createDirectories(into.resolve("stage/store-0"));
        Files.createFile(into.resolve(".caravan-capture"));
        Files.writeString(into.resolve("stage/.caravan-stage"), "caravan stage of handed\n");
        Files.createLink(into.resolve("stage/store-0/CURRENT"), root.resolve("db/full/CURRENT"));
        Files.createDirectory(into.resolve("unfinished"));
        Files.createLink(into.resolve("unfinished/CURRENT"), root.resolve("db/full/CURRENT"));
    }
}
