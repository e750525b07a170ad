package caravan.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.samplenode.SampleNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a look at a database sees, on directories made by hand and on those that a real engine writes. */
class DatabaseSightTest {

    private static final FileTime OLD = FileTime.from(Instant.parse("2026-11-22T08:33:00Z"));

    @TempDir
    Path root;

    @Test
    void databaseThatNobodyWritesLooksTheSame() throws Exception {
        rocksDb("db/full", 5);
        DatabaseSight sight = sight();

        assertThat(sight.look().looksLike(sight.look())).isTrue();
        assertThat(sight.look().looksLike(sight().look())).as("by another, too").isTrue();
    }

    @Test
    void eachThingThatAnEngineDoesIsSeen() throws Exception {
        Path store = rocksDb("db/full", 5);
        DatabaseSight sight = sight();

        Appearance before = sight.look();
        append(store.resolve("MANIFEST-000004"), "a flush");
        Appearance flushed = sight.look();
        append(store.resolve("000009.log"), "a batch");
        Appearance written = sight.look();
        Files.writeString(store.resolve("000010.log"), "");
        Appearance rolled = sight.look();
        Files.writeString(store.resolve("MANIFEST-000011"), "new");
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000011\n");
        Appearance reopened = sight.look();

        List<Appearance> all = List.of(before, flushed, written, rolled, reopened);
        for (int at = 1; at < all.size(); at++) {
            assertThat(all.get(at).looksLike(all.get(at - 1))).as("step %d", at).isFalse();
        }
    }

    @Test
    void newestLogIsTheOneWithTheHighestNumberNotTheLongestName() throws Exception {
        Path store = rocksDb("db/full", 1);
        Files.writeString(store.resolve("1000000.log"), "newest");
        Files.writeString(store.resolve("999999.log"), "older");
        Files.writeString(store.resolve("LOG.old.9999999999.log"), "no write-ahead log");

        assertThat(sight().look().marks()).singleElement().asString().endsWith(" 1000000.log 6");
    }

    @Test
    void nestedStoreCounts() throws Exception {
        rocksDb("db/full", 2);
        Path nested = rocksDb("db/full/parachains/db", 2);
        DatabaseSight sight = sight();
        Appearance before = sight.look();

        append(nested.resolve("000009.log"), "a batch");

        assertThat(sight.look().looksLike(before)).isFalse();
    }

    @Test
    void directoryIsListedOnlyWhenFilesCameOrWent() throws Exception {
        Path store = rocksDb("db/full", 100);
        Files.setLastModifiedTime(store, OLD);
        DatabaseSight sight = sight();
        for (int look = 0; look < 10; look++) {
            append(store.resolve("000009.log"), "a batch");
            sight.look();
        }
        assertThat(sight.listings()).isEqualTo(1);

        Files.writeString(store.resolve("000010.log"), "");
        assertThat(sight.look().marks().get(0)).endsWith(" 000010.log 0");
        assertThat(sight.listings()).isEqualTo(2);
    }

    @Test
    void parityDbIsSeenByNamesSizesAndTimesOfItsFiles() throws Exception {
        Path store = Files.createDirectories(root.resolve("paritydb/full"));
        for (String name : List.of("metadata", "index_00_18", "table_00_00", "log0")) {
            Files.setLastModifiedTime(Files.writeString(store.resolve(name), name), OLD);
        }
        Files.writeString(store.resolve("lock"), "");
        DatabaseSight sight = sight();
        Appearance before = sight.look();
        assertThat(before.marks()).hasSize(4);

        Files.setLastModifiedTime(store.resolve("lock"), FileTime.from(Instant.now()));
        assertThat(sight.look().looksLike(before)).as("the lock is not content").isTrue();
        Files.setLastModifiedTime(
                store.resolve("log0"), FileTime.from(OLD.toInstant().plusNanos(1000)));
        assertThat(sight.look().looksLike(before)).isFalse();
    }

    @Test
    void storeOfAnUnknownEngineIsSeenWhenItIsNamed() throws Exception {
        Path store = Files.createDirectories(root.resolve("lmdb"));
        Files.writeString(store.resolve("data.mdb"), "x");
        DatabaseSight sight = new DatabaseSight(root, List.of("lmdb"), Clock.systemUTC());
        Appearance before = sight.look();

        append(store.resolve("data.mdb"), "y");

        assertThat(sight.look().looksLike(before)).isFalse();
        assertThatThrownBy(() -> sight().look()).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void whatARealEngineWritesIsSeenAndALookChangesNothing() throws Exception {
        run("--initial-bytes", "1MB", "--stop-after-batches", "20");
        DatabaseSight sight = new DatabaseSight(root.resolve("chains/demo"), List.of(), Clock.systemUTC());
        Map<String, String> files = files();
        Appearance before = sight.look();
        assertThat(before.looksLike(sight.look())).isTrue();
        assertThat(files()).isEqualTo(files);

        run("--stop-after-batches", "1");

        assertThat(sight.look().looksLike(before)).isFalse();
        assertThat(sight.directoriesWithCurrent())
                .containsExactlyInAnyOrder(
                        root.resolve("chains/demo/db/full"), root.resolve("chains/demo/db/full/parachains/db"));
    }

    @Test
    void hundredLooksAtAHundredThousandFilesCostLessThanOneListing() throws Exception {
        Path store = rocksDb("db/full", 0);
        for (int number = 100; number < 100_100; number++) {
            Files.createFile(store.resolve(number + ".sst"));
        }
        Files.setLastModifiedTime(store, OLD);
        DatabaseSight sight = sight();
        long begin = System.nanoTime();
        sight.look();
        Duration listing = Duration.ofNanos(System.nanoTime() - begin);
        begin = System.nanoTime();
        for (int look = 0; look < 100; look++) {
            sight.look();
        }
        Duration looks = Duration.ofNanos(System.nanoTime() - begin);

        System.out.printf(
                "DatabaseSightTest: 100,000 files: a listing takes %.1f ms, a look without one %.3f ms%n",
                listing.toNanos() / 1e6, looks.toNanos() / 1e8);
        assertThat(sight.listings()).isEqualTo(1);
    }

    @Test
    void appearanceIsReadAsItWasWrittenAndNothingElseIs() {
        Appearance appearance = new Appearance(Instant.parse("2026-11-22T08:33:00.123Z"), List.of("a b 1", "c"));

        assertThat(Appearance.of(appearance.toBytes())).contains(appearance);
        assertThat(Appearance.of(new byte[0])).isEmpty();
        assertThat(Appearance.of(
                        "caravan-appearance-1\nyesterday\na\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEmpty();
    }

    private DatabaseSight sight() {
        return new DatabaseSight(root, List.of(), Clock.systemUTC());
    }

    private Path rocksDb(String place, int tables) throws IOException {
        Path store = Files.createDirectories(root.resolve(place));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000004\n");
        Files.writeString(store.resolve("MANIFEST-000004"), "edits");
        Files.writeString(store.resolve("000009.log"), "batches");
        for (int number = 0; number < tables; number++) {
            Files.writeString(store.resolve("00010" + number + ".sst"), "table");
        }
        return store;
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }

    private void run(String... options) {
        String[] all = Stream.concat(
                        Stream.of("--base-path", root.toString(), "--profile", "demo", "--once"), Stream.of(options))
                .toArray(String[]::new);
        assertThat(SampleNode.run(all)).isZero();
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.toList()) {
                found.put(
                        file.toString(),
                        Files.readAttributes(file, "unix:ino,mode,nlink,size,lastModifiedTime,ctime")
                                .toString());
            }
        }
        return found;
    }
}
