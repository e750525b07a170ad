package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.pipeline.SampleDatabase;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.pace.IoPriority;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BuiltinComparator;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** Real databases, read by a real process of their engine: whole, damaged, and larger than there is memory for. */
@Timeout(120)
final class EngineReadingsTest {

    private static final EngineLimits LIMITS = new EngineLimits(2L << 30, Duration.ofSeconds(60), 2);

    @TempDir
    static Path directory;

    private static SampleDatabase original;

    private SampleDatabase database;

    private Path temporary;

    private EngineReadings readings;

    @BeforeAll
    static void fill() throws Exception {
        original = SampleDatabase.fill(directory.resolve("original"), "2MB");
    }

    @BeforeEach
    void setUp(TestInfo test) throws Exception {
        Path home = directory.resolve(test.getTestMethod().orElseThrow().getName());
        database = original.copyTo(home.resolve("node"));
        temporary = home.resolve("temporary");
        readings = new EngineReadings(temporary, LIMITS, IoPriority.NORMAL);
    }

    @Test
    void storeThatIsWholeTellsItsColumnsAndItsBlockAndIsNotTouched() throws Exception {
        List<String> before = database.fingerprint();

        StoreFacts facts = read(readings, store(), true);

        assertThat(database.fingerprint()).isEqualTo(before);
        assertThat(facts.columns()).isEqualTo(14);
        assertThat(facts.unopened()).isZero();
        assertThat(facts.keys()).isPositive();
        assertThat(facts.genesis()).matches("0x[0-9a-f]{64}");
        assertThat(facts.best()).isEqualTo(SampleDatabase.heightOf(database.root()));
        assertThat(facts.finalized()).isBetween(1L, facts.best());
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void flippedBitInATableIsFoundWithChecksumsAndByReadingTheTableAlone() throws Exception {
        Path table = largestTable();
        flipBit(table, Files.size(table) / 3);

        assertThatThrownBy(() -> read(readings, store(), true))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(store().toString());
        try (EngineSession tables = readings.begin()) {
            assertThatThrownBy(() -> tables.checkTable(table))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(table.toString())
                    .hasMessageContaining("checksum");
        }
    }

    @Test
    void tablesThatAreWholePassOneAfterTheOther() throws Exception {
        try (EngineSession reading = readings.begin()) {
            for (Path table : tables()) {
                reading.checkTable(table);
            }
        }
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void storeWithoutItsManifestIsDamaged() throws Exception {
        try (Stream<Path> files = Files.list(store())) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith("MANIFEST"))
                    .toList()) {
                Files.delete(file);
            }
        }
        assertThatThrownBy(() -> read(readings, store(), false)).isInstanceOf(DamagedException.class);
    }

    @Test
    void fileThatIsNotThereIsNoDamage() throws Exception {
        try (EngineSession tables = readings.begin()) {
            assertThatThrownBy(() -> tables.checkTable(store().resolve("nothing.sst")))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("is not there");
        }
    }

    @Test
    void columnWithAnOrderOfTheNodesOwnIsCountedAndTheOthersAreOpened() throws Exception {
        Path own = Files.createDirectories(directory.resolve("own-order"));
        RocksDB.loadLibrary();
        try (Options options = new Options().setCreateIfMissing(true);
                RocksDB created = RocksDB.open(options, own.toString());
                ColumnFamilyOptions reversed =
                        new ColumnFamilyOptions().setComparator(BuiltinComparator.REVERSE_BYTEWISE_COMPARATOR);
                ColumnFamilyHandle column =
                        created.createColumnFamily(new ColumnFamilyDescriptor("col0".getBytes(UTF_8), reversed));
                ColumnFamilyOptions usual = new ColumnFamilyOptions();
                ColumnFamilyHandle other =
                        created.createColumnFamily(new ColumnFamilyDescriptor("col1".getBytes(UTF_8), usual))) {
            created.put(column, "best".getBytes(UTF_8), new byte[36]);
            created.put(other, "key".getBytes(UTF_8), "value".getBytes(UTF_8));
        }
        StoreFacts facts = read(readings, own, true);
        assertThat(facts.columns()).isEqualTo(3);
        assertThat(facts.unopened()).isEqualTo(1);
        assertThat(facts.best()).isZero();
    }

    @Test
    void processThatTakesTooMuchMemoryIsEndedAndThatIsNoDamage() throws Exception {
        EngineReadings small =
                new EngineReadings(temporary, new EngineLimits(1 << 20, Duration.ofSeconds(60), 1), IoPriority.NORMAL);
        assertThatThrownBy(() -> {
                    while (true) {
                        read(small, store(), true);
                    }
                })
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("memory");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void readingThatTakesTooLongIsEnded() throws Exception {
        EngineReadings hasty =
                new EngineReadings(temporary, new EngineLimits(2L << 30, Duration.ofMillis(1), 1), IoPriority.NORMAL);
        assertThatThrownBy(() -> read(hasty, store(), true))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("took longer");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void engineThatCrashesHasMetDamageAndOneThatIsKilledHasNot() throws Exception {
        for (String signal : List.of("SEGV", "KILL")) {
            try (EngineProcess process = EngineProcess.start(temporary, LIMITS, IoPriority.of("low"))) {
                process.ask("open", store());
                end(process.pid(), signal);
                assertThatThrownBy(() -> process.ask("table", largestTable()))
                        .isInstanceOf(signal.equals("SEGV") ? DamagedException.class : FailedException.class)
                        .hasMessageContaining(signal.equals("SEGV") ? "crashes" : "status 137");
            }
        }
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void crashIsBlamedOnAllThatWasBeingReadAndNotOnWhatWasAskedForNext() throws Exception {
        Path endless = directory.resolve("endless.sst");
        new ProcessBuilder("mkfifo", endless.toString()).start().waitFor();
        try (EngineProcess process = EngineProcess.start(temporary, LIMITS, IoPriority.NORMAL)) {
            CompletableFuture<CaravanException> first = new CompletableFuture<>();
            new Thread(() -> first.complete(
                            catchThrowableOfType(CaravanException.class, () -> process.ask("table", endless))))
                    .start();
            await().until(() -> process.isAskedAbout(endless));
            process.ask("open", store());
            end(process.pid(), "SEGV");
            assertThatThrownBy(() -> process.ask("table", largestTable()))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("while it reads " + endless);
            assertThat(first.get()).isInstanceOf(DamagedException.class).hasMessageContaining(endless.toString());
        }
    }

    @Test
    void whatAKilledProgramUnpackedIsRemovedByTheNextAlsoIfThatHasTheSameNumber() throws Exception {
        long same = ProcessHandle.current().pid();
        Path older = Files.createDirectories(temporary.resolve("engine-" + same + "-1"));
        Files.writeString(older.resolve("librocksdbjni.so"), "left");
        Path left = Files.createDirectories(temporary.resolve("engine-left"));
        Files.writeString(left.resolve("librocksdbjni.so"), "left");
        Path lock = Files.createFile(temporary.resolve("engine-left.lock"));
        Path other = Files.createDirectories(temporary.resolve("somebody-elses"));
        try (EngineSession first = readings.begin()) {
            readings.begin().close();
            first.checkTable(largestTable());
        }
        assertThat(older).doesNotExist();
        assertThat(left).doesNotExist();
        assertThat(lock).doesNotExist();
        assertThat(other).exists();
        try (Stream<Path> all = Files.list(temporary)) {
            assertThat(all).containsExactly(other);
        }
    }

    @Test
    void diskThatIsFullEndsTheProcessAndThatIsNoDamageAndSaysWhereSpaceIsMissing() throws Exception {
        Files.createDirectories(temporary);
        assumeTrue(
                status("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", temporary.toString()) == 0,
                "mounting needs root");
        try {
            try (EngineProcess process = EngineProcess.start(temporary, LIMITS, IoPriority.NORMAL, Optional.empty())) {
                CaravanException failure =
                        catchThrowableOfType(CaravanException.class, () -> process.ask("open", store()));

                assertThat(failure)
                        .isInstanceOf(FailedException.class)
                        .hasMessageContaining("reading " + store())
                        .hasMessageContaining("no space left")
                        .hasMessageContaining(temporary.toString());
                assertThat(failure.hint()).contains("free some space");
            }
            assertThat(temporary).isEmptyDirectory();
        } finally {
            status("umount", "-l", temporary.toString());
        }
    }

    private static int status(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor();
    }

    private static StoreFacts read(EngineReadings by, Path store, boolean checksums) throws Exception {
        try (EngineSession session = by.begin()) {
            return session.readStore(store, checksums);
        }
    }

    private static void end(long pid, String signal) throws Exception {
        new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid).start().waitFor();
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    }

    private Path store() {
        return database.root().resolve("db/full");
    }

    private List<Path> tables() throws Exception {
        try (Stream<Path> files = Files.list(store())) {
            return files.filter(file -> file.toString().endsWith(".sst")).toList();
        }
    }

    private Path largestTable() throws Exception {
        Path largest = null;
        for (Path table : tables()) {
            if (largest == null || Files.size(table) > Files.size(largest)) {
                largest = table;
            }
        }
        return largest;
    }

    private static void flipBit(Path file, long at) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ 4);
        }
    }
}
