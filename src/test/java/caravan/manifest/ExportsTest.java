package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportsTest {

    private static final String A = "aa".repeat(32);
    private static final String B = "bb".repeat(32);
    private static final String NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private final ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    private final ByteArrayOutputStream aria2 = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sums = new ByteArrayOutputStream();
    private final ByteArrayOutputStream metalink = new ByteArrayOutputStream();

    @Test
    void fileOfOneChunkKeepsItsName() throws Exception {
        export("https://cdn.example.org/polkadot", file("db/000012.sst", plain(A, 7)));

        assertThat(chunks).hasToString("F\t7\tdb/000012.sst\nC\t0\t7\t" + A + "\tplain\n");
        assertThat(aria2)
                .hasToString("https://cdn.example.org/polkadot/chunks/aa/" + A
                        + "\n  out=db/000012.sst\n  checksum=sha-256=" + A + "\n");
        assertThat(sums).hasToString(A + "  db/000012.sst\n");
    }

    @Test
    void longerFileIsFetchedAndCheckedInParts() throws Exception {
        export("https://cdn.example.org", file("x", plain(A, 10), plain(B, 10), plain(A, 1)));

        assertThat(chunks)
                .hasToString("F\t21\tx\nC\t0\t10\t" + A + "\tplain\nC\t10\t10\t" + B + "\tplain\nC\t20\t1\t" + A
                        + "\tplain\n");
        assertThat(aria2.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("  out=")))
                .containsExactly("  out=x.part-00000", "  out=x.part-00001", "  out=x.part-00002");
        assertThat(sums).hasToString(A + "  x.part-00000\n" + B + "  x.part-00001\n" + A + "  x.part-00002\n");
    }

    @Test
    void compressedChunkIsFetchedAsAFrameAndCheckedAsContent() throws Exception {
        ChunkRef compressed = new ChunkRef(Digest.fromHex(A), 10, new StoredAs.Zstandard(9, Digest.fromHex(B)));

        export("https://cdn.example.org", file("x", compressed));

        assertThat(chunks).hasToString("F\t10\tx\nC\t0\t10\t" + A + "\tzst\n");
        assertThat(aria2)
                .hasToString(
                        "https://cdn.example.org/chunks/aa/" + A + ".zst\n  out=x.zst\n  checksum=sha-256=" + B + "\n");
        assertThat(sums).hasToString(A + "  x\n");
    }

    @Test
    void emptyFileHasNothingToFetch() throws Exception {
        export("https://cdn.example.org", file("x"));

        assertThat(chunks).hasToString("F\t0\tx\n");
        assertThat(aria2).hasToString("");
        assertThat(sums).hasToString(NOTHING + "  x\n");
    }

    @Test
    void emptyDirectoryIsInTheChunkListOnly() throws Exception {
        Exports exports = exports("https://cdn.example.org");
        exports.directory(new SnapshotPath("a/日本"));
        exports.finish();

        assertThat(chunks.toString(StandardCharsets.UTF_8)).isEqualTo("D\ta/日本\n");
        assertThat(aria2).hasToString("");
        assertThat(sums).hasToString("");
    }

    @Test
    void namesThatAria2WouldChangeAreGuardedOrLeftOut() throws Exception {
        export("https://cdn.example.org", file(" x", plain(A, 1)), file("a/${HOME}", plain(A, 1)));

        assertThat(aria2.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("  out=")))
                .containsExactly("  out=./ x");
        assertThat(sums).hasToString(A + "   x\n" + A + "  a/${HOME}\n");
    }

    @Test
    void slashAtTheEndOfThePublicUrlDoesNotMatter() throws Exception {
        export("http://127.0.0.1:8080/p/", file("x", plain(A, 1)));

        assertThat(aria2.toString(StandardCharsets.UTF_8)).startsWith("http://127.0.0.1:8080/p/chunks/aa/" + A + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cdn.example.org",
                "ftp://example.org",
                "https:///x",
                "file:/x",
                "https://e.org/?a=b",
                "https://e.org/#a"
            })
    void onlyPlainHttpUrlsAreTaken(String url) {
        assertThatThrownBy(() -> exports(url)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void metalinkSaysTheSameAsXml() throws Exception {
        export(
                "https://cdn.example.org",
                file("a<&>\"b", plain(A, 7)),
                file("x", plain(A, 10), plain(B, 1)),
                file("${HOME}", plain(A, 7)));

        assertThat(metalink.toString(StandardCharsets.UTF_8))
                .isEqualTo("<file name=\"a&lt;&amp;&gt;&quot;b\"><size>7</size><hash type=\"sha-256\">" + A
                        + "</hash><url>https://cdn.example.org/chunks/aa/" + A + "</url></file>\n"
                        + "<file name=\"x.part-00000\"><size>10</size><hash type=\"sha-256\">" + A
                        + "</hash><url>https://cdn.example.org/chunks/aa/" + A + "</url></file>\n"
                        + "<file name=\"x.part-00001\"><size>1</size><hash type=\"sha-256\">" + B
                        + "</hash><url>https://cdn.example.org/chunks/bb/" + B + "</url></file>\n"
                        + "<file name=\"${HOME}\"><size>7</size><hash type=\"sha-256\">" + A
                        + "</hash><url>https://cdn.example.org/chunks/aa/" + A + "</url></file>\n</metalink>\n");
    }

    private void export(String url, FileEntry... files) throws Exception {
        Exports exports = exports(url);
        for (FileEntry file : files) {
            exports.file(file);
        }
        exports.finish();
    }

    private Exports exports(String url) {
        return new Exports(chunks, aria2, sums, metalink, URI.create(url));
    }

    private static FileEntry file(String path, ChunkRef... chunks) {
        long size = 0;
        for (ChunkRef chunk : chunks) {
            size += chunk.size();
        }
        return new FileEntry(new SnapshotPath(path), size, List.of(chunks));
    }

    private static ChunkRef plain(String hex, long size) {
        return ChunkRef.plain(Digest.fromHex(hex), size);
    }
}
