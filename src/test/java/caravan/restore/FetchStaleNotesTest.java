package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signed notes that a cache on the way keeps, old or damaged: they are asked for once more, past it, and then judged. */
class FetchStaleNotesTest {

    private static final String LATEST = BucketPaths.latest(Bucket.DATABASE);
    private static final String AGAIN = "?caravan-retry=";

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n");
    private final Bucket.Tree next = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000009\n");

    @BeforeEach
    void publish() throws Exception {
        bucket.point(demo.publish(tree, 1), 9);
    }

    @Test
    void anOlderPointerThanWasAcceptedIsAskedForAgainPastTheCache() throws Exception {
        byte[] old = bucket.get(LATEST);
        bucket.point(demo.publish(next, 2), 10);
        demo.fetchInto(demo.disk().resolve("elsewhere"));
        server.always(LATEST, FaultServer.keptByACache(old));

        demo.fetch();

        Trees.assertExact(target, next);
    }

    @Test
    void anExpiredPointerIsAskedForAgainPastTheCache() throws Exception {
        bucket.point(demo.publish(tree, 1), 8, Client.NOW);
        byte[] old = bucket.get(LATEST);
        bucket.point(demo.publish(next, 2), 9);
        server.always(LATEST, FaultServer.keptByACache(old));

        demo.fetch();

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
                Path into = demo.disk().resolve(Integer.toString(round++));

                demo.fetchInto(into);

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

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aPointerOfAnOlderRecordIsAskedForAgainWithItsRecord() throws Exception {
        byte[] old = bucket.get(LATEST);
        bucket.point(keptLonger(), 10);
        server.always(LATEST, FaultServer.keptByACache(old));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aNamedSnapshotsRecordIsAskedForAgainPastTheCache() throws Exception {
        server.always(record(1), FaultServer.keptByACache(page()));

        demo.fetch(1);

        Trees.assertExact(target, tree);
    }

    @Test
    void whatIsTheSameBehindTheCacheIsRefusedAfterASecondLook() throws Exception {
        bucket.point(demo.publish(tree, 1), 8, Client.NOW);

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("expired at");
        assertThat(askedFor(LATEST)).hasSize(2);
        assertThat(askedFor(LATEST).get(1)).startsWith(LATEST + AGAIN);

        bucket.point(demo.publish(tree, 1), 9);
        bucket.put(record(1), page());
        server.forgetRequests();
        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("a web page came back");
        assertThat(askedFor(record(1))).hasSizeBetween(2, 3);
        assertThat(target).doesNotExist();
    }

    @Test
    void ifNothingComesFromBehindTheCacheTheFirstVerdictStands() throws Exception {
        bucket.point(demo.publish(tree, 1), 8, Client.NOW);
        byte[] old = bucket.get(LATEST);
        Files.delete(bucket.root().resolve(LATEST));
        server.always(LATEST, FaultServer.keptByACache(old));

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("expired at");
    }

    /** The record of the first snapshot signed again, with a later promise. */
    private SnapshotRecord keptLonger() throws Exception {
        Instant later = Client.NOW.plusSeconds(60);
        return new Bucket(bucket.root(), demo.key(), later).publish(tree, snapshot(1), false, Bucket.oneStore(1000));
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
}
