package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlanTest {

    private static final int CHUNK = 20_000;

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree old = Trees.version(1, 3, CHUNK);
    private final Bucket.Tree tree = Trees.version(2, 3, CHUNK).directory("db/full/empty");

    @BeforeEach
    void publish() throws Exception {
        demo.publish(old, 1);
        demo.publishLatest(tree, 2);
    }

    @Test
    void ofANewDirectoryEverythingIsToBeMovedAndNothingIsWritten() throws Exception {
        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, false);

        assertThat(planned.bytesToFetch())
                .isEqualTo(Trees.distinctBytes(tree, CHUNK))
                .isLessThan(Trees.size(tree));
        assertThat(planned.filesNew()).isEqualTo(tree.files().size());
        assertThat(planned.bytesKept()).isZero();
        assertThat(planned.room().bytes()).isEqualTo(Trees.size(tree));
        // db, full, parachains, parachains/db, empty
        assertThat(planned.room().inodes()).isEqualTo(tree.files().size() + 5);
        assertThat(planned.room().bytesFree()).isPositive();
        assertThat(Trees.list(demo.disk())).isEmpty();
        assertThat(server.bytesSent("chunks/")).isZero();
        assertThat(plan(Duration.ZERO).anywhere(demo.location()).bytesToFetch()).isEqualTo(planned.bytesToFetch());
        assertThat(demo.fetch().bytesFetched()).isEqualTo(planned.bytesToFetch());
    }

    @Test
    void byHashItSaysWhatFetchThenMoves() throws Exception {
        demo.fetch(1);
        List<String> before = Trees.print(target);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, true);

        assertThat(Trees.print(target)).isEqualTo(before);
        FetchOutcome outcome = demo.fetch();
        assertThat(planned.bytesToFetch()).isEqualTo(outcome.bytesFetched());
        assertThat(planned.bytesKept()).isEqualTo(outcome.bytesKept());
        assertThat(planned.filesNew()).isEqualTo(3);
        assertThat(planned.filesChanged()).isEqualTo(3 + 2);
        assertThat(planned.filesAside()).isEqualTo(3);
        assertThat(planned.room().inodes()).isEqualTo(3 + 1);
        PlannedFetch again = plan(Duration.ZERO).into(demo.location(), target, true);
        assertThat(again.bytesToFetch()).isZero();
        assertThat(again.filesKept()).isEqualTo(tree.files().size());
    }

    @Test
    void theManifestThatAPlanGoesByStaysThoughARestoreEndsMeanwhileAndGoesAfterADay() throws Exception {
        Path manifests = demo.state().resolve("manifests");
        String planned = manifest(2);
        SnapshotLocation second = SnapshotLocation.parse(demo.url(2));
        plan(Duration.ZERO).into(second, target, false);
        Files.writeString(manifests.resolve("of-a-killed-run.part"), "half");
        demo.fetchInto(target.resolveSibling("one"), 1);
        assertThat(Trees.list(manifests)).contains(planned, manifest(1), "of-a-killed-run.part");

        Trees.age(manifests);
        plan(Duration.ZERO).into(second, target, false);
        demo.fetchInto(target.resolveSibling("two"), 1);
        assertThat(Trees.list(manifests)).as("it was used today").contains(planned);

        Trees.age(manifests);
        demo.fetchInto(target.resolveSibling("three"), 1);
        assertThat(Trees.list(manifests)).containsExactly(manifest(1));
    }

    private String manifest(int number) throws Exception {
        return Digest.of(bucket.get("demo/" + snapshot(number) + "/manifest.jsonl"))
                        .hex() + ".jsonl";
    }

    @Test
    void whatThisClientRestoredIsKnownWithoutReadingIt() throws Exception {
        demo.fetch(1);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, false);

        FetchOutcome outcome = demo.fetch();
        assertThat(planned.bytesToFetch()).isEqualTo(outcome.bytesFetched());
        assertThat(planned.bytesKept()).isEqualTo(outcome.bytesKept());
        assertThat(planned.filesChanged()).isEqualTo(3 + 2);
        assertThat(plan(Duration.ZERO).into(demo.location(), target, false).bytesToFetch())
                .isZero();
    }

    @Test
    void whatIsGoneOrDamagedIsToBeFetchedThoughItWasThereOnce() throws Exception {
        demo.fetch();
        Files.delete(target.resolve("db/full/2-1.sst"));
        Path damaged = target.resolve("db/full/2-2.sst");
        byte[] content = Files.readAllBytes(damaged);
        content[CHUNK + 1] ^= 1;
        Files.write(damaged, content);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, true);

        long seals = 2L * "MANIFEST-000002\n".length();
        assertThat(planned.bytesToFetch()).isEqualTo(100_000 + CHUNK + seals);
        assertThat(plan(Duration.ZERO).into(demo.location(), target, false).bytesToFetch())
                .isGreaterThanOrEqualTo(100_000 + seals);
        FetchOutcome outcome = demo.client().fetchEveryByte(demo.url(), target);
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
        demo.fetch(1);
        bucket.point(bucket.publish(renamed, snapshot(3), false, Bucket.oneStore(CHUNK)), 3);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, false);

        assertThat(planned.bytesToFetch()).isEqualTo("MANIFEST-000009\n".length());
        assertThat(demo.fetch().bytesFetched()).isEqualTo(planned.bytesToFetch());
    }

    @Test
    void whatARestoreThatWasEndedRecordedIsKnownWithoutReadingIt() throws Exception {
        String missing = Bucket.chunk(Arrays.copyOf(tree.files().get(new SnapshotPath("db/full/same-2.sst")), CHUNK));
        server.always(missing, FaultServer.status(404));
        assertThatThrownBy(() -> new Client(demo.state(), demo.key(), 1).fetch(demo.url(), target))
                .isInstanceOf(CaravanException.class);
        server.repair(missing);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, false);

        assertThat(planned.bytesToFetch()).isPositive().isLessThan(Trees.distinctBytes(tree, CHUNK));
        // what was written last and not recorded as being on the disk is recognised by the fetch, which reads it
        assertThat(demo.fetch().bytesFetched()).isPositive().isLessThanOrEqualTo(planned.bytesToFetch());
    }

    @Test
    void bySizeAFileOfTheRightSizeCountsAsTheRightOneWhereNothingIsRemembered() throws Exception {
        demo.fetch(1);
        demo.restoreBy(new Client(demo.directory().resolve("another-state"), demo.key()));

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, false);

        long seals = 2L * "MANIFEST-000002\n".length();
        assertThat(planned.bytesToFetch()).isEqualTo(3 * 100_000 + seals);
        assertThat(planned.byHash()).isFalse();
    }

    @Test
    void countsWhatARestoreThatWasEndedHasLeft() throws Exception {
        Path stage = Files.createDirectories(target.resolveSibling("data.caravan-incomplete/db/full"));
        byte[] whole = tree.files().get(new SnapshotPath("db/full/2-0.sst"));
        Files.write(stage.resolve("2-0.sst"), whole);

        PlannedFetch planned = plan(Duration.ZERO).into(demo.location(), target, true);

        assertThat(planned.bytesToFetch()).isEqualTo(Trees.distinctBytes(tree, CHUNK) - whole.length);
        assertThat(planned.filesNew()).isEqualTo(tree.files().size() - 1);
    }

    @Test
    void measuresWhatTheSourcesDeliver() throws Exception {
        PlannedFetch planned = plan(Duration.ofSeconds(30)).anywhere(demo.location());

        // all of it is fetched once, long before the time is over
        assertThat(planned.probe().bytes()).isEqualTo(Trees.distinctBytes(tree, CHUNK));
        assertThat(planned.probe().failure()).isEmpty();
        assertThat(planned.seconds()).isEqualTo(planned.probe().nanos() / 1e9, within(1e-6));
    }

    @Test
    void refusesWhatFetchWouldRefuse() throws Exception {
        Files.createDirectories(target);
        Files.writeString(target.resolve("diary.txt"), "mine");

        assertThatThrownBy(() -> plan(Duration.ZERO).into(demo.location(), target, false))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("holds no database of this snapshot");
    }

    private Plan plan(Duration probing) {
        return new Plan(demo.client().settings(), demo.clock(), new Progress(), probing, found -> {});
    }
}
