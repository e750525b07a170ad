package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.Caravan;
import caravan.capture.HandedCapture;
import caravan.failure.RefusedException;
import caravan.locals3.LocalS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A capture by one process, as the node's user makes it, and a publication by another that only reads it. */
@Timeout(120)
final class HandedCaptureTest {

    /** Numbers of users that own nothing. */
    private static final int NODE = 64_001;

    private static final int READER = 64_002;

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

    /** Linking the node's files is for its user, whatever its umask; reading what came of it is for its group, and no more. */
    @Test
    void userOfTheNodeMakesWhatAnotherUserOfItsGroupMayReadAndNotChange() throws Exception {
        requireRoot();
        Path place = Files.createDirectory(directory.resolve("place"));
        shell(
                0,
                0,
                "chown -R " + NODE + ":" + NODE + " '" + directory.resolve("node") + "' '" + place
                        + "' && chmod -R u=rwX,g=rX,o= '" + directory.resolve("node") + "' && chmod 755 '" + place
                        + "'");
        List<String> before = database.fingerprint();
        Path handed = place.resolve("handed");
        String command = "umask 077; exec " + programForEverybody();
        String places = " '" + database.root() + "' '" + handed + "'";

        shell(NODE, NODE, command + " capture" + places);

        shell(
                READER,
                NODE,
                "cd '" + handed.resolve("database") + "' && find . -type f -exec cat {} + >/dev/null"
                        + " && [ -z \"$(find . -writable)\" ] && ! rm -f db/full/CURRENT && [ -e db/full/CURRENT ]");
        shell(READER, READER, "! ls '" + handed.resolve("database") + "'");
        shell(NODE, NODE, command + " capture --release" + places);
        assertThat(handed).doesNotExist();
        assertThat(database.fingerprint()).isEqualTo(before);
    }

    @Test
    void whoMayNotReadADatabaseIsToldAsWhomToRun() throws Exception {
        requireRoot();
        Path store = database.root().resolve("db/full");
        shell(
                0,
                0,
                "chown -R " + NODE + ":" + NODE + " '" + directory.resolve("node") + "' && chmod -R a+rX '"
                        + directory.resolve("node") + "' && chmod 700 '" + store + "' && mkdir '" + directory
                        + "/place' && chown "
                        + READER + " '" + directory + "/place'");

        String said = shell(
                READER,
                READER,
                programForEverybody() + " capture '" + database.root() + "' '" + directory
                        + "/place/handed'; [ $? = 4 ]");

        assertThat(said)
                .contains(store.toString(), "is not permitted")
                .containsPattern("HINT: .*run as the node's user")
                .doesNotContain("\tat ");
    }

    private void requireRoot() throws Exception {
        assumeTrue(
                "root".equals(System.getProperty("user.name"))
                        && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0),
                "only root may become other users");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A command that every user may run: the build's own directory and that of its libraries may be closed to others. */
    private String programForEverybody() throws Exception {
        Path program = Files.createDirectory(directory.resolve("program"));
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path path = Path.of(entry);
            if (entry.endsWith(".jar")) {
                Files.copy(path, program.resolve(number++ + "-" + path.getFileName()));
            } else if (path.endsWith("classes")) {
                shell(0, 0, "cp -r '" + path + "' '" + program + "/classes'");
            }
        }
        shell(0, 0, "chmod -R a+rX '" + program + "'");
        return "'" + Path.of(System.getProperty("java.home"), "bin", "java") + "' -XX:TieredStopAtLevel=1 -cp '"
                + program + "/classes:" + program + "/*' " + Caravan.class.getName();
    }

    /** What it says, if it ends well. */
    private static String shell(int user, int group, String script) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups", "sh", "-c", script)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(script + ": " + said).isZero();
        return said;
    }

    private static boolean isReadableForTheGroup(Path path) {
        try {
            return Files.getPosixFilePermissions(path).contains(PosixFilePermission.GROUP_READ);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
