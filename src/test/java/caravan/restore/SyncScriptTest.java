package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.signature.TrustedKeys;
import caravan.snapshot.SnapshotPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code sync.sh} makes what {@code caravan fetch} makes, from nothing and out of what is there. */
@Timeout(120)
class SyncScriptTest {

    private static final int CHUNK = 1000;

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.twoStores(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final SyncScript script = demo.script();
    private final Path target = demo.target();

    @Test
    void restoresEverySizeAndEveryNameAsTheJavaClientDoes() throws Exception {
        Bucket.Tree tree = odd();
        demo.publishLatest(tree, 1);

        SyncScript.Ended ended = script.run(demo.url(), target, "--expect", "chain=testnet,pruning=256")
                .done();

        assertThat(ended.output())
                .contains("snapshot 20261122T080001Z-1 of demo, testnet full, ")
                .contains("signed by " + demo.key().fingerprint())
                .contains(target + " now is snapshot 20261122T080001Z-1 of demo: ");
        Trees.assertExact(target, tree);
        Path other = demo.disk().resolve("java");
        demo.client().fetch(demo.url(), other, Expectations.NONE, settings(), demo.now());
        assertThat(Trees.names(target)).containsExactlyInAnyOrderElementsOf(Trees.names(other));
        assertThat(Trees.list(demo.disk())).containsExactly("data", "java");
    }

    @Test
    void unpacksWhatIsStoredCompressed() throws Exception {
        Bucket.Tree tree = odd();
        bucket.point(demo.publish(tree, 1, true), 1);

        script.run(demo.url(), target).done();

        Trees.assertExact(target, tree);
    }

    @Test
    void fetchesWithAria2IfAskedTo() throws Exception {
        assumeTrue(Tools.has("aria2c"), "aria2c is not here");
        Bucket.Tree tree = odd();
        demo.publishLatest(tree, 1);

        script.run(demo.url(), target, "--aria2c").done();

        Trees.assertExact(target, tree);
    }

    @Test
    void chunksOfOneFileAreFetchedByManyTransfersAtOnceWithCurlAlone() throws Exception {
        int chunk = 4 << 20;
        byte[] content = Trees.bytes(4 * chunk, 7);
        Bucket.Tree tree =
                new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", content);
        bucket.point(bucket.publish(tree, snapshot(1), false, Bucket.oneStore(chunk)), 1);
        CountDownLatch asked = new CountDownLatch(4);
        for (int at = 0; at < 4; at++) {
            byte[] part = Arrays.copyOfRange(content, at * chunk, (at + 1) * chunk);
            // No answer before all four were asked for.
            server.always(Bucket.chunk(part), (exchange, ignored) -> {
                asked.countDown();
                (asked.await(60, TimeUnit.SECONDS) ? FaultServer.body(part) : FaultServer.status(400))
                        .answer(exchange, part);
            });
        }

        script.run(demo.url(), target, "--parallel", "5", "--stall", "90").done();

        Trees.assertExact(target, tree);
    }

    @Test
    void whatItRestoredTheJavaClientKnowsAndFindsRight() throws Exception {
        demo.publishLatest(odd(), 1);
        script.run(demo.url(), target).done();

        VerifyOutcome outcome = new Verification(settings(), Clock.systemUTC(), new Progress()).directory(target);

        assertThat(outcome.faultCount()).isZero();
    }

    @Test
    void overAnOlderCopyOnlyWhatDiffersIsFetchedAndNothingOldStays() throws Exception {
        byte[] same = Trees.bytes(12 * CHUNK + 5, 1);
        byte[] changed = same.clone();
        changed[4 * CHUNK + 7] ^= 1;
        Bucket.Tree old = new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000004\n")
                .file("db/full/000001.sst", same)
                .file("db/full/000002.sst", same)
                .file("db/full/000003.log", "an old log that must not be replayed")
                .file("db/full/000004.sst", Trees.bytes(3 * CHUNK, 9))
                .file("db/full/gone/deep/1", "x")
                .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n");
        Bucket.Tree tree = new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000009\n")
                .file("db/full/000001.sst", same)
                .file("db/full/000002.sst", changed)
                .file("db/full/000004.sst", Arrays.copyOf(Trees.bytes(3 * CHUNK, 9), 3 * CHUNK - 10))
                .file("db/full/000008.sst", Trees.bytes(900, 2))
                .file("db/full/000009.log", "")
                .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n")
                .directory("db/full/parachains/db/empty");
        demo.publishLatest(old, 1);
        script.run(demo.url(), target).done();
        Trees.assertExact(target, old);
        Files.createDirectories(target.resolve("keystore"));
        Files.writeString(target.resolve("keystore/secret"), "of the node");
        Files.createFile(target.resolve("db/full/LOCK"));
        Path elsewhere = demo.disk().resolve("checkpoint.sst");
        Files.createLink(elsewhere, target.resolve("db/full/000002.sst"));
        demo.publishLatest(tree, 2);
        server.forgetRequests();

        SyncScript.Ended planned = script.run(demo.url(), target, "--dry-run").done();
        assertThat(server.bytesSent("chunks/")).isZero();
        SyncScript.Ended ended = script.run(demo.url(), target).done();

        assertThat(server.bytesSent("chunks/")).isEqualTo(CHUNK + 900 + 2 * 16);
        assertThat(planned.output()).contains("2 files of the old database would be moved");
        assertThat(elsewhere).hasBinaryContent(same);
        assertThat(target.resolve("keystore/secret")).hasContent("of the node");
        Files.delete(target.resolve("keystore/secret"));
        Files.delete(target.resolve("keystore"));
        Files.delete(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
        Path replaced = demo.disk().resolve(Trees.list(demo.disk()).get(2));
        assertThat(replaced.toString()).contains("data.caravan-replaced-");
        assertThat(ended.output()).contains("what was in the way is in " + replaced);
        assertThat(replaced.resolve("db/full/000003.log")).hasContent("an old log that must not be replayed");
        assertThat(replaced.resolve("db/full/gone/deep/1")).hasContent("x");
    }

    @Test
    void aCopyThatIsExactIsNotTouched() throws Exception {
        Bucket.Tree tree = odd();
        demo.publishLatest(tree, 1);
        script.run(demo.url(), target).done();
        List<String> before = Trees.print(target);

        SyncScript.Ended again = script.run(demo.url(), target).done();
        SyncScript.Ended verified = script.run(demo.url(), target, "--verify").done();

        assertThat(again.output()).contains(target + " already is snapshot");
        assertThat(verified.output()).contains("every byte is right");
        assertThat(Trees.print(target)).isEqualTo(before);
    }

    @Test
    void verifyNamesWhatIsWrong() throws Exception {
        demo.publishLatest(odd(), 1);
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/c"), "short");
        Files.writeString(target.resolve("db/full/new"), "new");
        Files.delete(target.resolve("db/full/empty"));
        byte[] flipped = Files.readAllBytes(target.resolve("db/full/3c"));
        flipped[1500] ^= 1;
        Files.write(target.resolve("db/full/3c"), flipped);

        SyncScript.Ended ended = script.run(demo.url(), target, "--verify");

        ended.refusedWith(
                3,
                "db/full/c has 5 bytes instead of 1000",
                "db/full/new is not in the snapshot",
                "directory db/full/empty is missing",
                "db/full/3c differs from the snapshot in bytes 1000 to 1999",
                "4 faults, listed above");
    }

    @Test
    void whatAnotherRestoreBeganIsContinuedByEither() throws Exception {
        Bucket.Tree tree = odd();
        demo.publishLatest(tree, 1);
        Path stage = target.resolveSibling("data.caravan-incomplete");
        Files.createDirectories(stage.resolve("db/full"));
        Files.createDirectories(stage.resolve("of-another/snapshot"));
        Files.write(stage.resolve("of-another/snapshot/file"), new byte[10]);
        Files.write(stage.resolve("db/full/3c"), tree.files().get(new SnapshotPath("db/full/3c")));

        script.run(demo.url(), target).done();

        Trees.assertExact(target, tree);
        byte[] kept = tree.files().get(new SnapshotPath("db/full/3c"));
        assertThat(server.requests()).doesNotContain(Bucket.chunk(Arrays.copyOf(kept, CHUNK)));
    }

    @Test
    void anOlderSnapshotIsRestoredByItsOwnName() throws Exception {
        Bucket.Tree tree = odd();
        demo.publish(tree, 1);
        demo.publishLatest(
                new Bucket.Tree()
                        .file("db/full/CURRENT", "MANIFEST-000009\n")
                        .file("db/full/parachains/db/CURRENT", "MANIFEST-000011\n"),
                2);

        script.run(demo.url(1) + "/", target).done();

        Trees.assertExact(target, tree);
    }

    /** Every size about which a cut can be wrong, and names that some tool could take for something else. */
    private static Bucket.Tree odd() {
        Bucket.Tree tree = new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000004\n")
                .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n")
                .directory("db/full/empty");
        Map.of("0", 0, "1", 1, "c-1", CHUNK - 1, "c", CHUNK, "c+1", CHUNK + 1, "2c", 2 * CHUNK, "2c+1", 2 * CHUNK + 1)
                .forEach((name, size) -> tree.file("db/full/" + name, Trees.bytes(size, size)));
        tree.file("db/full/3c", Trees.bytes(3 * CHUNK, 3)).file("db/full/17c+5", Trees.bytes(17 * CHUNK + 5, 4));
        for (String name : List.of(
                " leading space",
                "with  two",
                "-rf",
                "--help",
                "q\"uote",
                "q'uote",
                "$(id)",
                "`id`",
                "${HOME}",
                "*",
                "[a]",
                "{1,2}",
                "a#1b",
                "%41",
                "#",
                "~",
                "&;|<>!?",
                "a=b",
                "x,y",
                "->",
                "a -> b",
                "Zo\u00EB \u65E5\u672C \uD83D\uDE00",
                ".hidden",
                "tab.part-00001",
                "url=x",
                "lock.sst",
                "x".repeat(255))) {
            tree.file("db/full/names/" + name, name);
            tree.file("db/full/in parts/" + name, Trees.bytes(2 * CHUNK + name.length(), name.hashCode()));
        }
        return tree;
    }

    private ClientSettings settings() {
        return ClientSettings.of(TrustedKeys.of(demo.key().publicKey()), demo.state());
    }
}
