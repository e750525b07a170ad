package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.app.Caravan;
import caravan.capture.HandedCapture;
import caravan.failure.RefusedException;
import caravan.locals3.LocalS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A capture by one process, as the node's user makes it, and a publication by another that only reads it. */
@Timeout(120)
final class HandedCaptureTest {

    @TempDir
    Path directory;

    private SampleDatabase database;

    private Path into;

    @BeforeEach
    void fill() {
        database = SampleDatabase.fill(directory.resolve("node"), "500KB");
        into = directory.resolve("handed");
    }

    @Test
    void treeIsWholeAndReadableForTheGroupAndTheNodesFilesAreWhatTheyWere() throws Exception {
        List<String> before = database.fingerprint();
        HandedCapture capture = new HandedCapture(into);

        capture.make(database.root(), List.of(), 0);

        assertThat(into.resolve("stage")).doesNotExist();
        try (Stream<Path> all = Files.walk(into.resolve("database"))) {
            assertThat(all).allMatch(HandedCaptureTest::isReadableForTheGroup);
        }
        assertThatThrownBy(() -> capture.make(database.root(), List.of(), 0)).isInstanceOf(RefusedException.class);
        capture.release();
        assertThat(into).doesNotExist();
        assertThat(database.fingerprint()).isEqualTo(before);
        capture.release();
    }

    @Test
    void directoryOfSomebodyElseIsNeitherUsedNorRemoved() throws Exception {
        Path precious = Files.createDirectories(into.resolve("database")).resolve("precious");
        Files.writeString(precious, "precious");
        HandedCapture capture = new HandedCapture(into);
        assertThatThrownBy(capture::release).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> capture.make(database.root(), List.of(), 0)).isInstanceOf(RefusedException.class);
        assertThat(precious).hasContent("precious");
    }

    @Test
    void publisherTakesItAsASnapshotOfTheFileSystemAndGivesItBack() throws Exception {
        String command =
                "'" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -XX:TieredStopAtLevel=1 -cp '"
                        + System.getProperty("java.class.path") + "' " + Caravan.class.getName() + " capture ";
        String places = "\"$CARAVAN_DIRECTORY\" '" + into + "'";
        try (LocalS3 server =
                LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY)) {
            Publisher publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "")
                    .set("caravan.database.demo.capture", "hook")
                    .set("caravan.database.demo.snapshot-command", command + places)
                    .set("caravan.database.demo.release-command", command + "--release " + places)
                    .set(
                            "caravan.database.demo.snapshot-directory",
                            into.resolve("database").toString());
            publisher.publish();
            PublishedBucket bucket =
                    new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
            Path restored = bucket.restore(bucket.latest().orElseThrow(), directory.resolve("restored"));
            assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(database.root()));
        }
        assertThat(into).doesNotExist();
    }

    private static boolean isReadableForTheGroup(Path path) {
        try {
            return Files.getPosixFilePermissions(path).contains(PosixFilePermission.GROUP_READ);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
