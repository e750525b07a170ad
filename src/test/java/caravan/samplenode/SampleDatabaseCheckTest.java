package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.WrongUsageException;
import caravan.samplenode.SampleDatabaseCheck.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Each test takes a sound store of head 200, whose window holds batches 151 to 200, and does one thing to it. */
class SampleDatabaseCheckTest {

    private static final long HEAD = 200;
    private static final StoreShape SHAPE = new StoreShape("check", 50, List.of(48, 320, 64));

    private final StoreContents contents = new StoreContents(SHAPE);
    private final SampleDatabaseCheck check = new SampleDatabaseCheck(OpenMode.READ_ONLY);

    @TempDir
    private Path directory;

    private Path store;

    @BeforeEach
    void writeStore() throws Exception {
        store = directory.resolve("full");
        try (SampleStore written = SampleStore.open(store, SHAPE, Profile.TORTURE)) {
            while (written.head() < HEAD) {
                written.commit(1);
            }
        }
    }

    @AfterEach
    void closeCheck() {
        check.close();
    }

    @Test
    void aSoundStoreIsSoundInBothModes() throws Exception {
        SampleDatabaseState state = check.check(store);

        // 50 entries and a tip in each of three columns, and best, final and gen.
        assertThat(state.head()).isEqualTo(HEAD);
        assertThat(state.keys()).isEqualTo(3 * 51 + 3);
        try (SampleDatabaseCheck readWrite = new SampleDatabaseCheck(OpenMode.READ_WRITE)) {
            assertThat(readWrite.check(store)).isEqualTo(state);
        }
        assertThat(check.check(store)).isEqualTo(state);
    }

    @Test
    void readOnlyModeLeavesTheDirectoryAsItIs() throws Exception {
        Map<String, String> before = fileContents();

        check.check(store);

        assertThat(fileContents()).isEqualTo(before);
    }

    @Test
    void aDeletedKeyIsLost() throws Exception {
        change((database, columns) -> database.delete(columns.get("col2"), contents.key(2, 180)));

        assertDamaged("col2: lost batch 180");
    }

    @Test
    void aGapIsLost() throws Exception {
        change((database, columns) -> {
            for (long height = 170; height <= 179; height++) {
                database.delete(columns.get("col1"), contents.key(1, height));
            }
        });

        assertDamaged("col1: lost 10 batches between 170 and 179");
    }

    @Test
    void aKeyThatWasDeletedAndIsBackIsResurrected() throws Exception {
        change((database, columns) -> database.put(columns.get("col0"), contents.key(0, 150), contents.value(0, 150)));

        assertDamaged("col0: resurrected batch 150");
    }

    @Test
    void anotherValueIsFound() throws Exception {
        change((database, columns) -> database.put(columns.get("col1"), contents.key(1, 160), contents.value(1, 161)));

        assertDamaged("col1: another value in batch 160");
    }

    @Test
    void aForeignKeyIsFound() throws Exception {
        change((database, columns) -> database.put(columns.get("col1"), contents.key(2, 160), new byte[1]));

        assertDamaged("col1: holds a foreign key");
    }

    @Test
    void aForeignRecordIsFound() throws Exception {
        change((database, columns) -> database.put(columns.get("default"), new byte[3], new byte[1]));

        assertDamaged("default: holds a foreign key 000000");
    }

    @Test
    void aBatchThatReachedOnlyOneColumnIsTorn() throws Exception {
        change((database, columns) -> {
            database.put(columns.get("col2"), contents.key(2, 201), contents.value(2, 201));
            database.put(columns.get("col2"), StoreContents.TIP.getBytes(UTF_8), contents.tip(201));
        });

        assertDamaged("col2: torn: its records [tip]", "col2: torn, above the head it holds batch 201");
    }

    @Test
    void aColumnThatStaysBehindIsTorn() throws Exception {
        change((database, columns) -> {
            database.delete(columns.get("col1"), contents.key(1, 200));
            database.put(columns.get("col1"), contents.key(1, 150), contents.value(1, 150));
            database.put(columns.get("col1"), StoreContents.TIP.getBytes(UTF_8), contents.tip(199));
        });

        assertDamaged("col1: torn: its records [tip]", "lost batch 200", "resurrected batch 150");
    }

    @Test
    void aHeadRecordOfAnotherHeightIsTorn() throws Exception {
        byte[] other = contents.headRecord(199, contents.sumUpTo(199));
        change((database, columns) -> database.put(columns.get("default"), StoreContents.HEAD_KEY, other));

        assertDamaged("its head is 199", "col0: torn: its records [best, final, tip]", "col1: torn", "col2: torn");
    }

    @Test
    void aHeadRecordOfNoHeightIsWrong() throws Exception {
        byte[] other = contents.headRecord(HEAD, contents.sumUpTo(HEAD - 1));
        change((database, columns) -> database.put(columns.get("default"), StoreContents.HEAD_KEY, other));

        assertDamaged("wrong head record");
    }

    @Test
    void aMissingWriteAheadLogIsTornAlthoughRocksDbOpensTheCopy() throws Exception {
        try (SampleStore written = SampleStore.open(store, SHAPE, Profile.DEMO)) {
            written.commit(1);
        }
        change((database, columns) -> {
            try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
                database.put(columns.get("default"), "x".getBytes(UTF_8), new byte[1]);
                database.delete(columns.get("default"), "x".getBytes(UTF_8));
                database.put(
                        columns.get("default"),
                        StoreContents.HEAD_KEY,
                        contents.headRecord(202, contents.sumUpTo(202)));
                database.flush(options, columns.get("default"));
            }
        });
        for (Path log : files(".log")) {
            Files.delete(log);
        }

        assertDamaged("its head is 202", "torn");
    }

    @Test
    void aFlippedBitInATableIsDamage() throws Exception {
        change((database, columns) -> {
            try (FlushOptions options = new FlushOptions().setWaitForFlush(true)) {
                database.flush(options, new ArrayList<>(columns.values()));
            }
        });
        Path table = files(".sst").get(0);
        try (FileChannel channel = FileChannel.open(table, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, 20);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, 20);
        }

        assertDamaged(store + " is damaged: ", table.getFileName().toString());
    }

    @Test
    void whatIsNoDatabaseIsSaidToBeNone() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));

        assertThatThrownBy(() -> check.check(empty)).isInstanceOf(DamagedException.class);
        assertThatThrownBy(() -> check.check(directory.resolve("missing")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("missing");
    }

    private void assertDamaged(String... words) {
        assertThatThrownBy(() -> check.check(store))
                .isInstanceOf(DamagedException.class)
                .hasMessageContainingAll(words);
    }

    @FunctionalInterface
    private interface Change {
        void apply(RocksDB database, Map<String, ColumnFamilyHandle> columns) throws RocksDBException;
    }

    private void change(Change change) throws RocksDBException {
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        try (Options options = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(options, store.toString())) {
                families.add(new ColumnFamilyDescriptor(name));
            }
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try (DBOptions options = new DBOptions();
                RocksDB database = RocksDB.open(options, store.toString(), families, handles)) {
            Map<String, ColumnFamilyHandle> columns = new HashMap<>();
            for (ColumnFamilyHandle handle : handles) {
                columns.put(new String(handle.getName(), UTF_8), handle);
            }
            change.apply(database, columns);
            handles.forEach(ColumnFamilyHandle::close);
        } finally {
            families.forEach(family -> family.getOptions().close());
        }
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    private Map<String, String> fileContents() throws IOException {
        Map<String, String> contentByName = new HashMap<>();
        for (Path file : files("")) {
            contentByName.put(
                    file.getFileName().toString(),
                    Files.getLastModifiedTime(file) + " " + Arrays.hashCode(Files.readAllBytes(file)));
        }
        return contentByName;
    }
}
