package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.SnapshotPath;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/format.md shows is what the code reads, and the commands in it do what they promise. */
class FormatDocumentTest {

    private static final Path BUCKET = Path.of("src", "test", "resources", "golden", "v1", "bucket");

    private static final Path SNAPSHOT = BUCKET.resolve(GoldenSnapshot.keyOf(""));

    private static final String PUBLIC = "https://cdn.example.org/snapshots";

    @TempDir
    Path directory;

    private String document;
    private Path target;

    @BeforeEach
    void readDocument() throws IOException {
        document = Files.readString(Path.of("docs", "format.md"));
        target = Files.createDirectory(directory.resolve("target"));
    }

    @Test
    void examplesCanBeRead() throws Exception {
        List<String> examples = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
                .matcher(document)
                .results()
                .map(match -> match.group(1))
                .toList();

        assertThat(examples).hasSize(5);
        RecordedManifest manifest = new RecordedManifest();
        ManifestReader.read(new ByteArrayInputStream(utf8(examples.get(0))), "format.md", manifest);
        assertThat(manifest.files).hasSize(4);
        assertThat(RecordFormat.write(RecordFormat.read(utf8(examples.get(1).strip()), "format.md")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(examples.get(1).strip());
        assertThat(PointerFormat.write(PointerFormat.read(utf8(examples.get(2).strip()), "format.md")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(examples.get(2).strip());
        assertThat(CatalogFormat.write(CatalogFormat.read(utf8(examples.get(3).strip()), "format.md")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(examples.get(3).strip());
        assertThat(RegionsFormat.write(RegionsFormat.read(utf8(examples.get(4)), "format.md")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(examples.get(4));
    }

    @Test
    void partsAreJoinedToTheWholeSnapshot() throws Exception {
        assumeInstalled("bash", "awk", "zstd", "sha256sum", "cmp");
        Matcher download = Pattern.compile(PUBLIC + "/(.*)\n  out=(.*)\n")
                .matcher(Files.readString(SNAPSHOT.resolve(BucketPaths.ARIA2)));
        while (download.find()) {
            Path file = target.resolve(download.group(2));
            Files.createDirectories(file.getParent());
            Files.copy(BUCKET.resolve(download.group(1)), file);
        }

        run(SNAPSHOT, script("join"));

        assertRestored();
    }

    @Test
    void aria2RestoresTheWholeSnapshotFromItsMetalinkToo() throws Exception {
        restoreWithAria2("fetch by metalink");
    }

    @Test
    void aria2RestoresTheWholeSnapshot() throws Exception {
        restoreWithAria2("fetch");
    }

    private void restoreWithAria2(String fetch) throws Exception {
        assumeInstalled("bash", "awk", "zstd", "sha256sum", "cmp", "aria2c");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] content = Files.readAllBytes(
                    BUCKET.resolve(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
        server.start();
        try {
            Path snapshot = Files.createDirectory(directory.resolve("snapshot"));
            for (String name :
                    List.of(BucketPaths.CHUNKS, BucketPaths.SHA256SUMS, BucketPaths.ARIA2, BucketPaths.METALINK)) {
                String here = "http://127.0.0.1:" + server.getAddress().getPort();
                String content = Files.readString(SNAPSHOT.resolve(name)).replace(PUBLIC, here);
                Files.writeString(snapshot.resolve(name), content);
            }

            run(snapshot, script(fetch) + script("join"));
        } finally {
            server.stop(0);
        }

        assertRestored();
    }

    private void assertRestored() throws IOException {
        Map<SnapshotPath, byte[]> restored = new TreeMap<>();
        try (Stream<Path> files = Files.walk(target)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                restored.put(
                        new SnapshotPath(target.relativize(file).toString().replace(File.separatorChar, '/')),
                        Files.readAllBytes(file));
            }
        }
        assertThat(restored).containsExactlyEntriesOf(GoldenSnapshot.files());
        assertThat(target.resolve("db/full/archive")).isEmptyDirectory();
        assertThat(target.resolve("offchain/空/x y")).isEmptyDirectory();
    }

    private String script(String name) {
        Matcher block = Pattern.compile("<!-- tested: " + name + " -->\n```bash\n(.*?)```", Pattern.DOTALL)
                .matcher(document);
        assertThat(block.find()).as("block " + name).isTrue();
        return block.group(1);
    }

    private void run(Path snapshot, String script) throws Exception {
        Path output = directory.resolve("output");
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", script)
                .directory(target.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        bash.environment().put("snapshot", snapshot.toAbsolutePath().toString());
        Process process = bash.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(output)).isEmpty();
        assertThat(process.exitValue()).isZero();
    }

    private static void assumeInstalled(String... programs) {
        for (String program : programs) {
            assumeTrue(
                    Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                            .anyMatch(place -> Files.isExecutable(Path.of(place, program))),
                    program + " is not installed, so the commands of format.md cannot be run");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
