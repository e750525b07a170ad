package caravan.capture.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.rocksdb.ManifestState.ColumnFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BuiltinComparator;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDB;

class ManifestReaderTest {

    @TempDir
    Path directory;

    @Test
    void agreesWithTheEngineAboutLiveFilesAndColumnFamilies() throws Exception {
        try (SmallDatabase database = SmallDatabase.open(directory)) {
            database.write(200).flush().write(200).flush(2).compact().write(100).flush(1);
            database.createColumn("extra").createColumn("dropped").dropLastColumn();

            ManifestState state = stateOf(currentManifest());

            assertThat(state.liveFiles()).isEqualTo(liveFilesOf(database.database()));
            assertThat(state.columnFamilies())
                    .extracting(ColumnFamily::name)
                    .containsExactly("default", "col1", "col2", "col3", "extra");
            assertThat(state.columnFamilies())
                    .extracting(ColumnFamily::comparator)
                    .containsOnly("leveldb.BytewiseComparator");
            assertThat(state.lastSequence())
                    .isLessThanOrEqualTo(database.database().getLatestSequenceNumber());
            assertThat(state.databaseId()).isEqualTo(Files.readString(directory.resolve("IDENTITY"), UTF_8));
            assertThat(state.requiredLog()).isPositive();
        }
    }

    @Test
    void readsTheNamesOfOtherComparators() throws Exception {
        try (SmallDatabase database = SmallDatabase.open(
                directory,
                options -> {},
                columns -> columns.setComparator(BuiltinComparator.REVERSE_BYTEWISE_COMPARATOR))) {
            database.write(10).flush();

            assertThat(stateOf(currentManifest()).columnFamilies())
                    .extracting(ColumnFamily::comparator)
                    .containsOnly("rocksdb.ReverseBytewiseComparator");
        }
    }

    @Test
    void agreesWithTheEngineAboutBlobFiles() throws Exception {
        try (SmallDatabase database =
                SmallDatabase.open(directory, options -> {}, columns -> columns.setEnableBlobFiles(true)
                        .setMinBlobSize(10)
                        .setEnableBlobGarbageCollection(true)
                        .setBlobGarbageCollectionAgeCutoff(1.0))) {
            for (int round = 0; round < 4; round++) {
                database.write(50).flush();
            }
            database.database().delete("k000000001".getBytes(UTF_8));
            database.flush().compact();

            Map<String, Long> live = stateOf(currentManifest()).liveFiles();

            assertThat(live.keySet()).isEqualTo(namesThatTheEngineNeeds(database.database()));
            assertThat(live.keySet()).anyMatch(name -> name.endsWith(".blob"));
            for (Map.Entry<String, Long> file : live.entrySet()) {
                assertThat(directory.resolve(file.getKey())).hasSize(file.getValue());
            }
        }
    }

    @Test
    void aLastEditCutAtAnyByteIsTold() throws Exception {
        LogBytes log = new LogBytes().record(EditBytes.basics(5).toBytes());
        int end = log.size();
        byte[] whole = log.record(
                        new EditBytes().table(0, 12, 1_000).endOfTable().toBytes())
                .toBytes();

        for (int length = end + 1; length < whole.length; length++) {
            assertThat(read(Arrays.copyOf(whole, length)))
                    .as("cut at %d", length)
                    .isInstanceOf(ManifestReader.Result.CutOff.class);
        }
        assertThat(state(Arrays.copyOf(whole, end)).liveFiles()).isEmpty();
        assertThat(state(whole).liveFiles()).containsExactly(Map.entry("000012.sst", 1_000L));
    }

    @Test
    void zerosAfterTheLastEditAreNothing() throws Exception {
        byte[] manifest = new LogBytes()
                .record(EditBytes.basics(5).toBytes())
                .raw(new byte[100_000])
                .toBytes();

        assertThat(state(manifest).lastSequence()).isEqualTo(5);
    }

    @Test
    void skipsWhatIsDeclaredSafeToIgnore() throws Exception {
        EditBytes edit = EditBytes.basics(5)
                .text(EditBytes.SAFE_IGNORE + 99, "from a later release")
                .table(1, 12, 1_000)
                .varint(30)
                .field(new byte[3])
                .endOfTable();

        assertThat(stateOf(edit).liveFiles()).containsOnlyKeys("000012.sst");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertUnsupported(EditBytes.basics(5).number(50, 1), "tag 50");
        assertUnsupported(
                EditBytes.basics(5)
                        .table(1, 12, 1_000)
                        .varint(66)
                        .field((byte) 1)
                        .endOfTable(),
                "field 66");
        assertUnsupported(
                EditBytes.basics(5)
                        .varint(EditBytes.BLOB_FILE)
                        .varint(9)
                        .varint(1)
                        .varint(1)
                        .field()
                        .field()
                        .varint(64)
                        .field((byte) 1)
                        .varint(0),
                "field 64");
    }

    @Test
    void refusesFilesInAnotherDirectory() {
        assertUnsupported(
                EditBytes.basics(5)
                        .table(1, 12, 1_000)
                        .varint(65)
                        .field((byte) 2)
                        .endOfTable(),
                "path id 2");
        assertUnsupported(
                EditBytes.basics(5)
                        .varint(EditBytes.NEW_FILE_3)
                        .varint(1)
                        .varint(12)
                        .varint(1)
                        .varint(1_000)
                        .field(new byte[9])
                        .field(new byte[9])
                        .varint(1)
                        .varint(2),
                "path id 1");
    }

    @Test
    void readsTheOldestLogToKeepFromBothOfItsPlaces() throws Exception {
        EditBytes own = EditBytes.basics(5).number(EditBytes.MIN_LOG_TO_KEEP, 17);
        EditBytes inTable = EditBytes.basics(5)
                .table(1, 12, 1_000)
                .varint(3)
                .field(new byte[] {18, 0, 0, 0, 0, 0, 0, 0})
                .endOfTable();

        assertThat(stateOf(own).minLogNumberToKeep()).isEqualTo(17);
        assertThat(stateOf(inTable).minLogNumberToKeep()).isEqualTo(18);
    }

    @Test
    void theEditsOfAGroupCountTogetherOrNotAtAll() throws Exception {
        byte[] first = new EditBytes()
                .table(0, 12, 1_000)
                .endOfTable()
                .number(EditBytes.IN_GROUP, 1)
                .toBytes();
        byte[] second = new EditBytes()
                .table(0, 13, 1_000)
                .endOfTable()
                .number(EditBytes.IN_GROUP, 0)
                .toBytes();
        LogBytes open = new LogBytes().record(EditBytes.basics(5).toBytes()).record(first);

        assertThat(read(open.toBytes())).isInstanceOf(ManifestReader.Result.CutOff.class);
        assertThat(state(open.record(second).toBytes()).liveFiles()).containsOnlyKeys("000012.sst", "000013.sst");
    }

    @Test
    void anEditThatDoesNotBelongToTheOpenGroupIsDamage() {
        LogBytes log = new LogBytes()
                .record(EditBytes.basics(5).toBytes())
                .record(new EditBytes().number(EditBytes.IN_GROUP, 2).toBytes());

        assertThatThrownBy(() -> read(new LogBytes()
                        .raw(log.toBytes())
                        .record(EditBytes.basics(6).toBytes())
                        .toBytes()))
                .isInstanceOf(BadFormatException.class);
        assertThatThrownBy(() -> read(new LogBytes()
                        .raw(log.toBytes())
                        .record(new EditBytes().number(EditBytes.IN_GROUP, 0).toBytes())
                        .toBytes()))
                .isInstanceOf(BadFormatException.class);
    }

    @Test
    void filesOfADroppedColumnFamilyAreNotLive() throws Exception {
        byte[] manifest = new LogBytes()
                .record(EditBytes.basics(5).toBytes())
                .record(new EditBytes()
                        .text(EditBytes.COMPARATOR, "column_1_comparator")
                        .number(EditBytes.COLUMN_FAMILY, 1)
                        .text(EditBytes.COLUMN_FAMILY_ADD, "col1")
                        .toBytes())
                .record(new EditBytes()
                        .table(0, 12, 1_000)
                        .endOfTable()
                        .number(EditBytes.COLUMN_FAMILY, 1)
                        .toBytes())
                .toBytes();
        byte[] dropped = new LogBytes()
                .raw(manifest)
                .record(new EditBytes()
                        .number(EditBytes.COLUMN_FAMILY, 1)
                        .varint(EditBytes.COLUMN_FAMILY_DROP)
                        .toBytes())
                .toBytes();

        assertThat(state(manifest).liveFiles()).containsOnlyKeys("000012.sst");
        assertThat(state(manifest).columnFamilies().get(1).comparator()).isEqualTo("column_1_comparator");
        assertThat(state(dropped).liveFiles()).isEmpty();
    }

    @Test
    void aMoveBetweenLevelsKeepsTheFile() throws Exception {
        byte[] manifest = new LogBytes()
                .record(EditBytes.basics(5).table(0, 12, 1_000).endOfTable().toBytes())
                .record(new EditBytes()
                        .deleted(0, 12)
                        .table(1, 12, 1_000)
                        .endOfTable()
                        .toBytes())
                .toBytes();

        assertThat(state(manifest).liveFiles()).containsOnlyKeys("000012.sst");
    }

    @Test
    void editsThatContradictTheStateAreDamage() {
        assertDamaged(EditBytes.basics(5).deleted(0, 12));
        assertDamaged(
                EditBytes.basics(5).table(0, 12, 1).endOfTable().table(1, 12, 1).endOfTable());
        assertDamaged(EditBytes.basics(5).number(EditBytes.COLUMN_FAMILY, 3));
        assertDamaged(EditBytes.basics(5).blobGarbage(7, 1));
        assertDamaged(new EditBytes().number(EditBytes.LOG_NUMBER, 4).number(EditBytes.NEXT_FILE, 9));
    }

    @Test
    void everyTruncatedEditIsDamage() {
        byte[] whole = EditBytes.basics(5)
                .table(0, 12, 1_000)
                .endOfTable()
                .blobFile(13, 2, 300)
                .toBytes();
        int rejected = 0;
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                VersionEditDecoder.decode(cut);
            } catch (BadFormatException | UnsupportedFormatException e) {
                rejected++;
            }
        }
        // It may end between two fields: there are 5 such places.
        assertThat(whole.length - rejected).isEqualTo(5);
    }

    @Test
    void tracksSyncedLogs() throws Exception {
        EditBytes edit = EditBytes.basics(5)
                .varint(EditBytes.SAFE_IGNORE + 7)
                .field((byte) 20, (byte) 2, (byte) 100, (byte) 1)
                .varint(EditBytes.SAFE_IGNORE + 7)
                .field((byte) 21, (byte) 1);
        byte[] later = new EditBytes()
                .varint(EditBytes.SAFE_IGNORE + 8)
                .field((byte) 21)
                .toBytes();

        assertThat(stateOf(edit).trackedLogs()).isEqualTo(Map.of(20L, 100L, 21L, 0L));
        assertThat(state(new LogBytes().record(edit.toBytes()).record(later).toBytes())
                        .trackedLogs())
                .isEqualTo(Map.of(21L, 0L));
    }

    @Test
    void aBlobFileIsLiveWhileATableRefersToItOrSomeOfItIsNotGarbage() throws Exception {
        EditBytes edit = EditBytes.basics(5)
                .blobFile(20, 3, 300)
                .blobFile(21, 3, 300)
                .blobFile(22, 3, 300)
                .blobFile(23, 3, 300)
                .blobGarbage(20, 1)
                .blobGarbage(21, 3)
                .blobGarbage(22, 3)
                .table(0, 30, 1_000)
                .varint(4)
                .field((byte) 21)
                .endOfTable();

        assertThat(stateOf(edit).liveFiles())
                .isEqualTo(new TreeMap<>(Map.of("000021.blob", 362L, "000023.blob", 362L, "000030.sst", 1_000L)));
    }

    private void assertUnsupported(EditBytes edit, String reason) {
        assertThatThrownBy(() -> stateOf(edit))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining(reason);
    }

    private void assertDamaged(EditBytes edit) {
        assertThatThrownBy(() -> stateOf(edit)).isInstanceOf(BadFormatException.class);
    }

    private ManifestState stateOf(EditBytes edit) throws Exception {
        return state(new LogBytes().record(edit.toBytes()).toBytes());
    }

    private ManifestState state(byte[] manifest) throws Exception {
        return ((ManifestReader.Result.Complete) read(manifest)).state();
    }

    private ManifestReader.Result read(byte[] manifest)
            throws IOException, BadFormatException, UnsupportedFormatException {
        return ManifestReader.read(Files.write(directory.resolve("MANIFEST-000007"), manifest));
    }

    private static ManifestState stateOf(Path manifest) throws Exception {
        return ((ManifestReader.Result.Complete) ManifestReader.read(manifest)).state();
    }

    private Path currentManifest() throws IOException {
        return directory.resolve(
                Files.readString(directory.resolve("CURRENT"), UTF_8).strip());
    }

    private static Map<String, Long> liveFilesOf(RocksDB database) {
        return database.getLiveFilesMetaData().stream()
                .collect(Collectors.toMap(
                        file -> file.fileName().substring(1), LiveFileMetaData::size, (a, b) -> a, TreeMap::new));
    }

    private static Set<String> namesThatTheEngineNeeds(RocksDB database) throws Exception {
        return database.getLiveFiles(false).files.stream()
                .map(name -> name.substring(1))
                .filter(name -> name.endsWith(".sst") || name.endsWith(".blob"))
                .collect(Collectors.toSet());
    }
}
