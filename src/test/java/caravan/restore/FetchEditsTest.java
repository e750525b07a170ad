package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.CaravanException;
import caravan.restore.journal.RestoreJournal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Edits what a restore that was ended has left, its journal too, at random, and goes on with the same snapshot or another:
 * the tree is exact in the end. Times are put back where no earlier restore remembers files by them (ADR 15).
 */
class FetchEditsTest {

    private static final int CHUNK = 1000;
    private static final int ROUNDS = "long".equals(System.getProperty("caravan.test.form")) ? 1_000 : 4;
    private static final int EDITS = 10;
    private static final byte[] LAST = Trees.bytes(900, 4711);

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(CHUNK));

    private final FaultServer server = demo.server();
    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Bucket.Tree> versions = List.of(
            Trees.version(1, 6, CHUNK).file("db/full/zz.sst", LAST),
            Trees.version(2, 6, CHUNK).file("db/full/zz.sst", LAST));
    private int fetches;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchEditsTest: -Dcaravan.test.seed=" + seed + ", " + ROUNDS + " rounds");
        for (int version = 1; version <= 2; version++) {
            demo.publishLatest(versions.get(version - 1), version);
        }
    }

    @Test
    void whateverWasDoneToAnEndedRestoreTheNextOneEndsExact() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Path target =
                    Files.createDirectory(demo.disk().resolve("of-" + round)).resolve("data");
            boolean inPlace = random.nextBoolean();
            if (inPlace) {
                fetch(random.nextInt(2), target);
            }
            Path left = inPlace ? target : target.resolveSibling("data.caravan-incomplete");
            endWhenRecorded(random.nextInt(2), target, left.resolve(RestoreJournal.PLACE));
            for (int edit = 0; edit < EDITS; edit++) {
                edit(left, !inPlace);
            }

            int wanted = random.nextInt(2);
            fetch(wanted, target);

            Trees.assertExact(target, versions.get(wanted));
        }
    }

    /** Ends a restore of all but the last file once its journal says that something is on the disk. */
    private void endWhenRecorded(int version, Path target, Path journal) {
        String last = Bucket.chunk(LAST);
        server.always(last, (exchange, content) -> {
            long end = System.nanoTime() + 5_000_000_000L; // in place it may be there, and nothing is left to record
            while (System.nanoTime() < end && !saysDurable(journal)) {
                Thread.onSpinWait();
            }
            exchange.sendResponseHeaders(503, -1);
        });
        try {
            fetch(version, target);
        } catch (CaravanException | InterruptedException e) {
            assertThat(e).hasMessageContaining(last);
        }
        server.repair(last);
    }

    /** At another time than any before it: directories that hold what was in the way are called after it. */
    private void fetch(int version, Path target) throws CaravanException, InterruptedException {
        fetches++;
        demo.client()
                .fetch(
                        demo.url(version + 1),
                        target,
                        Expectations.NONE,
                        demo.client().settings(),
                        Client.NOW.plusMillis(fetches));
    }

    private static boolean saysDurable(Path journal) throws IOException {
        return Files.exists(journal) && Files.readAllLines(journal).stream().anyMatch(line -> line.contains(" D "));
    }

    private void edit(Path root, boolean hides) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : Trees.names(root)) {
            if (Files.isRegularFile(root.resolve(name)) && !name.endsWith("/restore")) {
                files.add(root.resolve(name));
            }
        }
        Path one = files.get(random.nextInt(files.size()));
        Path other = files.get(random.nextInt(files.size()));
        FileTime time = Files.getLastModifiedTime(one);
        switch (random.nextInt(7)) {
            case 0 -> write(one, 1);
            case 1 -> write(one, 1 + random.nextInt(2 * CHUNK));
            case 2 -> resize(one);
            case 3 -> Files.delete(one);
            case 4 -> Files.copy(other, one, StandardCopyOption.REPLACE_EXISTING);
            case 5 -> Files.move(other, one, StandardCopyOption.REPLACE_EXISTING);
            default -> {
                Files.delete(one);
                Files.createLink(one, Files.write(root.resolveSibling("linked-" + random.nextLong()), new byte[77]));
            }
        }
        if (hides && Files.exists(one) && random.nextBoolean()) {
            Files.setLastModifiedTime(one, time);
        }
    }

    private void write(Path file, int length) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] junk = new byte[length];
            random.nextBytes(junk);
            bytes.seek(random.nextInt((int) bytes.length() + 1));
            bytes.write(junk);
        }
    }

    private void resize(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(random.nextInt(2 * (int) bytes.length() + 1));
        }
    }
}
