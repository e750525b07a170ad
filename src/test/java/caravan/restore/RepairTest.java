package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.restore.target.Ownership;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepairTest {

    private static final int CHUNK = 20_000;

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree = Trees.version(1, 4, CHUNK);

    @BeforeEach
    void restore() throws Exception {
        demo.publishLatest(tree, 1);
        demo.fetch();
        server.forgetRequests();
    }

    @Test
    void touchesNothingWhereNothingIsDamaged() throws Exception {
        List<String> before = Trees.print(target);

        RepairOutcome outcome = repair();

        assertThat(outcome.changed()).isFalse();
        assertThat(outcome.faultCount()).isZero();
        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(Trees.list(demo.disk())).containsExactly("data");
        assertThat(server.bytesSent("chunks/")).isZero();
    }

    @Test
    void fetchesTheDamagedChunksAndTheSealsAloneAndSaysWhatItFound() throws Exception {
        flip("db/full/same-1.sst", 2 * CHUNK + 1);
        flip("db/full/parachains/db/changed-2.sst", 0);
        Files.delete(target.resolve("db/full/same-3.sst"));
        Files.writeString(target.resolve("db/full/000099.log"), "would be replayed");

        RepairOutcome outcome = repair();

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
        assertThat(repair().changed()).isFalse();
    }

    @Test
    void mendsTheSnapshotThatIsThereHoweverNewTheLatestIs() throws Exception {
        demo.publishLatest(Trees.version(2, 4, CHUNK), 2);
        flip("db/full/1-0.sst", 77);

        RepairOutcome outcome = repair();

        assertThat(outcome.record().snapshot()).isEqualTo(snapshot(1));
        Trees.assertExact(target, tree);
    }

    @Test
    void mendsASealThatIsGone() throws Exception {
        Files.delete(target.resolve("db/full/CURRENT"));
        Files.delete(target.resolve("db/full/parachains/db/CURRENT"));

        repair();

        Trees.assertExact(target, tree);
    }

    @Test
    void noEngineOpensItUntilAllIsMendedAndItGoesOnWhereItWas() throws Exception {
        byte[] damaged = tree.files().get(new SnapshotPath("db/full/1-2.sst"));
        flip("db/full/1-2.sst", 5);
        String chunk = Bucket.chunk(Arrays.copyOf(damaged, CHUNK));
        server.always(chunk, FaultServer.flippedBit(3));

        assertThatThrownBy(this::repair)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("does not match its name");

        assertThat(target.resolve("db/full/CURRENT")).hasContent("caravan: restore incomplete\n");
        assertThat(target.resolve("db/full/parachains/db/CURRENT")).hasContent("caravan: restore incomplete\n");
        server.repair(chunk);
        repair();
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

            assertThatThrownBy(this::repair)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("target in use");

            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    @Test
    void refusesADirectoryWhoseRestoreFromAnotherSnapshotHasNotEnded() throws Exception {
        Files.createDirectories(target.resolve(".caravan"));
        Files.writeString(target.resolve(".caravan/restore"), "caravan-restore-1 demo other 00\n");

        assertThatThrownBy(this::repair).isInstanceOf(RefusedException.class).hasMessageContaining("has not ended");
    }

    @Test
    void needsTheNameOfTheSnapshotWhereARestoreOfAnotherWasBegunAndDidNotEnd() throws Exception {
        flip("db/full/same-0.sst", 1);
        byte[] only = Trees.bytes(5000, 77);
        demo.publishLatest(Trees.version(2, 4, CHUNK).file("db/full/only.sst", only), 2);
        server.always(Bucket.chunk(only), FaultServer.status(404));
        assertThatThrownBy(demo::fetch).isInstanceOf(CaravanException.class);
        Files.delete(target.resolve(".caravan/restore")); // as if it had ended, and died before that was remembered

        assertThatThrownBy(this::repair)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("not known which snapshot it should be");
        for (String moved : Trees.list(demo.disk())) {
            if (!moved.equals("data")) {
                TreeRemoval.of(target.resolveSibling(moved)); // its name has a time, and the clock stands still
            }
        }
        repair(1);

        Trees.assertExact(target, tree);
        assertThat(repair().changed()).isFalse();
    }

    @Test
    void needsNoNameAfterAFetchThatWasRefusedAndChangedNothing() throws Exception {
        flip("db/full/same-0.sst", 1);
        demo.publishLatest(Trees.version(2, 4, CHUNK), 2);
        Path lock = Files.createFile(target.resolve("db/full/LOCK"));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("target in use");
        }
        Files.delete(lock);

        assertThat(repair().record().snapshot()).isEqualTo(snapshot(1));

        Trees.assertExact(target, tree);
    }

    @Test
    void itsManifestStaysThoughAnotherRestoreEndsMeanwhile() throws Exception {
        Path state = demo.directory().resolve("another-state");
        bucket.publish(new Bucket.Tree().file("db/full/CURRENT", "x"), snapshot(3), false, Bucket.oneStore(CHUNK));
        demo.restoreBy(new Client(state, demo.key()));
        String manifest =
                Digest.of(bucket.get("demo/" + snapshot(1) + "/manifest.jsonl")).hex() + ".jsonl";
        List<String> kept = new CopyOnWriteArrayList<>();
        flip("db/full/1-0.sst", 1);
        byte[] chunk = Arrays.copyOf(Trees.bytes(100_000, 100), CHUNK);
        server.next(Bucket.chunk(chunk), (exchange, content) -> {
            Trees.age(state.resolve("manifests"));
            fetchBeside(state);
            kept.addAll(Trees.list(state.resolve("manifests")));
            exchange.sendResponseHeaders(503, -1);
        });

        repair(1);

        Trees.assertExact(target, tree);
        assertThat(kept).contains(manifest);
    }

    private void fetchBeside(Path state) {
        try {
            new Client(state, demo.key()).fetch(demo.url(3), demo.disk().resolve("other"));
        } catch (CaravanException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void needsTheNameOfTheSnapshotWhereItDidNotRestore() throws Exception {
        flip("db/full/same-0.sst", 1);
        demo.restoreBy(new Client(demo.directory().resolve("another-state"), demo.key()));

        assertThatThrownBy(this::repair)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("not known which snapshot it should be");
        repair(1);

        Trees.assertExact(target, tree);
    }

    @Test
    void doesNotRepairWhatIsNotThere() {
        assertThatThrownBy(() -> new Repair(demo.client().settings(), demo.clock(), new Progress(), found -> {})
                        .run(demo.location(), demo.directory().resolve("nowhere"), Ownership.AS_IT_IS))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is not a directory");
    }

    /** To what the url alone says. */
    private RepairOutcome repair() throws Exception {
        return repair(demo.location());
    }

    private RepairOutcome repair(int number) throws Exception {
        return repair(SnapshotLocation.parse(demo.url(number)));
    }

    private RepairOutcome repair(SnapshotLocation location) throws Exception {
        return new Repair(demo.client().settings(), demo.clock(), new Progress(), found -> {})
                .run(location, target, Ownership.AS_IT_IS);
    }

    private void flip(String path, int at) throws IOException {
        Path file = target.resolve(path);
        byte[] content = Files.readAllBytes(file);
        content[at] ^= 1;
        Files.write(file, content);
    }
}
