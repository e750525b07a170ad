package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.signature.SigningKey;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Caches on the way that keep what is old, damaged or absent, and how {@code sync.sh} gets past them. */
@Timeout(120)
class SyncScriptCacheTest {

    private static final byte[] CONTENT = Trees.bytes(2500, 1);
    private static final String LATEST = "demo/latest";
    private static final String RECORD = "demo/" + snapshot(1) + "/record";
    private static final String PAST = "\\?caravan-retry=[0-9]{10,}";

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1 << 20));

    private final Instant now = demo.now();
    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final SyncScript script = demo.script();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/1.sst", CONTENT);
    private Path target;
    private int copies;

    @Test
    void absenceThatACacheKeepsIsPassedBy() throws Exception {
        bucket.point(publish(now), 1);
        String chunk = Bucket.chunk(CONTENT);
        String manifest = "demo/" + snapshot(1) + "/manifest.jsonl";
        server.always(chunk, cached(FaultServer.status(404)));
        server.always(manifest, cached(FaultServer.status(403)));

        script.run(demo.url(), target).done();

        Trees.assertExact(target, tree);
        assertThat(server.requests()).contains(chunk + "?caravan-retry=2", manifest + "?caravan-retry=2");
    }

    @Test
    void aPointerThatACacheKeptTooLongIsAskedForPastIt() throws Exception {
        SnapshotRecord record = publish(now);
        bucket.point(record, 6);
        byte[] old = bucket.get(LATEST);
        bucket.point(record, 8, now.minusSeconds(1));
        byte[] expired = bucket.get(LATEST);
        new Bucket(bucket.root(), SigningKey.generate(), now).point(record, 9);
        byte[] forged = bucket.get(LATEST);
        bucket.point(record, 7);
        script.run(demo.url(), target).done();

        for (byte[] kept : List.of(old, expired, forged, "<!doctype html>".getBytes(StandardCharsets.UTF_8))) {
            server.always(LATEST, cached(FaultServer.body(kept)));
            next();

            script.run(demo.url(), target).done();

            Trees.assertExact(target, tree);
            assertThat(server.requests())
                    .filteredOn(path -> path.matches(LATEST + PAST))
                    .hasSize(1);
        }
    }

    @Test
    void aRecordThatIsNotThePointersOrIsDamagedIsAskedForPastTheCache() throws Exception {
        publish(now);
        byte[] old = bucket.get(RECORD);
        bucket.point(publish(now.plusSeconds(60)), 1);
        byte[] damaged = bucket.get(RECORD).clone();
        damaged[20] ^= 1;

        for (byte[] kept : List.of(old, damaged)) {
            server.always(RECORD, cached(FaultServer.body(kept)));
            next();

            script.run(demo.url(), target).done();

            Trees.assertExact(target, tree);
            assertThat(server.requests())
                    .filteredOn(path -> path.matches(RECORD + PAST))
                    .hasSize(1);
        }
        next();
        script.run(demo.url(1), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void aPointerOfAnotherSnapshotThanTheServerHasNowIsFollowedNoFurther() throws Exception {
        SnapshotRecord first = publish(now);
        bucket.point(first, 1);
        byte[] old = bucket.get(LATEST);
        Files.delete(bucket.root().resolve(RECORD));
        bucket.put(RECORD, "taken away".getBytes(StandardCharsets.UTF_8));
        bucket.point(bucket.publish(tree, snapshot(2), false, Bucket.oneStore(1000)), 2);
        server.always(LATEST, cached(FaultServer.body(old)));

        SyncScript.Ended ended = script.run(demo.url(), target).done();

        assertThat(ended.output()).contains("now is snapshot " + snapshot(2));
    }

    @Test
    void whatIsWrongPastTheCachesTooIsRefusedAfterOneMoreRequest() throws Exception {
        SnapshotRecord record = publish(now);
        bucket.point(record, 7);
        script.run(demo.url(), target).done();
        bucket.point(record, 6);
        next();
        script.run(demo.url(), target).refusedWith(4, "sequence 6", "7 was already accepted");
        assertOneMoreRequest();

        // A server that does not like the query leaves what there is.
        server.always(LATEST, (exchange, content) -> {
            if (exchange.getRequestURI().getQuery() == null) {
                FaultServer.body(content).answer(exchange, content);
            } else {
                exchange.sendResponseHeaders(400, -1);
            }
        });
        next();
        script.run(demo.url(), target).refusedWith(4, "sequence 6", "7 was already accepted");
        assertOneMoreRequest();
    }

    @Test
    void aPointerOfWhoseTimeMoreThanHalfIsOverIsNoted() throws Exception {
        SnapshotRecord record = publish(now);
        // Signed two days before it expires.
        bucket.point(record, 1, now.plus(Duration.ofHours(25)));
        assertThat(script.run(demo.url(), target).done().output()).doesNotContain("note:");

        bucket.point(record, 2, now.plus(Duration.ofHours(23)));
        assertThat(script.run(demo.url(), target).done().output())
                .contains(
                        "note: " + demo.url() + "/latest was signed at ",
                        " and will be refused from ",
                        "more than half of that time is over");
        assertThat(script.run(demo.url(), target, "--quiet").done().output()).isEmpty();
        assertThat(script.run(demo.url(1), target).done().output()).doesNotContain("note:");
    }

    private void assertOneMoreRequest() {
        assertThat(server.requests()).hasSize(2);
        assertThat(server.requests().get(0)).isEqualTo(LATEST);
        assertThat(server.requests().get(1)).matches(LATEST + PAST);
    }

    /** What a cache answers that knows the object by its name, and nothing about it with a query. */
    private static FaultServer.Fault cached(FaultServer.Fault kept) {
        return (exchange, content) -> (exchange.getRequestURI().getQuery() == null ? kept : FaultServer.body(content))
                .answer(exchange, content);
    }

    private SnapshotRecord publish(Instant at) throws Exception {
        return new Bucket(bucket.root(), demo.key(), at).publish(tree, snapshot(1), false, Bucket.oneStore(1 << 20));
    }

    /** Another target, and none of the requests before. */
    @BeforeEach
    void next() {
        copies++;
        target = demo.disk().resolve(Integer.toString(copies));
        server.forgetRequests();
    }
}
