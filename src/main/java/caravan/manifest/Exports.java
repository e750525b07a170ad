package caravan.manifest;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes what other programs need to restore a snapshot, in one pass over its manifest: {@code chunks.tsv} for sync.sh,
 * {@code aria2.txt} for aria2, {@code SHA256SUMS} for sha256sum and {@code snapshot.meta4} for what reads Metalink. The
 * same manifest gives the same bytes.
 *
 * <p>Not thread safe. Does not close the streams; {@link #finish} flushes them.
 */
public final class Exports implements ManifestVisitor {

    /** aria2 puts the home directory there wherever it occurs, and has no way to prevent that. */
    private static final String ARIA2_HOME = "${HOME}";

    private final Writer chunks;
    private final Writer aria2;
    private final Writer sums;
    private final Writer metalinkOut;
    private final Metalink metalink;
    private final String base;

    /**
     * Nothing is written yet.
     *
     * @param publicUrl where the bucket's prefix is served: {@code http} or {@code https}, with or without a slash at
     *     its end
     * @throws IllegalArgumentException if it is anything else
     */
    public Exports(
            OutputStream chunksTsv, OutputStream aria2Txt, OutputStream sha256Sums, OutputStream meta4, URI publicUrl) {
        String scheme = requireNonNull(publicUrl, "publicUrl").getScheme();
        boolean isPlain = publicUrl.getRawQuery() == null && publicUrl.getRawFragment() == null;
        if (publicUrl.getHost() == null || !isPlain || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException(
                    "a public URL begins with http:// or https:// and a host name, and has" + " neither ? nor #");
        }
        chunks = writer(chunksTsv);
        aria2 = writer(aria2Txt);
        sums = writer(sha256Sums);
        metalinkOut = writer(meta4);
        metalink = new Metalink(metalinkOut);
        base = publicUrl.toASCIIString().replaceAll("/+$", "");
    }

    @Override
    public void header(ManifestHeader header) throws IOException {
        metalink.begin();
    }

    @Override
    public void file(FileEntry file) throws IOException {
        chunks.append("F\t").append(Long.toString(file.size())).append('\t');
        chunks.append(file.path().value()).append('\n');
        if (file.chunks().isEmpty()) {
            writeSum(Digest.OF_NOTHING, file.path().value());
        }
        long offset = 0;
        for (int index = 0; index < file.chunks().size(); index++) {
            ChunkRef chunk = file.chunks().get(index);
            String name = file.chunks().size() == 1 ? file.path().value() : partName(file.path(), index);
            writeChunk(offset, chunk);
            writeDownload(chunk, name);
            writeSum(chunk.digest(), name);
            offset += chunk.size();
        }
    }

    @Override
    public void directory(SnapshotPath path) throws IOException {
        chunks.append("D\t").append(path.value()).append('\n');
    }

    /** Ends and flushes all four; nothing may be told after it. */
    public void finish() throws IOException {
        metalink.end();
        metalinkOut.flush();
        chunks.flush();
        aria2.flush();
        sums.flush();
    }

    private void writeChunk(long offset, ChunkRef chunk) throws IOException {
        chunks.append("C\t").append(Long.toString(offset)).append('\t');
        chunks.append(Long.toString(chunk.size())).append('\t');
        chunks.append(chunk.digest().hex()).append('\t');
        chunks.append(chunk.storedAs() instanceof StoredAs.Zstandard ? "zst" : "plain")
                .append('\n');
    }

    private void writeDownload(ChunkRef chunk, String name) throws IOException {
        Digest expected = chunk.digest();
        String suffix = "";
        long size = chunk.size();
        if (chunk.storedAs() instanceof StoredAs.Zstandard stored) {
            expected = stored.digest();
            suffix = ".zst";
            size = stored.size();
        }
        String url = base + '/' + BucketPaths.chunk(chunk.digest(), chunk.storedAs());
        metalink.file(name + suffix, size, expected.hex(), url);
        if (name.contains(ARIA2_HOME)) {
            return;
        }
        // aria2 drops spaces before a value.
        String prefix = name.startsWith(" ") ? "./" : "";
        aria2.append(url);
        aria2.append("\n  out=").append(prefix).append(name).append(suffix);
        aria2.append("\n  checksum=sha-256=").append(expected.hex()).append('\n');
    }

    private void writeSum(Digest digest, String name) throws IOException {
        sums.append(digest.hex()).append("  ").append(name).append('\n');
    }

    private static String partName(SnapshotPath path, int index) {
        return String.format(Locale.ROOT, "%s.part-%05d", path.value(), index);
    }

    private static Writer writer(OutputStream out) {
        return new BufferedWriter(new OutputStreamWriter(requireNonNull(out, "out"), StandardCharsets.UTF_8));
    }
}
