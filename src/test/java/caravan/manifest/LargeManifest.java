package caravan.manifest;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A process of its own that writes, reads and exports a large manifest; how much memory it gets is its test. */
final class LargeManifest {

    private LargeManifest() {}

    /** Takes a file name and a number of files; prints what the reader counted. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            write(out, count);
        }
        Exports exports = new Exports(
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                URI.create("https://cdn.example.org"));
        long started = System.nanoTime();
        try (InputStream in = Files.newInputStream(file)) {
            ManifestTotals totals = ManifestReader.read(in, file.toString(), exports);
            System.out.println(totals.files() + " files, " + totals.chunks() + " chunks");
        }
        System.out.println("read in " + (System.nanoTime() - started) / 1_000_000 + " ms");
    }

    private static void write(OutputStream out, int count) throws Exception {
        ManifestHeader header = new ManifestHeader(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-23456789"),
                List.of(new DatabaseStore("db/full", Engine.UNKNOWN, "copy", "structure", 64 << 20)));
        ManifestWriter writer = new ManifestWriter(out, header);
        for (int number = 0; number < count; number++) {
            ChunkRef chunk = ChunkRef.plain(new Digest(number, 2, 3, 4), 67_000_000);
            SnapshotPath path = new SnapshotPath(String.format("db/full/%09d.sst", number));
            writer.file(new FileEntry(path, chunk.size(), List.of(chunk)));
        }
        writer.finish();
    }
}
