package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.rocksdb.EngineFile.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.DBOptions;

/**
 * A database on which things are done at random, crashes among them, is never found damaged; and with any one of its logs
 * lost or cut it is never found whole, if the engine then has a batch in one column and not in another. A failure is
 * repeated by its seed.
 */
class RandomDatabaseTest {

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));

    private static final int STEPS = LONG ? 200 : 25;

    @TempDir
    Path base;

    private final List<String> done = new ArrayList<>();

    private Random random;
    private Path node;
    private SmallDatabase database;
    private Consumer<DBOptions> settings;
    private boolean hasAnother;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void databaseIsFoundWholeIfItIsAndNotIfALogIsMissing(long seed) throws Exception {
        random = new Random(seed);
        settings = seed % 2 == 0 ? options -> options.setAvoidFlushDuringRecovery(true) : options -> {};
        node = base.resolve("node");
        database = SmallDatabase.open(node, settings);
        for (int step = 0; step < STEPS; step++) {
            doOne();
            assertThat(StructureCheck.verify(node))
                    .as("seed %d after %s", seed, done)
                    .isInstanceOfAny(Verdict.Sound.class, Verdict.RequiredLogAbsent.class);
            if (step % 4 == 3) {
                damageEachLog(seed);
            }
        }
        database.close();
    }

    private void doOne() throws Exception {
        int chosen = random.nextInt(13);
        done.add(Integer.toString(chosen));
        switch (chosen) {
            case 0, 1, 2, 3 -> database.write(1 + random.nextInt(15));
            case 4, 5, 6 -> database.flush(random.nextInt(SmallDatabase.COLUMNS));
            case 7 -> database.flush();
            case 8 -> database.compact(random.nextInt(SmallDatabase.COLUMNS));
            case 9 -> {
                // It opens all columns that it has from the beginning, and no others.
                dropAnother();
                database.close();
                database = SmallDatabase.open(node, settings);
            }
            case 10 -> {
                dropAnother();
                crash();
            }
            case 11 -> {
                if (!hasAnother) {
                    database.createColumn("another" + done.size());
                    hasAnother = true;
                }
            }
            default -> dropAnother();
        }
    }

    private void dropAnother() throws Exception {
        if (hasAnother) {
            database.dropLastColumn();
            hasAnother = false;
        }
    }

    /** Half of the time it loses the end of its newest log, as when the power fails. */
    private void crash() throws Exception {
        Path after = base.resolve("node-" + done.size());
        copyTo(after);
        List<Path> logs = logsIn(after);
        if (random.nextBoolean() && !logs.isEmpty()) {
            byte[] newest = Files.readAllBytes(logs.get(logs.size() - 1));
            Files.write(
                    logs.get(logs.size() - 1), Arrays.copyOf(newest, Math.max(0, newest.length - random.nextInt(200))));
        }
        database.close();
        node = after;
        database = SmallDatabase.open(node, settings);
    }

    private void damageEachLog(long seed) throws Exception {
        if (hasAnother) {
            return;
        }
        int count = logsIn(node).size();
        for (int at = 0; at < 2 * count; at++) {
            Path damaged = base.resolve("damaged-" + done.size() + "-" + at);
            copyTo(damaged);
            Path log = logsIn(damaged).get(at / 2);
            byte[] records = Files.readAllBytes(log);
            if (at % 2 == 0) {
                Files.delete(log);
            } else if (records.length > 0) {
                Files.write(log, Arrays.copyOf(records, random.nextInt(records.length)));
            }
            Verdict verdict = StructureCheck.verify(damaged);
            if (verdict instanceof Verdict.Sound) {
                assertThat(SmallDatabase.isWhole(damaged))
                        .as("seed %d after %s, log %s lost or cut", seed, done, log.getFileName())
                        .isTrue();
            }
        }
    }

    private void copyTo(Path target) throws IOException {
        Files.createDirectory(target);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(node)) {
            for (Path file : files) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    private static List<Path> logsIn(Path directory) throws IOException {
        List<Path> logs = new ArrayList<>();
        for (EngineFile file : SourceListing.of(directory)) {
            if (file.kind() == Kind.WAL) {
                logs.add(directory.resolve(file.name()));
            }
        }
        logs.sort(Comparator.naturalOrder());
        return logs;
    }
}
