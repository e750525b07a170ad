package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.locals3.LocalS3;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Restores from the plain-file layout with rclone, by the commands of Parity's {@code node} Helm chart. */
@Timeout(300)
final class FileLayoutTest {

    private static final String PREFIX = "data";

    @TempDir
    Path directory;

    private LocalS3 server;
    private SampleDatabase database;
    private Publisher publisher;
    private PublishedBucket bucket;

    @BeforeEach
    void start() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), PREFIX)
                .set("caravan.database.demo.chunk-size", "5MiB")
                .set("caravan.publish.filelist-grace", "0s")
                .set("caravan.publish.layouts", "chunks,filelist");
        bucket = new PublishedBucket(
                directory.resolve("s3").resolve(Publisher.BUCKET).resolve(PREFIX), publisher.trusted());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theRestoreStepsOfAHelmChartWorkUnchanged() throws Exception {
        assumeTrue(has("rclone"), "rclone is not installed");
        for (int publication = 1; publication <= 3; publication++) {
            database.write(200);
            publisher.publish();
        }
        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        bucket.requireKnownNamesOnly();
        String url = server.publicUrl() + "/" + PREFIX + "/demo/files";
        Path chart = Files.createDirectory(directory.resolve("chart"));

        // http-filelist
        rclone(
                "copyurl",
                url + "/" + BucketPaths.LATEST_VERSION,
                chart.resolve("latest").toString());
        String version = Files.readString(chart.resolve("latest")).strip();
        rclone(
                "copyurl",
                url + "/" + version + "/files.txt",
                chart.resolve("files.txt").toString());
        rclone(
                "copy",
                "--transfers",
                "20",
                "--no-traverse",
                "--http-no-head",
                "--disable-http2",
                "--no-gzip-encoding",
                "--size-only",
                "--files-from",
                chart.resolve("files.txt").toString(),
                "--http-url",
                url + "/" + version,
                ":http:",
                chart.resolve("http").toString());
        // s3
        rclone(
                "sync",
                ":s3:" + Publisher.BUCKET + "/" + PREFIX + "/demo/files/" + version,
                chart.resolve("s3").toString());

        assertThat(version).isEqualTo(latest.record().snapshot().toString());
        assertHolds(chart.resolve("http"), latest);
        assertHolds(chart.resolve("s3"), latest);
        assertThat(SampleDatabase.heightOf(chart.resolve("http"))).isPositive();
        assertThat(Files.readAllLines(bucketFile("_control/files/demo")))
                .hasSize(2)
                .endsWith(version);
        assertThat(bucketFile("demo/files").toFile().listFiles(File::isDirectory))
                .hasSize(2);
    }

    @Test
    void withoutTheSettingThereAreNoFiles() throws Exception {
        publisher.leave("caravan.publish.layouts").publish();

        assertThat(bucket.latest()).isPresent();
        assertThat(bucketFile("demo/files")).doesNotExist();
        assertThat(bucketFile("_control/files")).doesNotExist();
    }

    @Test
    void anUnknownLayoutStopsTheStart() {
        publisher.set("caravan.publish.layouts", "chunks,filelists");

        assertThatThrownBy(publisher::publish).hasMessageContaining("filelists is no layout");
    }

    private Path bucketFile(String key) {
        return directory.resolve("s3").resolve(Publisher.BUCKET).resolve(PREFIX).resolve(key);
    }

    private static void assertHolds(Path copy, PublishedBucket.Snapshot snapshot) throws IOException {
        for (FileEntry file : snapshot.files()) {
            byte[] content = Files.readAllBytes(copy.resolve(file.path().value()));
            int from = 0;
            for (var chunk : file.chunks()) {
                byte[] part = Arrays.copyOfRange(content, from, from + (int) chunk.size());
                assertThat(Digest.of(part)).as(file.path().value()).isEqualTo(chunk.digest());
                from += (int) chunk.size();
            }
            assertThat(content).hasSize(from);
        }
        try (Stream<Path> all = Files.walk(copy)) {
            long found = all.filter(Files::isRegularFile)
                    .filter(path -> !path.endsWith(BucketPaths.FILE_LIST))
                    .count();
            assertThat(found).isEqualTo(snapshot.files().size());
        }
    }

    private void rclone(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("rclone", "--config", "/dev/null"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy") || name.startsWith("AWS_"));
        URI endpoint = server.endpoint();
        builder.environment().put("RCLONE_S3_PROVIDER", "Other");
        builder.environment().put("RCLONE_S3_ENDPOINT", endpoint.toString());
        builder.environment().put("RCLONE_S3_ACCESS_KEY_ID", Publisher.ACCESS_KEY);
        builder.environment().put("RCLONE_S3_SECRET_ACCESS_KEY", Publisher.SECRET_KEY);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as("%s%n%s", command, said).isZero();
    }

    private static boolean has(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
