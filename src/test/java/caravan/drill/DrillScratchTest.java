package caravan.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DrillScratchTest {

    private static final DatabaseName DEMO = new DatabaseName("demo");

    @TempDir
    Path directory;

    @Test
    void drillThatWouldLeaveTooLittleFreeIsRefusedBeforeAnythingIsFetched() throws Exception {
        long free = Files.getFileStore(directory).getUsableSpace();
        try (DrillScratch scratch = DrillScratch.open(rules(false), DEMO)) {
            scratch.requireSpace(1_000, 1_000);
            assertThatThrownBy(() -> scratch.requireSpace(1_000, free + (1L << 40)))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("no space left for " + directory.resolve("caravan-drill-demo"));
            assertThatThrownBy(() -> scratch.requireSpace(free + (1L << 40), 0)).isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void whatAKeptCopyTakesNeedNotBeFree() throws Exception {
        try (DrillScratch scratch = DrillScratch.open(rules(true), DEMO)) {
            long free = Files.getFileStore(directory).getUsableSpace();
            Files.createDirectories(scratch.copy());
            Files.write(scratch.copy().resolve("table"), new byte[64 << 10]);
            scratch.requireSpace(64 << 10, free / 2);
        }
        try (DrillScratch again = DrillScratch.open(rules(true), DEMO)) {
            assertThat(again.copy().resolve("table")).exists();
        }
    }

    @Test
    void secondDrillOfADatabaseIsRefusedWhileOneIsUnderWay() throws Exception {
        try (DrillScratch first = DrillScratch.open(rules(false), DEMO)) {
            assertThat(first.copy()).doesNotExist();
            assertThatThrownBy(() -> DrillScratch.open(rules(false), DEMO)).isInstanceOf(RefusedException.class);
            DrillScratch.open(rules(false), new DatabaseName("other")).close();
        }
        DrillScratch.open(rules(false), DEMO).close();
    }

    @Test
    void leftoversOfAKilledDrillAreRemovedAndNothingElseIs() throws Exception {
        Path left = Files.createDirectories(directory.resolve("caravan-drill-demo/copy.caravan-incomplete/db"));
        Files.writeString(left.resolve("CURRENT"), "left");
        Path other = Files.createDirectories(directory.resolve("caravan-drill-other"));
        try (DrillScratch scratch = DrillScratch.open(rules(false), DEMO)) {
            assertThat(scratch.copy().getParent()).isEmptyDirectory();
        }
        assertThat(directory.resolve("caravan-drill-demo")).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void linkInWhatIsRemovedIsNotFollowed() throws Exception {
        Path precious = Files.createDirectories(directory.resolve("precious"));
        Files.writeString(precious.resolve("key"), "key");
        Path left = Files.createDirectories(directory.resolve("caravan-drill-demo/copy"));
        Files.createSymbolicLink(left.resolve("link"), precious);

        DrillScratch.open(rules(false), DEMO).close();

        assertThat(left).doesNotExist();
        assertThat(precious.resolve("key")).hasContent("key");
    }

    @Test
    void whatAKilledDrillMovedOutOfTheWayOfItsKeptCopyIsRemovedAndTheCopyIsNot() throws Exception {
        Path room = Files.createDirectories(directory.resolve("caravan-drill-demo"));
        Path replaced = Files.createDirectories(room.resolve("copy.caravan-replaced-20261122T083300123Z/db/full"));
        Files.writeString(replaced.resolve("000007.log"), "old");
        Files.writeString(Files.createDirectories(room.resolve("copy/db")).resolve("CURRENT"), "kept");
        Path incomplete = Files.createDirectories(room.resolve("copy.caravan-incomplete"));

        DrillScratch.open(rules(true), DEMO).close();

        assertThat(room.resolve("copy.caravan-replaced-20261122T083300123Z")).doesNotExist();
        assertThat(room.resolve("copy/db/CURRENT")).hasContent("kept");
        assertThat(incomplete).isDirectory();
    }

    @Test
    void whatIsNoPartOfACopySparesNoSpace() throws Exception {
        try (DrillScratch scratch = DrillScratch.open(rules(true), DEMO)) {
            long free = Files.getFileStore(directory).getUsableSpace();
            long most = free + (512L << 20);
            // Sparse: they take no space, and look large.
            makeLarge(Files.createDirectories(scratch.clientState()).resolve("manifest"), 1L << 40);
            assertThatThrownBy(() -> scratch.requireSpace(most, 0)).isInstanceOf(RefusedException.class);
            makeLarge(Files.createDirectories(scratch.copy()).resolve("table"), 1L << 40);
            scratch.requireSpace(most, 0);
        }
    }

    @Test
    void roomThatIsALinkIsRefusedAndWhatItLeadsToIsLeftAlone() throws Exception {
        Path precious = Files.createDirectories(directory.resolve("precious"));
        Files.writeString(precious.resolve("copy"), "key");
        Files.createSymbolicLink(directory.resolve("caravan-drill-demo"), precious);

        for (boolean keepsCopy : new boolean[] {false, true}) {
            assertThatThrownBy(() -> DrillScratch.open(rules(keepsCopy), DEMO))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is a link");
        }
        assertThat(precious.resolve("copy")).hasContent("key");
        assertThat(directory.resolve("caravan-drill-demo")).isSymbolicLink();
    }

    private static void makeLarge(Path file, long size) throws Exception {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
    }

    private DrillRules rules(boolean keepsCopy) {
        return new DrillRules(directory, keepsCopy, 0, true);
    }
}
