package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;

class RocksDbCaptureTest {

    @TempDir
    Path directory;

    @Test
    void copyOfARunningDatabaseOpensAndHasEveryAcknowledgedWrite() throws Exception {
        try (SmallDatabase database = SmallDatabase.open(directory.resolve("db"))) {
            database.write(500).flush().write(300).flush(1).write(200).compact().write(50);

            RocksDbCopy copy = capture(new RocksDbCapture());

            assertThat(copy.retries()).isZero();
            assertThat(copy.notes()).isEmpty();
            assertThat(copy.sequence()).isEqualTo(database.database().getLatestSequenceNumber());
            assertThat(copy.databaseIdentity()).hasSize(36);
            assertThat(StructureCheck.verify(directory.resolve("copy"))).isInstanceOf(Verdict.Sound.class);
            assertThat(SmallDatabase.verifiedHead(directory.resolve("copy"))).isEqualTo(1050);
        }
    }

    @Test
    void columnFamiliesMayBeCalledByAnyBytes() throws Exception {
        RocksDB.loadLibrary();
        List<ColumnFamilyHandle> columns = new ArrayList<>();
        try (ColumnFamilyOptions usual = new ColumnFamilyOptions();
                DBOptions options = new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true)) {
            List<ColumnFamilyDescriptor> named = List.of(
                    new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, usual),
                    new ColumnFamilyDescriptor(new byte[] {(byte) 0xFE}, usual),
                    new ColumnFamilyDescriptor(new byte[] {(byte) 0xFF}, usual),
                    new ColumnFamilyDescriptor("]\n[DBOptions]\n#=\"".getBytes(UTF_8), usual));
            try (RocksDB database =
                    RocksDB.open(options, directory.resolve("db").toString(), named, columns)) {
                database.put(columns.get(1), new byte[1], new byte[1]);

                assertThat(capture(new RocksDbCapture()).sequence()).isEqualTo(1);

                columns.forEach(ColumnFamilyHandle::close);
            }
        }
    }

    @Test
    void logsInAnotherDirectoryAreRefusedWithoutNamingAModeThatRefusesThemToo() throws Exception {
        Path logs = Files.createDirectory(directory.resolve("logs"));
        SmallDatabase.open(directory.resolve("db"), options -> options.setWalDir(logs.toString()))
                .close();

        assertThatThrownBy(() -> capture(new RocksDbCapture()))
                .isInstanceOfSatisfying(RefusedException.class, refusal -> {
                    assertThat(refusal).hasMessageContaining("wal_dir=" + logs);
                    assertThat(refusal.hint()).contains("one directory").doesNotContain("capture=");
                });
    }

    @Test
    void saysWhoMayLinkWhenTheSystemForbidsIt() throws Exception {
        assertRefusedWhenLinkingFails(
                new FileSystemException("stage", "CURRENT", "Operation not permitted"), "the node's user (its uid)");
        assertRefusedWhenLinkingFails(new AccessDeniedException("stage"), "fs.protected_hardlinks");
    }

    @Test
    void saysThatTheStageIsOnAnotherMount() throws Exception {
        assertRefusedWhenLinkingFails(
                new FileSystemException("stage", "CURRENT", "Invalid cross-device link"), "same mount");
    }

    @Test
    void passesOnWhatItCannotExplain() throws Exception {
        SmallDatabase.open(directory.resolve("db")).close();
        Linking full = (link, existing) -> {
            throw new FileSystemException("stage", "CURRENT", "Too many links");
        };

        assertThatThrownBy(() -> capture(new RocksDbCapture(full, WindowHooks.NONE, new FakeClock())))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("Too many links");
    }

    /** What the refusal of recycled logs is for: the reason that no length could be right. */
    @Test
    void aLinkToARecycledLogComesToHoldOtherRecords() throws Exception {
        Path link = directory.resolve("link");
        try (SmallDatabase database =
                SmallDatabase.open(directory.resolve("db"), options -> options.setRecycleLogFileNum(2))) {
            database.write(300);
            Files.createLink(link, newestLog());
            byte[] inTheWindow = Files.readAllBytes(link);
            for (int round = 0; round < 4; round++) {
                database.flush().write(300);
            }

            byte[] later = Files.readAllBytes(link);
            assertThat(Arrays.copyOf(later, inTheWindow.length)).isNotEqualTo(inTheWindow);
            assertThatThrownBy(() -> capture(new RocksDbCapture()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("recycle_log_file_num=2");
        }
    }

    private void assertRefusedWhenLinkingFails(IOException failure, String hint) throws Exception {
        SmallDatabase.open(directory.resolve("db")).close();
        Linking forbidden = (link, existing) -> {
            throw failure;
        };

        assertThatThrownBy(() -> new RocksDbCapture(forbidden, WindowHooks.NONE, new FakeClock())
                        .check(new RocksDbSource(directory.resolve("db"), Set.of()), directory))
                .isInstanceOfSatisfying(RefusedException.class, refusal -> assertThat(refusal.hint())
                        .contains(hint));
    }

    private Path newestLog() throws IOException {
        return SourceListing.of(directory.resolve("db")).stream()
                .filter(file -> file.kind() == EngineFile.Kind.WAL)
                .max(Comparator.comparingLong(EngineFile::number))
                .map(file -> directory.resolve("db").resolve(file.name()))
                .orElseThrow();
    }

    private RocksDbCopy capture(RocksDbCapture capture) throws Exception {
        Path copy = Files.createDirectory(directory.resolve("copy"));
        Path hold = Files.createDirectory(directory.resolve("hold"));
        return capture.capture(new RocksDbSource(directory.resolve("db").toRealPath(), Set.of()), copy, hold, 0);
    }
}
