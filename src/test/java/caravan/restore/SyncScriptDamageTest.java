package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server, the way to it, or the disk can do to {@code sync.sh}: in the end nothing, or all is right. */
@Timeout(180)
class SyncScriptDamageTest {

    private static final byte[] CONTENT = Trees.bytes(90_000, 1);
    private static final String CHUNK = Bucket.chunk(CONTENT);

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1 << 20));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final SyncScript script = demo.script();
    private final Path target = demo.target();
    private final Bucket.Tree tree =
            new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n").file("db/full/000001.sst", CONTENT);

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
    }

    @Test
    void whatIsWrongOnceOrTwiceIsAskedForAgainAndPastTheCaches() throws Exception {
        server.next("demo/latest", FaultServer.status(503), FaultServer.cutAfter(10));
        server.next(CHUNK, FaultServer.flippedBit(70_000), FaultServer.flippedBit(0));

        script.run(demo.url(), target).done();

        Trees.assertExact(target, tree);
        assertThat(server.requests())
                .filteredOn(path -> path.startsWith(CHUNK))
                .containsExactly(CHUNK, CHUNK, CHUNK + "?caravan-retry=2");
    }

    @Test
    void whatIsAlwaysWrongIsNamedAndNothingAppears() throws Exception {
        byte[] flipped = CONTENT.clone();
        flipped[89_999] ^= 1;
        server.always(CHUNK, FaultServer.flippedBit(89_999));
        refused(3, CHUNK, Digest.of(CONTENT).hex(), Digest.of(flipped).hex(), "after 3 attempts");

        server.always(CHUNK, FaultServer.body(Arrays.copyOf(CONTENT, 89_999)));
        refused(3, "ended after 89999 bytes, expected 90000");

        server.always(CHUNK, FaultServer.body(Arrays.copyOf(CONTENT, 90_001)));
        refused(3, "more than the expected 90000 bytes");

        server.always(CHUNK, FaultServer.endless());
        refused(3, "more than the expected 90000 bytes");

        server.always(CHUNK, (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-89999/90000");
            exchange.sendResponseHeaders(206, content.length);
            exchange.getResponseBody().write(content);
        });
        refused(3, "206");

        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(CONTENT);
        }
        server.always(CHUNK, (exchange, content) -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(zipped.toByteArray());
        });
        refused(3, CHUNK);

        server.repair(CHUNK);
        script.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void aServerThatIsAwayOrCutsMayWorkLater() throws Exception {
        server.always(CHUNK, FaultServer.cutAfter(70_000));
        refused(75, "was cut after", "after 6 attempts");

        server.always(CHUNK, FaultServer.status(403));
        refused(1, "answered 403", "may have been retired");

        server.always(CHUNK, FaultServer.status(503, "Retry-After", "0"));
        refused(75, "answered 503");

        server.always("demo/latest", FaultServer.endless());
        refused(3, "demo/latest sent more than the expected 65536 bytes");
        server.repair("demo/latest");
        server.close();
        refused(75, "connection refused");
    }

    @Test
    void whatAServerAsksToBeLeftAloneItIs() throws Exception {
        server.next(CHUNK, FaultServer.status(429, "Retry-After", "2"));
        long begin = System.nanoTime();

        script.run(demo.url(), target).done();

        assertThat(System.nanoTime() - begin).isGreaterThan(2_000_000_000L);
    }

    @Test
    void aTransferThatStandsStillIsGivenUp() throws Exception {
        server.next(CHUNK, server.stall(40_000));

        script.run(demo.url(), target).done();

        Trees.assertExact(target, tree);
    }

    @Test
    void whoStopsItWaitsForNoTransferAndLeavesNothingRunning() throws Exception {
        server.always(CHUNK, server.stall(40_000));
        Process process = script.process(demo.url(), target, "--stall", "300").start();
        Awaitility.await().until(() -> server.requests().contains(CHUNK));
        List<ProcessHandle> started = process.descendants().toList();

        process.destroy();

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(143);
        Awaitility.await().until(() -> started.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(Trees.list(demo.state().resolve("sync"))).containsExactly("lock");
        assertThat(target).doesNotExist();
        server.repair(CHUNK);
        script.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        try (FaultServer decoy = new FaultServer(bucket.root())) {
            server.always(CHUNK, FaultServer.status(302, "Location", decoy.base() + "/" + CHUNK));
            refused(1, "302", decoy.base());
            server.repair(CHUNK);
            server.always("demo/latest", FaultServer.status(301, "Location", "file:///etc/passwd"));
            refused(1, "301");

            assertThat(decoy.requests()).isEmpty();
        }
    }

    @Test
    void aFrameThatHoldsMoreOrOtherThanItsChunkIsDamaged() throws Exception {
        byte[] content = Trees.bytes(5000, 3);
        byte[] zeros = new byte[50_000_000];
        for (byte[] frame : List.of(Zstd.compress(zeros), Zstd.compress(Trees.bytes(5000, 4)), Trees.bytes(40, 7))) {
            publishFrame(content, frame);

            refused(3, "is not the compressed chunk that the manifest names, or cannot be decompressed");
        }
        byte[] right = Zstd.compress(content);
        publishFrame(content, right);
        String path = BucketPaths.chunk(Digest.of(content), new StoredAs.Zstandard(right.length, Digest.of(right)));
        server.next(path, FaultServer.flippedBit(100));
        script.run(demo.url(), target).done();
        assertThat(target.resolve("db/full/1.sst")).hasBinaryContent(content);
    }

    @Test
    void noSpaceLeftIsRefusedBeforeTheFirstByteAndEndsCleanlyLater() throws Exception {
        Bucket.Tree large = new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n");
        for (int file = 10; file < 18; file++) {
            large.file(file + ".sst", Trees.bytes(200_000, file));
        }
        bucket.point(bucket.publish(large, snapshot(2), false, store("", Engine.ROCKSDB, 100_000)), 2);
        Path disk = demo.disk();
        assumeTrue(system("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()), "mounting needs root");
        try {
            script.run(demo.url(), target)
                    .refusedWith(4, "no space left for " + target, "1600016 bytes", "nothing was written");
            assertThat(Trees.list(disk)).isEmpty();

            Path hole = Files.createDirectory(disk.resolve("data.caravan-incomplete"))
                    .resolve("17.sst");
            assertThat(system("dd", "if=/dev/zero", "of=" + hole, "bs=1", "count=1", "seek=1600000"))
                    .isTrue();
            script.run(demo.url(), target).refusedWith(1, "no space left", "goes on from here");
            assertThat(target).doesNotExist();

            assertThat(system("mount", "-o", "remount,size=3m", disk.toString()))
                    .isTrue();
            script.run(demo.url(), target).done();
            Trees.assertExact(target, large);
        } finally {
            system("umount", disk.toString());
        }
    }

    @Test
    void restoresIntoTheRootOfAnEmptyFileSystem() throws Exception {
        Files.createDirectory(target);
        assumeTrue(system("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", target.toString()), "mounting needs root");
        try {
            script.run(demo.url(), target).done();
            Trees.assertExact(target, tree);
            Files.writeString(target.resolve("db/full/9.log"), "old");
            script.run(demo.url(), target).done();
            assertThat(Trees.list(target)).hasSize(2).anyMatch(name -> name.startsWith(".caravan-replaced-"));
        } finally {
            system("umount", target.toString());
        }
    }

    private void publishFrame(byte[] content, byte[] frame) throws Exception {
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

    /** From nothing each time: what an attempt left may be right, and then it is kept. */
    private void refused(int status, String... parts) throws Exception {
        script.run(demo.url(), target).refusedWith(status, parts);
        assertThat(target).doesNotExist();
        assertThat(system("rm", "-rf", target + ".caravan-incomplete")).isTrue();
    }

    private static boolean system(String... command) throws Exception {
        return SyncScript.end(new ProcessBuilder(command)).status() == 0;
    }
}
