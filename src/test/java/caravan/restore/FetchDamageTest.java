package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestWriter;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server or the way to it can do to the bytes, and what then happens to the target: nothing, or all is right. */
@Timeout(60)
class FetchDamageTest {

    private static final byte[] CONTENT = Trees.bytes(90_000, 1);
    private static final String CHUNK = Bucket.chunk(CONTENT);

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(1 << 20));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/000001.sst", CONTENT);

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
    }

    @Test
    void aBitThatFlipsOnTheWayIsFetchedAgain() throws Exception {
        server.next(CHUNK, FaultServer.flippedBit(70_000));

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(server.requests()).filteredOn(path -> path.startsWith(CHUNK)).containsExactly(CHUNK, CHUNK);
    }

    @Test
    void aDamagedCopyInACacheIsPassedBy() throws Exception {
        server.next(CHUNK, FaultServer.flippedBit(0), FaultServer.flippedBit(0));

        demo.fetch();

        Trees.assertExact(target, tree);
        assertThat(server.requests())
                .filteredOn(path -> path.startsWith(CHUNK))
                .containsExactly(CHUNK, CHUNK, CHUNK + "?caravan-retry=2");
    }

    @Test
    void aFlippedBitInAChunkIsNamedWithBothHashesAndTheCacheThatAnswered() {
        server.always(CHUNK, FaultServer.flippedBit(89_999));
        byte[] flipped = CONTENT.clone();
        flipped[89_999] ^= 1;

        assertFails(DamagedException.class, 3)
                .hasMessageContaining(server.base() + "/" + CHUNK)
                .hasMessageContaining(Digest.of(CONTENT).toString())
                .hasMessageContaining(Digest.of(flipped).toString())
                .hasMessageContaining("X-Cache: Hit from test");
    }

    @Test
    void aTruncatedChunkIsDamaged() {
        server.always(CHUNK, FaultServer.body(Arrays.copyOf(CONTENT, 89_999)));

        assertFails(DamagedException.class, 3).hasMessageContaining("89999 bytes, expected 90000 bytes");
    }

    @Test
    void anAnswerThatIsCutIsAskedForAgain() throws Exception {
        server.next(CHUNK, FaultServer.cutAfter(0), FaultServer.cutAfter(1), FaultServer.cutAfter(89_999));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void anAnswerThatIsAlwaysCutMayWorkLater() {
        server.always(CHUNK, FaultServer.cutAfter(70_000));

        assertFails(TransientException.class, 75).hasMessageContaining("after 6 attempts");
    }

    @Test
    void anEndlessAnswerIsReadToOneByteTooMany() {
        server.always(CHUNK, FaultServer.endless());

        assertFails(DamagedException.class, 3).hasMessageContaining("more than the expected 90000 bytes");

        assertThat(demo.client().progress().arrivedBytes()).isLessThanOrEqualTo(3 * 90_001L + 16);
    }

    @Test
    void anEndlessPointerIsReadToOneByteTooMany() {
        server.always("demo/latest", FaultServer.endless());

        assertFails(DamagedException.class, 3).hasMessageContaining("more than the expected 65536 bytes");
    }

    @Test
    void aCompressedAnswerIsNotDecoded() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(CONTENT);
        }
        server.always(CHUNK, (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(zipped.toByteArray());
        });

        assertFails(DamagedException.class, 3).hasMessageContaining("Content-Encoding gzip");
    }

    @Test
    void aPartOfAnObjectIsNoAnswerToAQuestionForTheWhole() {
        server.always(CHUNK, (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-89999/90000");
            exchange.sendResponseHeaders(206, content.length);
            exchange.getResponseBody().write(content);
        });

        assertFails(DamagedException.class, 3).hasMessageContaining("206");
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        try (FaultServer decoy = new FaultServer(bucket.root())) {
            server.always(CHUNK, FaultServer.status(302, "Location", decoy.base() + "/" + CHUNK));

            assertFails(FailedException.class, 1).hasMessageContaining("302").hasMessageContaining(decoy.base());

            assertThat(decoy.requests()).isEmpty();
        }
    }

    @Test
    void aBusyServerIsAskedAgainAfterThePauseItWants() throws Exception {
        server.next(
                CHUNK,
                FaultServer.status(503, "Retry-After", "1"),
                FaultServer.status(429),
                FaultServer.status(500),
                FaultServer.status(502));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aMissingChunkFailsWithAHintThatTheSnapshotMayBeRetired() {
        server.always(CHUNK, FaultServer.status(403));

        assertFails(FailedException.class, 1)
                .hasMessageContaining("403")
                .satisfies(e -> assertThat(((CaravanException) e).hint()).contains("retired"));
    }

    @Test
    void aServerThatStopsSendingIsLeftAndAskedAgain() throws Exception {
        server.next(CHUNK, server.stall(50_000), server.stall(0));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void aServerThatSendsAByteNowAndThenIsLeft() throws Exception {
        server.next(CHUNK, server.dribble(50));

        demo.fetch();

        Trees.assertExact(target, tree);
    }

    @Test
    void nothingListeningMayWorkLater() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }

        assertThatThrownBy(() -> demo.client().fetch("http://127.0.0.1:" + port + "/demo", target))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("Connection refused");
    }

    @Test
    void anUnknownDatabaseFailsAndNamesItsUrl() {
        assertThatThrownBy(() -> demo.client().fetch(server.base() + "/other", target))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(server.base() + "/other/latest answered 404")
                .satisfies(failure -> assertThat(((CaravanException) failure).hint())
                        .contains("<base>/<database>", "caravan list --all")
                        .doesNotContain("retired"));
    }

    @Test
    void aBombIsDefusedAtTheSizeThatTheManifestSays() throws Exception {
        bombInsteadOf(Trees.bytes(4000, 2), Zstd.compress(new byte[50 << 20]));

        assertThatThrownBy(demo::fetch).isInstanceOf(DamagedException.class);
    }

    @Test
    void aFrameThatIsNoZstandardIsDamaged() throws Exception {
        bombInsteadOf("a few bytes".getBytes(StandardCharsets.UTF_8), Trees.bytes(40, 7));

        assertFails(DamagedException.class, 3).hasMessageContaining("cannot be decompressed");
    }

    /** Publishes a frame that the manifest rightly names, but that holds something else than the chunk. */
    private void bombInsteadOf(byte[] content, byte[] frame) throws Exception {
        ManifestHeader header =
                new ManifestHeader(Bucket.DATABASE, snapshot(2), List.of(store("db/full", Engine.UNKNOWN, 1 << 20)));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(manifest, header);
        StoredAs stored = new StoredAs.Zstandard(frame.length, Digest.of(frame));
        bucket.put(BucketPaths.chunk(Digest.of(content), stored), frame);
        writer.file(new FileEntry(
                new SnapshotPath("db/full/1.sst"),
                content.length,
                List.of(new ChunkRef(Digest.of(content), content.length, stored))));
        ManifestTotals totals = writer.finish();
        bucket.point(bucket.publish(snapshot(2), manifest.toByteArray(), totals, header), 2);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertFails(
            Class<? extends CaravanException> kind, int status) {
        AbstractThrowableAssert<?, ? extends Throwable> failure =
                assertThatThrownBy(demo::fetch).isInstanceOf(kind);
        failure.satisfies(e -> assertThat(((CaravanException) e).exitStatus()).isEqualTo(status));
        assertThat(target).doesNotExist();
        return failure;
    }
}
