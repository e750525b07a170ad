package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import caravan.app.command.PlanCommand;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.CutRule;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PlanTest {

    private static final int CHUNK = 20_000;

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree old = Trees.version(1, 3, CHUNK);
    private final Bucket.Tree tree = Trees.version(2, 3, CHUNK).directory("db/full/empty");
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        publish(old, 1);
        bucket.point(publish(tree, 2), 2);
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void ofANewDirectoryEverythingIsToBeMovedAndNothingIsWritten() throws Exception {
        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false);

        assertThat(planned.bytesToFetch()).isEqualTo(toMove(tree)).isLessThan(Trees.size(tree));
        assertThat(planned.filesNew()).isEqualTo(tree.files().size());
        assertThat(planned.bytesKept()).isZero();
        assertThat(planned.room().bytes()).isEqualTo(Trees.size(tree));
        // db, full, parachains, parachains/db, empty
        assertThat(planned.room().inodes()).isEqualTo(tree.files().size() + 5);
        assertThat(planned.room().bytesFree()).isPositive();
        assertThat(Trees.list(target.getParent())).isEmpty();
        assertThat(server.bytesSent("chunks/")).isZero();
        assertThat(plan(Duration.ZERO).anywhere(SnapshotLocation.parse(url())).bytesToFetch())
                .isEqualTo(planned.bytesToFetch());
        assertThat(client.fetch(url(), target).bytesFetched()).isEqualTo(planned.bytesToFetch());
    }

    @Test
    void byHashItSaysWhatFetchThenMoves() throws Exception {
        client.fetch(url() + "/" + snapshot(1), target);
        List<String> before = Trees.print(target);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, true);

        assertThat(Trees.print(target)).isEqualTo(before);
        FetchOutcome outcome = client.fetch(url(), target);
        assertThat(planned.bytesToFetch()).isEqualTo(outcome.bytesFetched());
        assertThat(planned.bytesKept()).isEqualTo(outcome.bytesKept());
        assertThat(planned.filesNew()).isEqualTo(3);
        assertThat(planned.filesChanged()).isEqualTo(3 + 2);
        assertThat(planned.filesAside()).isEqualTo(3);
        assertThat(planned.room().inodes()).isEqualTo(3 + 1);
        PlannedFetch again = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, true);
        assertThat(again.bytesToFetch()).isZero();
        assertThat(again.filesKept()).isEqualTo(tree.files().size());
    }

    @Test
    void theManifestThatAPlanGoesByStaysThoughARestoreEndsMeanwhileAndGoesAfterADay() throws Exception {
        Path manifests = directory.resolve("state/manifests");
        String planned = manifest(2);
        SnapshotLocation second = SnapshotLocation.parse(url() + "/" + snapshot(2));
        plan(Duration.ZERO).into(second, target, false);
        Files.writeString(manifests.resolve("of-a-killed-run.part"), "half");
        client.fetch(url() + "/" + snapshot(1), target.resolveSibling("one"));
        assertThat(Trees.list(manifests)).contains(planned, manifest(1), "of-a-killed-run.part");

        Trees.age(manifests);
        plan(Duration.ZERO).into(second, target, false);
        client.fetch(url() + "/" + snapshot(1), target.resolveSibling("two"));
        assertThat(Trees.list(manifests)).as("it was used today").contains(planned);

        Trees.age(manifests);
        client.fetch(url() + "/" + snapshot(1), target.resolveSibling("three"));
        assertThat(Trees.list(manifests)).containsExactly(manifest(1));
    }

    private String manifest(int number) throws Exception {
        return Digest.of(bucket.get("demo/" + snapshot(number) + "/manifest.jsonl"))
                        .hex() + ".jsonl";
    }

    @Test
    void whatThisClientRestoredIsKnownWithoutReadingIt() throws Exception {
        client.fetch(url() + "/" + snapshot(1), target);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false);

        FetchOutcome outcome = client.fetch(url(), target);
        assertThat(planned.bytesToFetch()).isEqualTo(outcome.bytesFetched());
        assertThat(planned.bytesKept()).isEqualTo(outcome.bytesKept());
        assertThat(planned.filesChanged()).isEqualTo(3 + 2);
        assertThat(plan(Duration.ZERO)
                        .into(SnapshotLocation.parse(url()), target, false)
                        .bytesToFetch())
                .isZero();
    }

    @Test
    void whatIsGoneOrDamagedIsToBeFetchedThoughItWasThereOnce() throws Exception {
        client.fetch(url(), target);
        Files.delete(target.resolve("db/full/2-1.sst"));
        Path damaged = target.resolve("db/full/2-2.sst");
        byte[] content = Files.readAllBytes(damaged);
        content[CHUNK + 1] ^= 1;
        Files.write(damaged, content);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, true);

        long seals = 2L * "MANIFEST-000002\n".length();
        assertThat(planned.bytesToFetch()).isEqualTo(100_000 + CHUNK + seals);
        assertThat(plan(Duration.ZERO)
                        .into(SnapshotLocation.parse(url()), target, false)
                        .bytesToFetch())
                .isGreaterThanOrEqualTo(100_000 + seals);
        FetchOutcome outcome = client.fetchEveryByte(url(), target);
        assertThat(planned.bytesToFetch()).isEqualTo(outcome.bytesFetched());
        assertThat(planned.bytesKept()).isEqualTo(outcome.bytesKept());
    }

    @Test
    void whatTheOldCopyHasUnderAnotherNameIsNotCountedAsFetched() throws Exception {
        Bucket.Tree renamed = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000009\n");
        old.files().forEach((path, content) -> {
            if (path.value().endsWith(".sst") && path.value().startsWith("db/full/1-")) {
                renamed.file(path.value().replace("/1-", "/9-"), content);
            }
        });
        client.fetch(url() + "/" + snapshot(1), target);
        bucket.point(bucket.publish(renamed, snapshot(3), false, store("db/full", Engine.ROCKSDB, CHUNK)), 3);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false);

        assertThat(planned.bytesToFetch()).isEqualTo("MANIFEST-000009\n".length());
        assertThat(client.fetch(url(), target).bytesFetched()).isEqualTo(planned.bytesToFetch());
    }

    @Test
    void whatARestoreThatWasEndedRecordedIsKnownWithoutReadingIt() throws Exception {
        String missing = BucketPaths.chunk(
                Digest.of(Arrays.copyOf(tree.files().get(new SnapshotPath("db/full/same-2.sst")), CHUNK)),
                StoredAs.PLAIN);
        server.always(missing, FaultServer.status(404));
        assertThatThrownBy(() -> new Client(directory.resolve("state"), key, 1).fetch(url(), target))
                .isInstanceOf(CaravanException.class);
        server.repair(missing);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false);

        assertThat(planned.bytesToFetch()).isPositive().isLessThan(toMove(tree));
        // what was written last and not recorded as being on the disk is recognised by the fetch, which reads it
        assertThat(client.fetch(url(), target).bytesFetched()).isPositive().isLessThanOrEqualTo(planned.bytesToFetch());
    }

    /** Each chunk once. */
    private static long toMove(Bucket.Tree tree) {
        CutRule rule = new CutRule(CHUNK);
        Map<Digest, Long> chunks = new HashMap<>();
        for (byte[] content : tree.files().values()) {
            for (int index = 0; index < rule.count(content.length); index++) {
                int from = (int) rule.offset(index);
                byte[] bytes = Arrays.copyOfRange(content, from, from + (int) rule.size(content.length, index));
                chunks.put(Digest.of(bytes), (long) bytes.length);
            }
        }
        return chunks.values().stream().mapToLong(size -> size).sum();
    }

    @Test
    void bySizeAFileOfTheRightSizeCountsAsTheRightOneWhereNothingIsRemembered() throws Exception {
        client.fetch(url() + "/" + snapshot(1), target);
        client = new Client(directory.resolve("another-state"), key);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false);

        long seals = 2L * "MANIFEST-000002\n".length();
        assertThat(planned.bytesToFetch()).isEqualTo(3 * 100_000 + seals);
        assertThat(planned.byHash()).isFalse();
    }

    @Test
    void countsWhatARestoreThatWasEndedHasLeft() throws Exception {
        Path stage = Files.createDirectories(target.resolveSibling("data.caravan-incomplete/db/full"));
        byte[] whole = tree.files().get(new SnapshotPath("db/full/2-0.sst"));
        Files.write(stage.resolve("2-0.sst"), whole);

        PlannedFetch planned = plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, true);

        assertThat(planned.bytesToFetch()).isEqualTo(toMove(tree) - whole.length);
        assertThat(planned.filesNew()).isEqualTo(tree.files().size() - 1);
    }

    @Test
    void measuresWhatTheSourcesDeliver() throws Exception {
        PlannedFetch planned = plan(Duration.ofSeconds(30)).anywhere(SnapshotLocation.parse(url()));

        // all of it is fetched once, long before the time is over
        assertThat(planned.probe().bytes()).isEqualTo(toMove(tree));
        assertThat(planned.probe().failure()).isEmpty();
        assertThat(planned.seconds()).isEqualTo(planned.probe().nanos() / 1e9, within(1e-6));
    }

    @Test
    void refusesWhatFetchWouldRefuse() throws Exception {
        Files.createDirectories(target);
        Files.writeString(target.resolve("diary.txt"), "mine");

        assertThatThrownBy(() -> plan(Duration.ZERO).into(SnapshotLocation.parse(url()), target, false))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("holds no database of this snapshot");
    }

    @Test
    void theCommandSaysItToPeopleAndToMachines() throws Exception {
        Instant now = Instant.now();
        bucket = new Bucket(directory.resolve("bucket"), key, now);
        bucket.point(publish(tree, 2), 2, now.plus(Duration.ofDays(1)));

        String people = run(url(), target.toString(), "--probe", "1");
        String machines = run(url(), "--probe", "0", "--json");

        assertThat(people)
                .contains("to fetch  ")
                .contains("files     11 new, 0 changed, 0 kept")
                .containsPattern("room      .* free")
                .containsPattern("time      about \\d+ s at .*/s, which is what came in ");
        assertThat(machines.lines().reduce((first, second) -> second).orElseThrow())
                .startsWith("{\"event\":\"planned\"")
                .contains("\"bytesToFetch\":" + toMove(tree))
                .contains("\"bytesPerSecond\":0");
    }

    private String run(String... arguments) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            int status = new CommandLine(new PlanCommand(setting -> "")).execute(withOptions(arguments));
            assertThat(status).isZero();
        } finally {
            System.setOut(before);
        }
        return written.toString(StandardCharsets.UTF_8);
    }

    private String[] withOptions(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--key",
                key.fingerprint(),
                "--state",
                directory.resolve("state").toString()));
        return all.toArray(String[]::new);
    }

    private Plan plan(Duration probing) {
        return new Plan(
                client.settings(), Clock.fixed(Client.NOW, ZoneOffset.UTC), new Progress(), probing, found -> {});
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
