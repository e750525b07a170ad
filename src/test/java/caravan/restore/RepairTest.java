package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.restore.target.Ownership;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairTest {

    private static final int CHUNK = 20_000;

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree tree = Trees.version(1, 4, CHUNK);
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void restore() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        bucket.point(publish(tree, 1), 1);
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
        client.fetch(url(), target);
        server.forgetRequests();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void touchesNothingWhereNothingIsDamaged() throws Exception {
        List<String> before = Trees.print(target);

        RepairOutcome outcome = repair(url());

        assertThat(outcome.changed()).isFalse();
        assertThat(outcome.faultCount()).isZero();
        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(Trees.list(target.getParent())).containsExactly("data");
        assertThat(server.bytesSent("chunks/")).isZero();
    }

    @Test
    void fetchesTheDamagedChunksAndTheSealsAloneAndSaysWhatItFound() throws Exception {
        flip("db/full/same-1.sst", 2 * CHUNK + 1);
        flip("db/full/parachains/db/changed-2.sst", 0);
        Files.delete(target.resolve("db/full/same-3.sst"));
        Files.writeString(target.resolve("db/full/000099.log"), "would be replayed");

        RepairOutcome outcome = repair(url());

        Trees.assertExact(target, tree);
        assertThat(outcome.faultCount()).isEqualTo(4);
        assertThat(outcome.faults())
                .anyMatch(fault -> fault.contains("same-1.sst differs from the snapshot in bytes 40000 to 59999"))
                .anyMatch(fault -> fault.contains("changed-2.sst differs from the snapshot in bytes 0 to 19999"))
                .anyMatch(fault -> fault.contains("same-3.sst is missing"))
                .anyMatch(fault -> fault.contains("000099.log is not in the snapshot"));
        assertThat(outcome.replaced()).hasSize(1);
        assertThat(outcome.replaced().get(0).resolve("db/full/000099.log")).hasContent("would be replayed");
        long seals = 2L * "MANIFEST-000001\n".length();
        // all but one of the chunks stand elsewhere in the snapshot, too, and are copied from there
        assertThat(outcome.bytesFetched()).isEqualTo(CHUNK + seals);
        assertThat(repair(url()).changed()).isFalse();
    }

    @Test
    void mendsTheSnapshotThatIsThereHoweverNewTheLatestIs() throws Exception {
        bucket.point(publish(Trees.version(2, 4, CHUNK), 2), 2);
        flip("db/full/1-0.sst", 77);

        RepairOutcome outcome = repair(url());

        assertThat(outcome.record().snapshot()).isEqualTo(snapshot(1));
        Trees.assertExact(target, tree);
    }

    @Test
    void mendsASealThatIsGone() throws Exception {
        Files.delete(target.resolve("db/full/CURRENT"));
        Files.delete(target.resolve("db/full/parachains/db/CURRENT"));

        repair(url());

        Trees.assertExact(target, tree);
    }

    @Test
    void noEngineOpensItUntilAllIsMendedAndItGoesOnWhereItWas() throws Exception {
        byte[] damaged = tree.files().get(new SnapshotPath("db/full/1-2.sst"));
        flip("db/full/1-2.sst", 5);
        String chunk = BucketPaths.chunk(Digest.of(Arrays.copyOf(damaged, CHUNK)), StoredAs.PLAIN);
        server.always(chunk, FaultServer.flippedBit(3));

        assertThatThrownBy(() -> repair(url()))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("does not match its name");

        assertThat(target.resolve("db/full/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/parachains/db/CURRENT")).hasContent("caravan: restore incomplete\n");
        server.repair(chunk);
        repair(url());
        Trees.assertExact(target, tree);
    }

    @Test
    void refusesADirectoryThatANodeUses() throws Exception {
        flip("db/full/same-0.sst", 1);
        Path lock = Files.createFile(target.resolve("db/full/LOCK"));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            List<String> before = Trees.print(target);

            assertThatThrownBy(() -> repair(url()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("target in use");

            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    @Test
    void refusesADirectoryWhoseRestoreFromAnotherSnapshotHasNotEnded() throws Exception {
        Files.createDirectories(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/restore"), "caravan-restore-1 demo other 00\n");

        assertThatThrownBy(() -> repair(url()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has not ended");
    }

    @Test
    void needsTheNameOfTheSnapshotWhereARestoreOfAnotherWasBegunAndDidNotEnd() throws Exception {
        flip("db/full/same-0.sst", 1);
        byte[] only = Trees.bytes(5000, 77);
        bucket.point(publish(Trees.version(2, 4, CHUNK).file("db/full/only.sst", only), 2), 2);
        server.always(BucketPaths.chunk(Digest.of(only), StoredAs.PLAIN), FaultServer.status(404));
        assertThatThrownBy(() -> client.fetch(url(), target)).isInstanceOf(CaravanException.class);
        Files.delete(target.resolve(".caravan/restore")); // as if it had ended, and died before that was remembered

        assertThatThrownBy(() -> repair(url()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("not known which snapshot it should be");
        for (String moved : Trees.list(target.getParent())) {
            if (!moved.equals("data")) {
                TreeRemoval.of(target.resolveSibling(moved)); // its name has a time, and the clock stands still
            }
        }
        repair(url() + "/" + snapshot(1));

        Trees.assertExact(target, tree);
        assertThat(repair(url()).changed()).isFalse();
    }

    @Test
    void needsNoNameAfterAFetchThatWasRefusedAndChangedNothing() throws Exception {
        flip("db/full/same-0.sst", 1);
        bucket.point(publish(Trees.version(2, 4, CHUNK), 2), 2);
        Path lock = Files.createFile(target.resolve("db/full/LOCK"));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThatThrownBy(() -> client.fetch(url(), target))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("target in use");
        }
        Files.delete(lock);

        assertThat(repair(url()).record().snapshot()).isEqualTo(snapshot(1));

        Trees.assertExact(target, tree);
    }

    @Test
    void itsManifestStaysThoughAnotherRestoreEndsMeanwhile() throws Exception {
        bucket.publish(
                new Bucket.Tree().file("db/full/CURRENT", "x"),
                snapshot(3),
                false,
                store("db/full", Engine.ROCKSDB, CHUNK));
        client = new Client(directory.resolve("another-state"), key);
        String manifest =
                Digest.of(bucket.get("demo/" + snapshot(1) + "/manifest.jsonl")).hex() + ".jsonl";
        List<String> kept = new CopyOnWriteArrayList<>();
        flip("db/full/1-0.sst", 1);
        byte[] chunk = Arrays.copyOf(Trees.bytes(100_000, 100), CHUNK);
        server.next(BucketPaths.chunk(Digest.of(chunk), StoredAs.PLAIN), (exchange, content) -> {
            Trees.age(directory.resolve("another-state/manifests"));
            fetchBeside(snapshot(3).toString());
            kept.addAll(Trees.list(directory.resolve("another-state/manifests")));
            exchange.sendResponseHeaders(503, -1);
        });

        repair(url() + "/" + snapshot(1));

        Trees.assertExact(target, tree);
        assertThat(kept).contains(manifest);
    }

    private void fetchBeside(String snapshot) {
        try {
            new Client(directory.resolve("another-state"), key)
                    .fetch(url() + "/" + snapshot, directory.resolve("disk/other"));
        } catch (CaravanException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void needsTheNameOfTheSnapshotWhereItDidNotRestore() throws Exception {
        flip("db/full/same-0.sst", 1);
        client = new Client(directory.resolve("another-state"), key);

        assertThatThrownBy(() -> repair(url()))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("not known which snapshot it should be");
        repair(url() + "/" + snapshot(1));

        Trees.assertExact(target, tree);
    }

    @Test
    void doesNotRepairWhatIsNotThere() {
        assertThatThrownBy(() -> new Repair(client.settings(), clock(), new Progress(), found -> {})
                        .run(SnapshotLocation.parse(url()), directory.resolve("nowhere"), Ownership.AS_IT_IS))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is not a directory");
    }

    private RepairOutcome repair(String url) throws Exception {
        return new Repair(client.settings(), clock(), new Progress(), found -> {})
                .run(SnapshotLocation.parse(url), target, Ownership.AS_IT_IS);
    }

    private static Clock clock() {
        return Clock.fixed(Client.NOW, ZoneOffset.UTC);
    }

    private void flip(String path, int at) throws IOException {
        Path file = target.resolve(path);
        byte[] content = Files.readAllBytes(file);
        content[at] ^= 1;
        Files.write(file, content);
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree what, int number) throws Exception {
        return bucket.publish(
                what,
                snapshot(number),
                false,
                store("db/full", Engine.ROCKSDB, CHUNK),
                store("db/full/parachains/db", Engine.ROCKSDB, CHUNK));
    }
}
