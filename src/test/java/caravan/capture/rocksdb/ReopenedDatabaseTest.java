package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.rocksdb.EngineFile.Kind;
import caravan.failure.DamagedException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * After a node was started again, the MANIFEST names a log as needed that was never made. That must be told from a log that
 * was made, and is missing: RocksDB opens both, and only one of them is whole.
 */
class ReopenedDatabaseTest {

    @TempDir
    Path base;

    private Path node;

    @Test
    void databaseThatWasOpenedAgainAndWrittenToIsWholeWithoutANote() throws Exception {
        reopened(database -> database.write(30));

        assertWhole(70);
    }

    @Test
    void databaseThatWasOpenedAgainAndLeftAloneIsWholeWithoutANote() throws Exception {
        reopened(database -> {});

        assertWhole(40);
    }

    @Test
    void databaseThatGotAnotherColumnWhenItWasOpenedAgainIsWholeWithoutANote() throws Exception {
        reopened(database -> {
            database.createColumn("added");
            assertThat(StructureCheck.verify(node))
                    .isInstanceOfSatisfying(Verdict.Sound.class, sound -> assertThat(sound.notes())
                            .isEmpty());
            database.write(1).flush(4);
        });

        Files.delete(logs().get(0));

        assertThat(StructureCheck.verify(node)).isNotInstanceOf(Verdict.Sound.class);
    }

    @Test
    void databaseThatHadDroppedAColumnWhenItWasOpenedAgainIsWholeWithoutANote() throws Exception {
        node = base.resolve("node");
        try (SmallDatabase database = SmallDatabase.open(node)) {
            database.createColumn("dropped").write(20).flush(1).write(20).dropLastColumn();
        }
        try (SmallDatabase database = SmallDatabase.open(node)) {
            database.write(30).flush(2).write(5);
        }
        assertWhole(75);

        Files.delete(logs().get(0));

        assertTorn();
    }

    @Test
    void oldestLogIsMissedAlsoAfterAColumnWasDroppedThatNeededItNoLonger() throws Exception {
        reopened(database -> database.createColumn("dropped")
                .write(30)
                .flush()
                .write(10)
                .flush(4)
                .dropLastColumn()
                .write(5));
        assertThat(logs()).hasSize(2);
        assertWhole(85);

        Files.delete(logs().get(0));

        assertTorn();
    }

    @Test
    void oldestLogIsMissedAlsoAfterAnOpeningThatKeptIt() throws Exception {
        reopened(database -> database.write(10));
        try (SmallDatabase database = SmallDatabase.open(node, options -> options.setAvoidFlushDuringRecovery(true))) {
            database.write(5);
        }
        assertThat(logs()).hasSize(2);
        assertWhole(55);

        Files.delete(logs().get(0));

        assertTorn();
    }

    @Test
    void logThatEndsInsideARecordIsToldFromTheNewestOne() throws Exception {
        reopened(database -> database.write(30).flush(1));
        List<Path> logs = logs();
        assertThat(logs).hasSize(2);
        assertThat(logs.get(1)).isEmptyFile();
        assertWhole(70);

        byte[] records = Files.readAllBytes(logs.get(0));
        Files.write(logs.get(0), Arrays.copyOf(records, records.length - 5));

        assertThat(StructureCheck.verify(node)).isInstanceOf(Verdict.Damaged.class);
        assertThat(SmallDatabase.isWhole(node)).isFalse();
    }

    @Test
    void oldestLogThatLostItsRecordsIsMissedAlsoIfTheOthersHaveNone() throws Exception {
        reopened(database -> database.write(30).flush().write(10).flush(1));
        List<Path> logs = logs();
        assertThat(logs).hasSize(2);
        assertThat(logs.get(1)).isEmptyFile();
        assertWhole(80);

        byte[] records = Files.readAllBytes(logs.get(0));
        for (int left : new int[] {50, 5, 0}) {
            Files.write(logs.get(0), Arrays.copyOf(records, left));
            assertThat(StructureCheck.verify(node)).isInstanceOfAny(Verdict.Unsettled.class, Verdict.Damaged.class);
        }
        assertThatThrownBy(this::capture).isInstanceOf(DamagedException.class).hasMessageContaining("is empty");
        assertThat(SmallDatabase.isWhole(node)).isFalse();
    }

    @Test
    void databaseWhoseColumnsAreFlushedOneByOneAfterItWasOpenedAgainIsWholeWithoutANote() throws Exception {
        reopened(database -> database.write(30).flush(2).write(10).flush(3).write(5));
        assertThat(logs()).hasSize(3);

        assertWhole(85);
    }

    @Test
    void logsMissingSinceItWasOpenedAgainAreFoundWhicheverTheyAre() throws Exception {
        reopened(database -> database.write(30).flush(2).write(10).flush(3).write(5));
        List<Path> logs = logs();
        Files.delete(logs.get(0));
        assertTorn();

        Files.delete(logs.get(1));
        assertTorn();

        Files.delete(logs.get(2));
        assertTorn();
    }

    @Test
    void oldestLogIsMissedAlsoIfTheOneThatTheOpeningNamedIsNoLongerNeeded() throws Exception {
        reopened(database ->
                database.write(30).flush().write(10).flush(2).write(5).flush(3).write(5));
        List<Path> logs = logs();
        assertThat(logs).hasSizeGreaterThan(2);
        assertWhole(90);

        Files.delete(logs.get(0));

        assertTorn();
    }

    @Test
    void databaseOpenedManyTimesWithoutAWriteIsWhole() throws Exception {
        reopened(database -> {});
        for (int time = 0; time < 3; time++) {
            try (SmallDatabase database = SmallDatabase.open(node)) {
                assertThat(database.head()).isEqualTo(40);
            }
        }
        try (SmallDatabase database = SmallDatabase.open(node)) {
            database.write(2);
        }

        assertWhole(42);
    }

    @Test
    void withoutTheMomentOfItsOpeningAWholeDatabaseIsNotedAndNotRefused() throws Exception {
        reopened(database -> {
            database.write(30).flush(0);
            beginAnotherManifest(database);
        });

        assertNotedOnly();
        assertThat(SmallDatabase.verifiedHead(base.resolve("copy"))).isGreaterThan(70);
    }

    @Test
    void withoutTheMomentOfItsOpeningAMissingLogIsNotTakenForOneNeverMade() throws Exception {
        reopened(database -> {
            database.write(30);
            beginAnotherManifest(database);
        });
        assertNotedOnly();

        Files.delete(logs().get(0));

        assertNotedOnly();
    }

    @Test
    void logThatWasMadeSinceTheOpeningIsMissedWithoutTheMomentOfTheOpening() throws Exception {
        reopened(database -> {
            database.write(30).flush(0).flush(1).flush(3).write(5);
            beginAnotherManifest(database);
        });
        assertWhole(SmallDatabase.verifiedHead(copied("whole")));

        Files.delete(logs().get(0));

        assertThat(StructureCheck.verify(node)).isInstanceOf(Verdict.Unsettled.class);
        assertThatThrownBy(this::capture).isInstanceOf(DamagedException.class);
        assertThat(SmallDatabase.isWhole(node)).isFalse();
    }

    private Path copied(String name) throws IOException {
        Path copied = base.resolve(name);
        copyTo(copied);
        return copied;
    }

    private interface Work {
        void on(SmallDatabase database) throws Exception;
    }

    /** The engine begins a MANIFEST anew when it has grown to some multiple of what it began with. */
    private void beginAnotherManifest(SmallDatabase database) throws Exception {
        String first = StructureCheck.manifestNamedIn(node);
        for (int flushes = 0; StructureCheck.manifestNamedIn(node).equals(first); flushes++) {
            assertThat(flushes).isLessThan(200);
            database.write(1).flush(2);
        }
    }

    private void assertNotedOnly() throws Exception {
        assertThat(StructureCheck.verify(node)).isInstanceOf(Verdict.RequiredLogAbsent.class);
        assertThat(capture().notes()).singleElement().asString().contains("oldest that recovery needs");
    }

    private void reopened(Work work) throws Exception {
        node = base.resolve("node");
        try (SmallDatabase database = SmallDatabase.open(node)) {
            database.write(20).flush(1).write(20);
        }
        try (SmallDatabase database = SmallDatabase.open(node, options -> options.setMaxManifestFileSize(1))) {
            work.on(database);
        }
    }

    private void assertWhole(long head) throws Exception {
        assertThat(StructureCheck.verify(node))
                .isInstanceOfSatisfying(
                        Verdict.Sound.class, sound -> assertThat(sound.notes()).isEmpty());
        RocksDbCopy captured = capture();
        assertThat(captured.notes()).isEmpty();
        assertThat(captured.retries()).isZero();
        assertThat(SmallDatabase.verifiedHead(base.resolve("copy"))).isEqualTo(head);
    }

    /** RocksDB opens it all the same; then something is missing in the middle. */
    private void assertTorn() throws Exception {
        assertThatThrownBy(this::capture)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("write-ahead log")
                .hasMessageContaining("not there");
        Path opened = base.resolve("opened-" + logs().size());
        copyTo(opened);
        assertThat(SmallDatabase.isWhole(opened)).isFalse();
    }

    private RocksDbCopy capture() throws Exception {
        Path copy = emptied("copy");
        Path hold = emptied("hold");
        return new RocksDbCapture().capture(new RocksDbSource(node.toRealPath(), Set.of()), copy, hold, 0);
    }

    private Path emptied(String name) throws IOException {
        Path directory = Files.createDirectories(base.resolve(name));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        return directory;
    }

    private void copyTo(Path target) throws IOException {
        Files.createDirectory(target);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(node)) {
            for (Path file : files) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    private List<Path> logs() throws IOException {
        List<Path> logs = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(node)) {
            for (Path file : files) {
                if (EngineFile.of(file.getFileName().toString()).kind() == Kind.WAL) {
                    logs.add(file);
                }
            }
        }
        logs.sort(Comparator.naturalOrder());
        return logs;
    }
}
