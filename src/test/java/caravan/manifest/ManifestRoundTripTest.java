package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
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
import caravan.snapshot.StoredAs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestRoundTripTest {

    static LongStream seeds() {
        return LongStream.range(0, "long".equals(System.getProperty("caravan.test.form")) ? 5_000 : 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsWrittenIsReadAndWrittenAgainTheSame(long seed) throws Exception {
        RandomTree tree = RandomTree.of(seed);

        byte[] manifest = write(tree);
        RecordedManifest read = new RecordedManifest();
        ManifestTotals totals = ManifestReader.read(slowly(manifest), "x", read);

        assertThat(read.tree()).isEqualTo(tree);
        assertThat(totals.files()).isEqualTo(tree.files().size());
        assertThat(totals.bytes())
                .isEqualTo(tree.files().stream().mapToLong(FileEntry::size).sum());
        assertThat(write(read.tree())).isEqualTo(manifest);
    }

    @Test
    void everyTruncationIsNoticed() throws Exception {
        byte[] manifest = write(smallTree());

        for (int length = 0; length < manifest.length; length++) {
            byte[] cut = Arrays.copyOf(manifest, length);

            assertThatThrownBy(() -> ManifestReader.read(new ByteArrayInputStream(cut), "x", new RecordedManifest()))
                    .isInstanceOf(DamagedException.class);
        }
    }

    @Test
    void flippedBitNeverCausesAnythingButDamageOrAnotherTree() throws Exception {
        RandomTree tree = smallTree();
        byte[] manifest = write(tree);

        for (int bit = 0; bit < 8 * manifest.length; bit++) {
            byte[] flipped = manifest.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            RecordedManifest read = new RecordedManifest();
            try {
                ManifestReader.read(new ByteArrayInputStream(flipped), "x", read);
            } catch (DamagedException e) {
                assertThat(e).hasMessageContaining("x: line ");
                continue;
            }
            assertThat(write(read.tree())).isNotEqualTo(manifest);
        }
    }

    @Test
    void textIsUtf8WithoutNeedlessEscapes() throws Exception {
        ManifestHeader header = headerOf(64);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(out, header);
        writer.file(new FileEntry(new SnapshotPath("a\"/ü日😀"), 1, List.of(ChunkRef.plain(Digest.OF_NOTHING, 1))));
        writer.directory(new SnapshotPath("z"));
        writer.finish();

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        {"format":"caravan-manifest-1","database":"demo","snapshot":"20261122T083300Z-5","stores":[{"path":"","engine":"unknown","seal":"","capture":"copy","verification":"none","chunkSize":64}]}
                        {"path":"a\\"/ü日😀","size":1,"chunks":[["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",1]]}
                        {"directory":"z"}
                        {"totals":{"files":1,"directories":1,"chunks":1,"bytes":1}}
                        """);
    }

    @Test
    void writerRefusesWhatAReaderWouldRefuse() throws Exception {
        ManifestWriter writer = new ManifestWriter(new ByteArrayOutputStream(), headerOf(64));
        writer.file(empty("b"));

        assertThatThrownBy(() -> writer.file(empty("a"))).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> writer.file(empty("b"))).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> writer.file(empty("b/c"))).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> writer.directory(new SnapshotPath("B")))
                .isInstanceOf(RefusedException.class)
                .hasMessage("cannot publish the directory B: the path \"B\" differs from an earlier one in upper and"
                        + " lower case alone");
    }

    @Test
    void failureOfTheVisitorIsNotTakenForDamage() throws Exception {
        byte[] manifest = write(RandomTree.of(3));
        ManifestVisitor failing = new ManifestVisitor() {
            @Override
            public void header(ManifestHeader header) throws FailedException {
                throw new FailedException("no space", "");
            }

            @Override
            public void file(FileEntry file) {}

            @Override
            public void directory(SnapshotPath path) {}
        };

        assertThatThrownBy(() -> ManifestReader.read(new ByteArrayInputStream(manifest), "x", failing))
                .isInstanceOf(FailedException.class);
    }

    @Test
    void failureToReadIsNotTakenForDamage() {
        InputStream broken = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("connection reset");
            }
        };

        assertThatThrownBy(() -> ManifestReader.read(broken, "x", new RecordedManifest()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("connection reset");
    }

    /** Has every kind of line and of chunk. */
    private static RandomTree smallTree() {
        Digest digest = Digest.of(new byte[] {1});
        ChunkRef compressed = new ChunkRef(digest, 64, new StoredAs.Zstandard(9, digest));
        return new RandomTree(
                headerOf(64),
                List.of(
                        empty("a"),
                        new FileEntry(
                                new SnapshotPath("b/ü"),
                                129,
                                List.of(compressed, ChunkRef.plain(digest, 64), ChunkRef.plain(digest, 1)))),
                List.of(new SnapshotPath("c")));
    }

    private static byte[] write(RandomTree tree) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(out, tree.header());
        for (FileEntry file : tree.files()) {
            writer.file(file);
        }
        for (SnapshotPath directory : tree.directories()) {
            writer.directory(directory);
        }
        writer.finish();
        return out.toByteArray();
    }

    private static ManifestHeader headerOf(long chunkSize) {
        return new ManifestHeader(
                new DatabaseName("demo"),
                SnapshotId.parse("20261122T083300Z-5"),
                List.of(new DatabaseStore("", Engine.UNKNOWN, "copy", "none", chunkSize)));
    }

    private static FileEntry empty(String path) {
        return new FileEntry(new SnapshotPath(path), 0, List.of());
    }

    /** Gives a few bytes at a time, as a network does. */
    private static InputStream slowly(byte[] bytes) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return super.read(target, offset, Math.min(length, 7));
            }
        };
    }
}
