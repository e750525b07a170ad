package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.CaravanException;
import caravan.restore.journal.RestoreJournal;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Edits what a restore that was ended has left, its journal too, at random, and goes on with the same snapshot or another:
 * the tree is exact in the end. Times are put back where no earlier restore remembers files by them (ADR 15).
 */
class FetchEditsTest {

    private static final int CHUNK = 1000;
    private static final int ROUNDS = "long".equals(System.getProperty("caravan.test.form")) ? 1_000 : 4;
    private static final int EDITS = 10;
    private static final byte[] LAST = Trees.bytes(900, 4711);

    @TempDir
    Path directory;

    private final long seed = Long.getLong("caravan.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final SigningKey key = SigningKey.generate();
    private final List<Bucket.Tree> versions = List.of(
            Trees.version(1, 6, CHUNK).file("db/full/zz.sst", LAST),
            Trees.version(2, 6, CHUNK).file("db/full/zz.sst", LAST));
    private FaultServer server;
    private Client client;
    private int fetches;

    @BeforeEach
    void start() throws Exception {
        System.out.println("FetchEditsTest: -Dcaravan.test.seed=" + seed + ", " + ROUNDS + " rounds");
        Bucket bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        for (int version = 1; version <= 2; version++) {
            publish(bucket, version);
        }
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void whateverWasDoneToAnEndedRestoreTheNextOneEndsExact() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Path target =
                    Files.createDirectory(directory.resolve("disk-" + round)).resolve("data");
            boolean inPlace = random.nextBoolean();
            if (inPlace) {
                fetch(url(random.nextInt(2)), target);
            }
            Path left = inPlace ? target : target.resolveSibling("data.caravan-incomplete");
            endWhenRecorded(url(random.nextInt(2)), target, left.resolve(RestoreJournal.PLACE));
            for (int edit = 0; edit < EDITS; edit++) {
                edit(left, !inPlace);
            }

            int wanted = random.nextInt(2);
            fetch(url(wanted), target);

            Trees.assertExact(target, versions.get(wanted));
        }
    }

    /** Ends a restore of all but the last file once its journal says that something is on the disk. */
    private void endWhenRecorded(String url, Path target, Path journal) {
        String last = BucketPaths.chunk(Digest.of(LAST), StoredAs.PLAIN);
        server.always(last, (exchange, content) -> {
            long end = System.nanoTime() + 5_000_000_000L; // in place it may be there, and nothing is left to record
            while (System.nanoTime() < end && !saysDurable(journal)) {
                Thread.onSpinWait();
            }
            exchange.sendResponseHeaders(503, -1);
        });
        try {
            fetch(url, target);
        } catch (CaravanException | InterruptedException e) {
            assertThat(e).hasMessageContaining(last);
        }
        server.repair(last);
    }

    /** At another time than any before it: directories that hold what was in the way are called after it. */
    private void fetch(String url, Path target) throws CaravanException, InterruptedException {
        fetches++;
        client.fetch(url, target, Expectations.NONE, client.settings(), Client.NOW.plusMillis(fetches));
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

    private String url(int version) {
        return server.base() + "/demo/" + snapshot(version + 1);
    }

    private void publish(Bucket bucket, int version) throws Exception {
        SnapshotRecord record = bucket.publish(
                versions.get(version - 1),
                snapshot(version),
                false,
                store("db/full", Engine.ROCKSDB, CHUNK),
                store("db/full/parachains/db", Engine.ROCKSDB, CHUNK));
        bucket.point(record, version);
    }
}
