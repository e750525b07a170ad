package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.manifest.ManifestWriter;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Very many small files beside one very large sparse one, restored by a process with 256 MiB of heap. In the long form
 * 200,000 and 100 GB, on an XFS image that grows by what is written.
 */
class FetchScaleTest {

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int FILES = LONG ? 200_000 : 2_000;
    private static final int ZEROS = 64 << 20;
    private static final int REFERENCES = LONG ? 1_600 : 8;
    private static final long MINUTES = LONG ? 60 : 2;

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("paritydb/full", Engine.PARITYDB, ZEROS));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();

    @BeforeEach
    void publish() throws Exception {
        ManifestHeader header = new ManifestHeader(
                Bucket.DATABASE, snapshot(1), List.of(store("paritydb/full", Engine.PARITYDB, ZEROS)));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(manifest, header);
        ChunkRef zeros = put(new byte[ZEROS]);
        writer.file(new FileEntry(
                new SnapshotPath("paritydb/full/huge"),
                (long) REFERENCES * ZEROS,
                Collections.nCopies(REFERENCES, zeros)));
        writer.file(small("paritydb/full/metadata"));
        for (int number = 0; number < FILES; number++) {
            writer.file(small(name(number)));
        }
        ManifestTotals totals = writer.finish();
        SnapshotRecord record = bucket.publish(snapshot(1), manifest.toByteArray(), totals, header);
        bucket.point(record, 1);
    }

    @Test
    void manyFilesAndAHugeSparseOneFitIntoLittleMemoryAndLittleRoom() throws Exception {
        if (!LONG) {
            restore(demo.disk());
            return;
        }
        PowerCutDisk disk = PowerCutDisk.make(demo.directory(), "xfs", "300G");
        try {
            restore(disk.root());
        } finally {
            disk.unmount();
        }
    }

    private void restore(Path disk) throws Exception {
        Path target = disk.resolve("data");
        Path log = demo.directory().resolve("log");
        long begin = System.nanoTime();
        Process process = demo.fetching(demo.url(), target, disk.resolve("state"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        String peak = "";
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            assertThat(TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - begin))
                    .isLessThan(MINUTES);
            peak = peakOf(process, peak);
        }
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        System.out.println("FetchScaleTest: " + FILES + " files and one of " + (long) REFERENCES * ZEROS + " bytes in "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) + " s, " + peak);
        Path huge = target.resolve("paritydb/full/huge");
        assertThat(huge).hasSize((long) REFERENCES * ZEROS);
        assertThat(Trees.allocated(huge)).isLessThan((long) REFERENCES * ZEROS / 50);
        for (int number = 0; number < FILES; number += FILES / 1000) {
            assertThat(target.resolve(name(number))).hasContent(name(number));
        }
        assertThat(server.bytesSent(Bucket.chunk(new byte[ZEROS]))).isEqualTo(ZEROS);
    }

    /** Most memory so far, as Linux tells it. */
    private static String peakOf(Process process, String before) throws Exception {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        try {
            return Files.readAllLines(status).stream()
                    .filter(line -> line.startsWith("VmHWM"))
                    .findFirst()
                    .orElse(before);
        } catch (IOException e) {
            return before; // it has just ended
        }
    }

    private FileEntry small(String path) throws Exception {
        byte[] content = path.getBytes(US_ASCII);
        return new FileEntry(new SnapshotPath(path), content.length, List.of(put(content)));
    }

    private ChunkRef put(byte[] content) throws Exception {
        ChunkRef chunk = ChunkRef.plain(Digest.of(content), content.length);
        bucket.put(Bucket.chunk(content), content);
        return chunk;
    }

    private static String name(int number) {
        return String.format("paritydb/full/small/%06d", number);
    }
}
