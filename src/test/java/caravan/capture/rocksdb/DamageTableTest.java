package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.rocksdb.EngineFile.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/**
 * One damage at a time to a copy that has several write-ahead logs: what the structure shows, what RocksDB says when it
 * opens the copy and verifies all checksums, and what is true.
 */
class DamageTableTest {

    /** The head when the last table was flushed. */
    private static final long FLUSHED_HEAD = 120;

    private static final long HEAD = 170;

    @TempDir
    static Path base;

    private static Path captured;
    private static int copies;

    private Path copy;

    /** What RocksDB, and then a look at every entry, says of a copy. */
    private enum Truth {
        /** RocksDB does not open it, or finds a wrong checksum. */
        REFUSED,
        /** RocksDB is content, and a batch is in one column and not in another. */
        TORN,
        /** RocksDB is content, and it is an earlier state. */
        OLDER,
        /** RocksDB is content, and nothing is missing. */
        WHOLE
    }

    @BeforeAll
    static void captureADatabaseWithSeveralLogs() throws Exception {
        captured = Files.createDirectory(base.resolve("captured"));
        Path hold = Files.createDirectory(base.resolve("hold"));
        try (SmallDatabase database = SmallDatabase.open(base.resolve("db"))) {
            // Each flush of one column begins a new log; the other columns keep the old ones needed.
            database.write(40).flush(2).flush(3).write(40).flush(1).write(40).flush(1);
            database.compact(1).write(50);
            new RocksDbCapture()
                    .capture(new RocksDbSource(database.directory().toRealPath(), Set.of()), captured, hold, 0);
        }
        assertThat(logs(captured)).hasSize(4);
        assertThat(tables(captured)).hasSize(3);
    }

    @AfterAll
    static void theCaptureItselfIsStillWhole() throws Exception {
        assertThat(StructureCheck.verify(captured)).isInstanceOf(Verdict.Sound.class);
        assertThat(SmallDatabase.verifiedHead(captured)).isEqualTo(HEAD);
    }

    @BeforeEach
    void copyTheCapture() throws IOException {
        copy = Files.createDirectory(base.resolve("copy-" + ++copies));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(captured)) {
            for (Path file : files) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void nothing() throws Exception {
        assertThat(StructureCheck.verify(copy))
                .isInstanceOfSatisfying(
                        Verdict.Sound.class, sound -> assertThat(sound.notes()).isEmpty());
        assertThat(truth()).isEqualTo(Truth.WHOLE);
    }

    @Test
    void aMiddleLogIsMissing() throws Exception {
        Files.delete(logs(copy).get(1));

        assertDamaged("records are missing");
        assertThat(truth()).isEqualTo(Truth.TORN);
    }

    @Test
    void theOldestLogIsMissing() throws Exception {
        Files.delete(logs(copy).get(0));

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Unsettled.class);
        assertThat(truth()).isEqualTo(Truth.TORN);
    }

    @Test
    void allLogsAreMissing() throws Exception {
        for (Path log : logs(copy)) {
            Files.delete(log);
        }

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Unsettled.class);
        assertThat(truth()).isEqualTo(Truth.TORN);
    }

    @Test
    void theOldestLogIsEmpty() throws Exception {
        truncate(logs(copy).get(0), 0);

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Unsettled.class);
        assertThat(truth()).isEqualTo(Truth.TORN);
    }

    @Test
    void theNewestLogIsMissing() throws Exception {
        Files.delete(newestLog());

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.OLDER);
        assertThat(SmallDatabase.verifiedHead(copy)).isEqualTo(FLUSHED_HEAD);
    }

    @Test
    void theNewestLogIsCutAnywhereInItsLastRecord() throws Exception {
        Path log = newestLog();
        byte[] whole = Files.readAllBytes(log);
        int lastRecord = lengthOfLastRecord(log);
        for (int missing = 1; missing < lastRecord; missing++) {
            truncate(log, whole.length - missing);

            assertThat(StructureCheck.verify(copy))
                    .as("%d bytes missing", missing)
                    .isInstanceOfSatisfying(Verdict.Sound.class, sound -> assertThat(sound.notes())
                            .singleElement()
                            .asString()
                            .contains("incomplete"));
        }
        assertThat(truth()).isEqualTo(Truth.OLDER);
        assertThat(SmallDatabase.verifiedHead(copy)).isEqualTo(HEAD - 1);
    }

    @Test
    void aBitIsFlippedInTheNewestLog() throws Exception {
        flipBit(newestLog(), Files.size(newestLog()) / 2);

        assertDamaged("checksum");
        assertThat(truth()).isEqualTo(Truth.OLDER);
    }

    @Test
    void anOlderLogIsCutShort() throws Exception {
        Path log = logs(copy).get(1);
        truncate(log, Files.size(log) - 10);

        assertDamaged("ends inside a record");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void anOlderLogEndsARecordTooEarly() throws Exception {
        Path log = logs(copy).get(1);
        truncate(log, Files.size(log) - lengthOfLastRecord(log));

        assertDamaged("records are missing");
        assertThat(truth()).isNotEqualTo(Truth.WHOLE);
    }

    @Test
    void aBitIsFlippedInAnOlderLog() throws Exception {
        flipBit(logs(copy).get(0), 500);

        assertDamaged("checksum");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void allButTheOldestLogEndBeforeTheTables() throws Exception {
        List<Path> logs = logs(copy);
        for (Path log : logs.subList(1, logs.size())) {
            Files.delete(log);
        }

        assertDamaged("before the table files");
        assertThat(truth()).isNotEqualTo(Truth.WHOLE);
    }

    @Test
    void theManifestIsCutShort() throws Exception {
        truncate(manifest(), Files.size(manifest()) - 3);

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Unsettled.class);
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void theManifestLacksItsLastEdit() throws Exception {
        truncate(manifest(), Files.size(manifest()) - lengthOfLastRecord(manifest()));

        assertDamaged("missing from the directory");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void aBitIsFlippedInTheManifest() throws Exception {
        flipBit(manifest(), Files.size(manifest()) / 2);

        assertDamaged("checksum");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void theManifestIsMissing() throws Exception {
        Files.delete(manifest());

        assertDamaged("missing");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void currentHasNoEndOfLine() throws Exception {
        Path current = copy.resolve("CURRENT");
        truncate(current, Files.size(current) - 1);

        assertDamaged("CURRENT");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void aLiveTableIsMissing() throws Exception {
        Files.delete(tables(copy).get(0));

        assertDamaged("missing from the directory");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void aLiveTableIsOneByteShort() throws Exception {
        Path table = tables(copy).get(0);
        truncate(table, Files.size(table) - 1);

        assertDamaged("but the MANIFEST says");
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void aBitIsFlippedInATable() throws Exception {
        flipBit(tables(copy).get(0), 100);

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void twoTablesOfEqualSizeAreSwapped() throws Exception {
        Path one = copy.resolve("swap");
        List<Path> equal = twoTablesOfEqualSize();
        Files.move(equal.get(0), one);
        Files.move(equal.get(1), equal.get(0));
        Files.move(one, equal.get(1));

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.REFUSED);
    }

    @Test
    void aTableThatIsNotLiveIsBesideTheOthers() throws Exception {
        Files.write(copy.resolve("900000.sst"), new byte[1_000]);

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.WHOLE);
    }

    @Test
    void optionsAndIdentityAreMissing() throws Exception {
        Files.delete(copy.resolve("IDENTITY"));
        for (EngineFile file : SourceListing.of(copy)) {
            if (file.kind() == Kind.OPTIONS) {
                Files.delete(copy.resolve(file.name()));
            }
        }

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.WHOLE);
    }

    @Test
    void manifestAndNewestLogEndInZeros() throws Exception {
        Files.write(manifest(), new byte[100_000], StandardOpenOption.APPEND);
        Files.write(newestLog(), new byte[100_000], StandardOpenOption.APPEND);

        assertThat(StructureCheck.verify(copy)).isInstanceOf(Verdict.Sound.class);
        assertThat(truth()).isEqualTo(Truth.WHOLE);
    }

    private void assertDamaged(String reason) throws Exception {
        assertThat(StructureCheck.verify(copy))
                .isInstanceOfSatisfying(Verdict.Damaged.class, damaged -> assertThat(damaged.reason())
                        .contains(reason));
    }

    /** Opening changes the copy, so this comes last. */
    private Truth truth() {
        try {
            return SmallDatabase.verifiedHead(copy) == HEAD ? Truth.WHOLE : Truth.OLDER;
        } catch (RocksDBException e) {
            return Truth.REFUSED;
        } catch (IllegalStateException e) {
            return Truth.TORN;
        }
    }

    private List<Path> twoTablesOfEqualSize() throws IOException {
        List<Path> tables = tables(copy);
        for (Path one : tables) {
            for (Path other : tables) {
                if (!one.equals(other) && Files.size(one) == Files.size(other)) {
                    return List.of(one, other);
                }
            }
        }
        throw new IllegalStateException("no two tables have the same size");
    }

    private Path newestLog() throws IOException {
        List<Path> logs = logs(copy);
        return logs.get(logs.size() - 1);
    }

    private Path manifest() throws IOException {
        return filesOf(copy, Kind.MANIFEST).get(0);
    }

    private static List<Path> logs(Path directory) throws IOException {
        return filesOf(directory, Kind.WAL);
    }

    private static List<Path> tables(Path directory) throws IOException {
        return filesOf(directory, Kind.TABLE);
    }

    private static List<Path> filesOf(Path directory, Kind kind) throws IOException {
        List<EngineFile> files = new ArrayList<>(SourceListing.of(directory));
        files.removeIf(file -> file.kind() != kind);
        files.sort(Comparator.comparingLong(EngineFile::number));
        return files.stream().map(file -> directory.resolve(file.name())).toList();
    }

    private static int lengthOfLastRecord(Path log) throws Exception {
        long before = 0;
        try (LogReader reader = LogReader.open(log, 0)) {
            long end = 0;
            while (reader.next()) {
                before = end;
                end = reader.endOfLastRecord();
            }
            return Math.toIntExact(end - before);
        }
    }

    private static void truncate(Path file, long size) throws IOException {
        byte[] content = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(content, Math.toIntExact(size)));
    }

    private static void flipBit(Path file, long offset) throws IOException {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
            content.seek(offset);
            int value = content.read();
            content.seek(offset);
            content.write(value ^ 4);
        }
    }
}
