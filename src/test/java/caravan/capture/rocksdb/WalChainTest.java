package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.rocksdb.ManifestState.Level;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalChainTest {

    @TempDir
    Path directory;

    private final NavigableMap<Long, Path> logs = new TreeMap<>();

    @Test
    void batchesFollowOneAnotherInsideALogAndAcrossLogs() throws Exception {
        log(5, new LogBytes().record(batch(11, 3)).record(batch(14, 0)).record(batch(14, 2)));
        log(9, new LogBytes().record(batch(16, 5)));
        log(12, new LogBytes());

        assertThat(verify(manifest(5, 15))).isEqualTo(new Verdict.Sound(20, List.of()));
    }

    @Test
    void aGapBetweenLogsOrAnOverlapIsDamage() throws Exception {
        log(5, new LogBytes().record(batch(11, 3)).record(batch(13, 1)));
        assertDamaged(manifest(5, 10), "13 follows where 14");

        log(5, new LogBytes().record(batch(11, 3)));
        log(9, new LogBytes().record(batch(15, 1)));
        assertDamaged(manifest(5, 10), "15 follows where 14");

        log(9, new LogBytes().record(batch(12, 1)));
        assertDamaged(manifest(5, 10), "12 follows where 14");
    }

    @Test
    void aGapInsideALogIsOfWritesThatWentIntoNone() throws Exception {
        log(5, new LogBytes().record(batch(11, 3)).record(batch(15, 1)));
        log(9, new LogBytes().record(batch(18, 1)));

        assertThat(verify(manifest(5, 10))).isInstanceOfSatisfying(Verdict.Unlogged.class, unlogged -> {
            assertThat(unlogged.reason()).contains("in no write-ahead log");
            assertThat(unlogged.otherwise()).isEmpty();
        });
    }

    @Test
    void logsThatRecoveryDoesNotNeedAreNotLookedAt() throws Exception {
        log(3, new LogBytes().raw((byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5, (byte) 6, (byte) 7, (byte) 8));
        log(5, new LogBytes().record(batch(11, 3)));

        assertThat(verify(manifest(5, 10))).isEqualTo(new Verdict.Sound(13, List.of()));
    }

    @Test
    void aTornEndIsFineOnlyWhereNothingFollowsOrTheNextLogGoesOnBeforeIt() throws Exception {
        byte[] whole = new LogBytes().record(batch(11, 3)).record(batch(14, 1)).toBytes();
        log(5, new LogBytes().raw(Arrays.copyOf(whole, whole.length - 1)));
        log(9, new LogBytes());

        assertThat(verify(manifest(5, 10))).isInstanceOfSatisfying(Verdict.Sound.class, sound -> {
            assertThat(sound.lastSequence()).isEqualTo(13);
            assertThat(sound.notes()).singleElement().asString().contains("000005.log");
        });

        log(9, new LogBytes().record(batch(15, 1)));
        assertDamaged(manifest(5, 10), "ends inside a record");

        // The engine dropped it when it was opened again, and gave its numbers to other records.
        log(9, new LogBytes().record(batch(14, 0)).record(batch(14, 2)));
        assertThat(verify(manifest(5, 10)))
                .isInstanceOfSatisfying(Verdict.Sound.class, sound -> assertThat(sound.lastSequence())
                        .isEqualTo(15));
    }

    @Test
    void logsThatEndBeforeTheTablesAreDamage() throws Exception {
        log(5, new LogBytes().record(batch(11, 3)));

        assertDamaged(manifest(5, 14), "before the table files");
        assertThat(verify(manifest(5, 13))).isInstanceOf(Verdict.Sound.class);
    }

    @Test
    void logsThatBeginAfterTheTablesAreSuspect() throws Exception {
        log(5, new LogBytes().record(batch(12, 3)));

        assertThat(verify(manifest(5, 10))).isInstanceOf(Verdict.RequiredLogAbsent.class);
        assertThat(verify(manifest(5, 11))).isInstanceOf(Verdict.Sound.class);
    }

    @Test
    void aDatabaseThatNeverFlushedNeedsItsLogsFromTheFirstWrite() throws Exception {
        assertThat(verify(manifest(0, 0))).isEqualTo(new Verdict.Sound(0, List.of()));
        assertThat(verify(manifest(0, 7))).isInstanceOf(Verdict.RequiredLogAbsent.class);

        log(5, new LogBytes().record(batch(1, 3)));
        assertThat(verify(manifest(0, 2))).isInstanceOf(Verdict.Sound.class);
        log(5, new LogBytes().record(batch(2, 3)));
        assertThat(verify(manifest(0, 2))).isInstanceOf(Verdict.RequiredLogAbsent.class);
    }

    @Test
    void afterAnOpeningTheLogsGoOnWhereTheTablesEndedAlthoughTheLogThatIsNamedWasNeverMade() throws Exception {
        log(9, new LogBytes().record(batch(11, 3)));

        assertThat(verify(state(5, 10, Map.of(), new Level(5, 10)))).isEqualTo(new Verdict.Sound(13, List.of()));
        // since then one column family was flushed
        assertThat(verify(state(5, 12, Map.of(), new Level(5, 10)))).isEqualTo(new Verdict.Sound(13, List.of()));
    }

    @Test
    void afterAnOpeningALogThatBeginsLaterHadOneBeforeIt() throws Exception {
        log(9, new LogBytes().record(batch(12, 3)));

        assertThat(verify(state(5, 12, Map.of(), new Level(5, 10)))).isInstanceOf(Verdict.Unsettled.class);
    }

    @Test
    void logThatWasFlushedUpToIsMissedWhereverTheOthersBegin() throws Exception {
        log(9, new LogBytes().record(batch(11, 3)));

        assertThat(verify(state(5, 10, Map.of(), new Level(3, 10)))).isInstanceOf(Verdict.Unsettled.class);
        log(5, new LogBytes());
        assertThat(verify(state(5, 10, Map.of(), new Level(3, 10)))).isInstanceOf(Verdict.Unsettled.class);
    }

    @Test
    void numbersThatOtherFilesHaveAreNoNumbersOfMissingLogs() throws Exception {
        log(9, new LogBytes().record(batch(12, 3)));

        assertThat(verify(state(5, 12, Map.of(), new Level(5, 10), 5, 6, 7, 8))).isInstanceOf(Verdict.Sound.class);
        assertThat(verify(state(5, 12, Map.of(), new Level(5, 10), 5, 6, 8))).isInstanceOf(Verdict.Unsettled.class);
    }

    @Test
    void withoutAnyLogTheDatabaseMayBeAsItWasOpened() throws Exception {
        assertThat(verify(state(5, 10, Map.of(), new Level(5, 10)))).isInstanceOf(Verdict.RequiredLogAbsent.class);
        assertThat(verify(state(7, 10, Map.of(), new Level(5, 10)))).isInstanceOf(Verdict.Unsettled.class);

        log(9, new LogBytes());
        assertThat(verify(state(5, 10, Map.of(), new Level(5, 10)))).isInstanceOf(Verdict.Sound.class);
        assertThat(verify(state(7, 10, Map.of(), new Level(5, 10)))).isInstanceOf(Verdict.Unsettled.class);
    }

    @Test
    void aTrackedLogThatIsMissingOrShortIsDamage() throws Exception {
        log(5, new LogBytes().record(batch(11, 3)));
        long size = Files.size(logs.get(5L));

        assertDamaged(tracking(Map.of(5L, size + 1)), "synced bytes");
        assertDamaged(tracking(Map.of(6L, 1L)), "synced bytes");
        assertThat(verify(tracking(Map.of(5L, size, 4L, 100L)))).isInstanceOf(Verdict.Sound.class);
    }

    @Test
    void aRecordTooShortForABatchIsDamage() throws Exception {
        log(5, new LogBytes().record(new byte[11]));

        assertDamaged(manifest(5, 10), "too short");
    }

    @Test
    void aRecycledLogIsNotSupported() throws Exception {
        byte[] recycled = new LogBytes().fragment(5, new byte[20]).toBytes();
        recycled[4] = 16;
        log(5, new LogBytes().raw(recycled));

        assertThatThrownBy(() -> verify(manifest(5, 10)))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("000005.log");
    }

    @Test
    void compressedLogsAreCheckedByTheirChecksumsAndNoted() throws Exception {
        byte[] zstd = {7, 0, 0, 0};
        LogBytes compressed =
                new LogBytes().fragment(9, zstd).record(new byte[50]).record(new byte[9]);
        log(5, compressed);

        assertThat(verify(manifest(5, 10)))
                .isInstanceOfSatisfying(Verdict.Sound.class, sound -> assertThat(sound.notes())
                        .singleElement()
                        .asString()
                        .contains("compressed"));

        byte[] flipped = compressed.toBytes();
        flipped[flipped.length - 1] ^= 1;
        log(5, new LogBytes().raw(flipped));
        assertDamaged(manifest(5, 10), "checksum");
    }

    @Test
    void recycledLogsOfTheEngineAreNotSupported() throws Exception {
        Path database = directory.resolve("db");
        try (SmallDatabase recycling = SmallDatabase.open(database, options -> options.setRecycleLogFileNum(2))) {
            recycling.write(500).flush(1).write(500);
            assertThatThrownBy(() -> StructureCheck.verify(database)).hasMessageContaining("recycled");
        }
    }

    private void assertDamaged(ManifestState manifest, String reason) throws Exception {
        assertThat(verify(manifest))
                .isInstanceOfSatisfying(Verdict.Damaged.class, damaged -> assertThat(damaged.reason())
                        .contains(reason));
    }

    private Verdict verify(ManifestState manifest) throws IOException, UnsupportedFormatException {
        return WalChain.verify(logs, manifest, LogRules.USUAL);
    }

    private void log(long number, LogBytes content) throws IOException {
        logs.put(number, Files.write(directory.resolve(EngineFile.logName(number)), content.toBytes()));
    }

    private static ManifestState manifest(long minLogNumberToKeep, long lastSequence) {
        return state(minLogNumberToKeep, lastSequence, Map.of(), Level.NONE);
    }

    private static ManifestState tracking(Map<Long, Long> trackedLogs) {
        return state(5, 10, trackedLogs, Level.NONE);
    }

    private static ManifestState state(
            long minLogNumberToKeep, long lastSequence, Map<Long, Long> trackedLogs, Level level, long... others) {
        FileNumbers numbers = new FileNumbers();
        for (long number : others) {
            numbers.add(number);
        }
        return new ManifestState(
                List.of(),
                new TreeMap<>(),
                minLogNumberToKeep,
                minLogNumberToKeep > 0,
                lastSequence,
                "",
                trackedLogs,
                level,
                0,
                numbers,
                new LoneSequences(),
                false);
    }

    private static byte[] batch(long sequence, int count) {
        return ByteBuffer.allocate(40)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(sequence)
                .putInt(count)
                .array();
    }
}
