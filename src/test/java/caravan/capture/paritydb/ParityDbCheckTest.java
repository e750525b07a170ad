package caravan.capture.paritydb;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import caravan.failure.DamagedException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The damage table of a ParityDB: what its files tell, and what they do not. */
class ParityDbCheckTest {

    private static final String FINE = "";

    @TempDir
    Path directory;

    @FunctionalInterface
    private interface Damage {
        void to(Path database) throws IOException;
    }

    static Stream<Arguments> damageToAClosedDatabase() {
        return Stream.of(
                row("nothing", FINE, db -> {}),
                row("an index that was just made", FINE, db -> truncate(db, "index_00_16", 0)),
                row("an unknown file", FINE, db -> Files.createFile(db.resolve("stats.txt"))),
                row("an index cut short", "index_00_16 has 1000 bytes", db -> truncate(db, "index_00_16", 1000)),
                row(
                        "an index one byte longer",
                        "index_00_16 has",
                        db -> truncate(db, "index_00_16", (16 << 10) + (512L << 16) + 1)),
                row("counts cut short", "refcount_02_16 has 512 bytes", db -> truncate(db, "refcount_02_16", 512)),
                row("no metadata", "no metadata", db -> Files.delete(db.resolve("metadata"))),
                row("empty metadata", "no version, or no salt", db -> truncate(db, "metadata", 0)),
                row("half of metadata", "wrong line for column 0", db -> truncate(db, "metadata", 90)),
                row("metadata cut within the salt", "32 bytes in hex", db -> truncate(db, "metadata", 40)),
                row("metadata that is another file", "no metadata", db -> truncate(db, "metadata", 2 << 20)),
                row("a version in letters", "no number", db -> replace(db, "version=8", "version=x")),
                row("a column twice", "wrong line for column 1", db -> replace(db, "col1=", "col0=")),
                row("a line without a value", "without a value", db -> replace(db, "version=8", "version")),
                row("a table cut within its head", "too few", db -> truncate(db, "table_00_00", 10)),
                row(
                        "a table cut short",
                        "says that it has 9 entries of 32 bytes, and has 100",
                        db -> truncate(db, "table_00_00", 100)),
                row("a free entry that is not there", "says that entry 9 is free", db -> put(db, "table_00_00", 0, 9)),
                row("a table with too few entries", "says that entry 3 is free", db -> put(db, "table_00_00", 8, 2)),
                row("a table with too many entries", "says that it has", db -> put(db, "table_00_0a", 8, 1L << 40)),
                row("a negative number of entries", "says that it has", db -> put(db, "table_00_0a", 8, -1)),
                row(
                        "a free entry that is in use",
                        "entry 3 in the list of its free ones",
                        db -> put(db, "table_00_00", 3 * 32, 0)),
                row("a free list that leads out", "leads nowhere", db -> put(db, "table_00_00", 3 * 32 + 2, 77)),
                row("a free list that leads back", "leads nowhere", db -> put(db, "table_00_00", 5 * 32 + 2, 3)),
                row("a value in the middle of a table", FINE, db -> put(db, "table_00_0a", 2 * 42, 12345)),
                row("a lost table", FINE, db -> Files.delete(db.resolve("table_00_0a"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damageToAClosedDatabase")
    void whatIsWrongWithAClosedDatabaseIsSaid(String what, String expected, Damage damage) throws Exception {
        expect(SmallParityDb.closed(directory), expected, damage);
    }

    static Stream<Arguments> damageToAKilledDatabase() {
        return Stream.of(
                row("nothing", FINE, db -> {}),
                row("the newest log is lost", FINE, db -> Files.delete(db.resolve("log2"))),
                row("a table is behind its log", FINE, db -> put(db, "table_00_0a", 8, 1L << 40)),
                row("a free list is behind its log", FINE, db -> put(db, "table_00_00", 3 * 32, 0)),
                row("a table that does not open", "says that entry 9 is free", db -> put(db, "table_00_00", 0, 9)),
                row(
                        "a log in the middle is lost",
                        "records are missing: log7 ends before record 44, log9 begins with record 46",
                        db -> {
                            Files.write(db.resolve("log9"), SmallParityDb.log(46, 1));
                            Files.delete(db.resolve("log2"));
                        }),
                row(
                        "the older log is cut short",
                        "log7 ends within a record, and is not the newest log",
                        db -> truncate(db, "log7", 5000)),
                row(
                        "two logs begin with one record",
                        "records are missing",
                        db -> Files.write(db.resolve("log9"), SmallParityDb.log(41, 1))),
                row(
                        "a record is missing",
                        "record 43 follows record 41",
                        db -> Files.write(
                                db.resolve("log7"), joined(SmallParityDb.record(41), SmallParityDb.record(43)))),
                row(
                        "a column that is not there",
                        "no column 3",
                        db -> Files.write(
                                db.resolve("log7"),
                                joined(SmallParityDb.log(41, 2), SmallParityDb.recordOf(43, 3, 0, 20)))),
                row(
                        "a value that is too long",
                        "a value of 31 bytes is for entries of 32",
                        db -> Files.write(
                                db.resolve("log7"),
                                joined(SmallParityDb.log(41, 2), SmallParityDb.recordOf(43, 0, 0, 31)))),
                row("an unknown action", "nobody knows the action 9", db -> {
                    byte[] log = SmallParityDb.log(41, 3);
                    log[9] = 9;
                    Files.write(db.resolve("log7"), log);
                }),
                row("an unknown action in the newest log, from where on the engine drops it", FINE, db -> {
                    byte[] log = SmallParityDb.log(44, 1);
                    log[9] = 9;
                    Files.write(db.resolve("log2"), log);
                }),
                row(
                        "a record is missing in the newest log",
                        "record 46 follows record 44",
                        db -> Files.write(
                                db.resolve("log2"), joined(SmallParityDb.record(44), SmallParityDb.record(46)))),
                row(
                        "a log that begins with nothing",
                        "no record begins",
                        db -> Files.write(db.resolve("log2"), new byte[100])),
                row("a log too short for a number", FINE, db -> Files.write(db.resolve("log0"), new byte[8])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damageToAKilledDatabase")
    void whatIsWrongWithAKilledDatabaseIsSaid(String what, String expected, Damage damage) throws Exception {
        expect(SmallParityDb.killed(directory), expected, damage);
    }

    @Test
    void whatIsThereIsCounted() throws Exception {
        ParityDbFacts facts = ParityDbCheck.of(SmallParityDb.killed(directory));
        assertThat(facts.version()).isEqualTo(8);
        assertThat(facts.columns()).isEqualTo(3);
        assertThat(facts.tables()).isEqualTo(5);
        assertThat(facts.records()).isEqualTo(5);
        assertThat(facts.notes()).isEmpty();
        assertThat(facts.text()).isEqualTo("version 8, 3 columns, 5 tables, 5 records in logs");
    }

    @Test
    void newestLogMayEndAtEveryByteOfARecordAndThatIsSaid() throws Exception {
        Path log = SmallParityDb.killed(directory).resolve("log2");
        byte[] whole = Files.readAllBytes(log);
        int last = whole.length / 2;
        int step = 1;
        for (int length = last; length <= whole.length; length += step) {
            // The large value in the middle is as good at one byte as at the next.
            step = length - last < 200 || whole.length - length < 200 ? 1 : 61;
            Files.write(log, Arrays.copyOf(whole, length));
            ParityDbFacts facts = ParityDbCheck.of(directory);
            boolean torn = length > last && length < whole.length;
            assertThat(facts.records()).as("%s bytes", length).isEqualTo(length == whole.length ? 5 : 4);
            assertThat(facts.notes())
                    .as("%s bytes", length)
                    .isEqualTo(
                            torn
                                    ? List.of("log2 ends with " + (length - last)
                                            + " bytes of a record that was being written")
                                    : List.of());
        }
    }

    @Test
    void endOfTheNewestLogThatWasNeverWrittenIsARecordThatWasBeingWritten() throws Exception {
        Path log = SmallParityDb.killed(directory).resolve("log2");
        byte[] whole = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(whole, whole.length + 700));
        assertThat(ParityDbCheck.of(directory).notes())
                .containsExactly("log2 ends with 700 bytes of a record that was being written");
    }

    @Test
    void lastRecordOfTheNewestLogMayHaveHolesAsAfterAPowerCutAndThatIsSaid() throws Exception {
        Path log = SmallParityDb.killed(directory).resolve("log2");
        byte[] whole = Files.readAllBytes(log);
        int last = whole.length / 2;
        int end = whole.length;
        // All of it has a length, and a part of it reached the disk: the beginning, the end, the middle.
        for (int[] hole : new int[][] {{end - 2, end}, {last + 9, end}, {last, last + 400}, {last + 20, last + 90}}) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, hole[0], hole[1], (byte) 0);
            Files.write(log, torn);
            ParityDbFacts facts = ParityDbCheck.of(directory);
            assertThat(facts.records()).isEqualTo(4);
            assertThat(facts.notes())
                    .singleElement()
                    .asString()
                    .startsWith("log2 ends with " + (end - last)
                            + " bytes of a record that was being written, or is damaged there (log2 is damaged before");
        }
    }

    @Test
    void everyFlippedBitOfAnOlderLogIsDamageAndOneOfTheNewestIsNeverPassedInSilence() throws Exception {
        SmallParityDb.killed(directory);
        Files.write(directory.resolve("log7"), SmallParityDb.recordOf(43, 0, 0, 20));
        Files.write(directory.resolve("log2"), SmallParityDb.recordOf(44, 0, 0, 20));
        for (String name : new String[] {"log7", "log2"}) {
            Path log = directory.resolve(name);
            byte[] right = Files.readAllBytes(log);
            for (int bit = 0; bit < right.length * 8; bit++) {
                byte[] wrong = right.clone();
                wrong[bit / 8] ^= (byte) (1 << (bit % 8));
                Files.write(log, wrong);
                if (name.equals("log7") || !endsEarly()) {
                    assertThatThrownBy(() -> ParityDbCheck.of(directory))
                            .as("bit %s of %s", bit, name)
                            .isInstanceOf(DamagedException.class);
                }
            }
            Files.write(log, right);
        }
    }

    /** A length that is wrong may lead beyond the end of the log, as that of a record that is being written does. */
    private boolean endsEarly() throws IOException {
        try {
            return !ParityDbCheck.of(directory).notes().isEmpty();
        } catch (DamagedException e) {
            return false;
        }
    }

    @ParameterizedTest
    @CsvSource({"3", "10"})
    void versionWhoseTablesAreNotKnownIsJudgedByItsSizesAlone(int version) throws Exception {
        SmallParityDb.closed(directory);
        replace(directory, "version=8", "version=" + version);
        put(directory, "table_00_00", 0, 9);
        assertThat(ParityDbCheck.of(directory).notes())
                .containsExactly("of version " + version + ", whose tables and logs are not known here");
        truncate(directory, "index_00_16", 1000);
        assertThatThrownBy(() -> ParityDbCheck.of(directory)).isInstanceOf(DamagedException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,32", "1,33", "10,42", "13,46", "127,1024", "200,7506", "253,31878", "254,32760", "255,4096"})
    void entriesHaveTheSizesOfTheFormat(int tier, int bytes) {
        assertThat(Tier.entryBytes(tier)).isEqualTo(bytes);
    }

    private static void expect(Path database, String expected, Damage damage) throws Exception {
        damage.to(database);
        if (expected.isEmpty()) {
            assertThatCode(() -> ParityDbCheck.of(database)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> ParityDbCheck.of(database))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageStartingWith("the copy of a ParityDB is not whole: ")
                    .hasMessageContaining(expected);
        }
    }

    private static Arguments row(String what, String expected, Damage damage) {
        return arguments(what, expected, damage);
    }

    private static void truncate(Path database, String name, long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(database.resolve(name).toFile(), "rw")) {
            file.setLength(size);
        }
    }

    private static void put(Path database, String name, long offset, long value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(database.resolve(name).toFile(), "rw")) {
            file.seek(offset);
            file.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }
    }

    private static void replace(Path database, String old, String fresh) throws IOException {
        Path metadata = database.resolve("metadata");
        String text = Files.readString(metadata, US_ASCII);
        assertThat(text).contains(old);
        Files.writeString(metadata, text.replace(old, fresh), US_ASCII);
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }
}
