package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed notes that a cache on the way keeps, old or damaged: they are asked for once more, past it, and then judged. */
class FetchStaleNotesTest {

    private static final String LATEST = BucketPaths.latest(Bucket.DATABASE);
    private static final String AGAIN = "?caravan-retry=";

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private final Bucket.Tree tree = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n");
    private final Bucket.Tree next = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000009\n");
    private Bucket bucket;
    private FaultServer server;
    private Client client;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        bucket.point(publish(tree, 1), 9);
        server = new FaultServer(bucket.root());
        client = new Client(directory.resolve("state"), key);
        target = Files.createDirectory(directory.resolve("disk")).resolve("data");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anOlderPointerThanWasAcceptedIsAskedForAgainPastTheCache() throws Exception {
        byte[] old = bucket.get(LATEST);
        bucket.point(publish(next, 2), 10);
        client.fetch(url(), directory.resolve("disk/elsewhere"));
        server.always(LATEST, FaultServer.keptByACache(old));

        client.fetch(url(), target);

        Trees.assertExact(target, next);
    }

    @Test
    void anExpiredPointerIsAskedForAgainPastTheCache() throws Exception {
        bucket.point(publish(tree, 1), 8, Client.NOW);
        byte[] old = bucket.get(LATEST);
        bucket.point(publish(next, 2), 9);
        server.always(LATEST, FaultServer.keptByACache(old));

        client.fetch(url(), target);

        Trees.assertExact(target, next);
        assertThat(askedFor(LATEST)).hasSize(2);
    }

    @Test
    void aDamagedPointerOrRecordIsAskedForAgainPastTheCache() throws Exception {
        int round = 0;
        for (String path : List.of(LATEST, record(1))) {
            byte[] right = bucket.get(path);
            byte[] flipped = right.clone();
            flipped[20] ^= 1;
            for (byte[] kept : List.of(flipped, Arrays.copyOf(right, right.length / 2), new byte[0], page())) {
                server.always(path, FaultServer.keptByACache(kept));
                server.forgetRequests();
                Path into = directory.resolve("disk/" + round++);

                client.fetch(url(), into);

                Trees.assertExact(into, tree);
                assertThat(askedFor(path)).hasSize(2);
            }
            server.repair(path);
        }
    }

    @Test
    void anOlderRecordThanThePointerNamesIsAskedForAgainPastTheCache() throws Exception {
        byte[] old = bucket.get(record(1));
        bucket.point(keptLonger(), 10);
        server.always(record(1), FaultServer.keptByACache(old));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void aPointerOfAnOlderRecordIsAskedForAgainWithItsRecord() throws Exception {
        byte[] old = bucket.get(LATEST);
        bucket.point(keptLonger(), 10);
        server.always(LATEST, FaultServer.keptByACache(old));

        client.fetch(url(), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void aNamedSnapshotsRecordIsAskedForAgainPastTheCache() throws Exception {
        server.always(record(1), FaultServer.keptByACache(page()));

        client.fetch(url() + "/" + snapshot(1), target);

        Trees.assertExact(target, tree);
    }

    @Test
    void whatIsTheSameBehindTheCacheIsRefusedAfterASecondLook() throws Exception {
        bucket.point(publish(tree, 1), 8, Client.NOW);

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("expired at");
        assertThat(askedFor(LATEST)).hasSize(2);
        assertThat(askedFor(LATEST).get(1)).startsWith(LATEST + AGAIN);

        bucket.point(publish(tree, 1), 9);
        bucket.put(record(1), page());
        server.forgetRequests();
        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("a web page came back");
        assertThat(askedFor(record(1))).hasSizeBetween(2, 3);
        assertThat(target).doesNotExist();
    }

    @Test
    void ifNothingComesFromBehindTheCacheTheFirstVerdictStands() throws Exception {
        bucket.point(publish(tree, 1), 8, Client.NOW);
        byte[] old = bucket.get(LATEST);
        Files.delete(bucket.root().resolve(LATEST));
        server.always(LATEST, FaultServer.keptByACache(old));

        assertThatThrownBy(() -> client.fetch(url(), target))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("expired at");
    }

    /** The record of the first snapshot signed again, with a later promise. */
    private SnapshotRecord keptLonger() throws Exception {
        Instant later = Client.NOW.plusSeconds(60);
        return new Bucket(bucket.root(), key, later)
                .publish(tree, snapshot(1), false, store("db/full", Engine.ROCKSDB, 1000));
    }

    private List<String> askedFor(String path) {
        return server.requests().stream()
                .filter(request -> request.equals(path) || request.startsWith(path + AGAIN))
                .toList();
    }

    private static byte[] page() {
        return "<html>log in".getBytes(StandardCharsets.UTF_8);
    }

    private static String record(int number) {
        return BucketPaths.ofSnapshot(Bucket.DATABASE, snapshot(number), BucketPaths.RECORD);
    }

    private String url() {
        return server.base() + "/demo";
    }

    private SnapshotRecord publish(Bucket.Tree what, int number) throws Exception {
        return bucket.publish(what, snapshot(number), false, store("db/full", Engine.ROCKSDB, 1000));
    }
}
