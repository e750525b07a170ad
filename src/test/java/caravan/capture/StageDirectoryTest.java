package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageDirectoryTest {

    private static final DatabaseName NAME = new DatabaseName("demo");

    @TempDir
    Path base;

    @Test
    void removesWhatADeadRunLeftAndNothingThatItsLinksName() throws Exception {
        Path live = Files.writeString(base.resolve("live"), "data");
        Path secret = Files.createDirectory(base.resolve("keystore"));
        Files.writeString(secret.resolve("key"), "secret");
        Path stage = leftBehind();
        Files.createLink(stage.resolve("store-0/000001.sst"), live);
        Files.createSymbolicLink(stage.resolve("store-0/link"), secret);

        try (StageDirectory taken = StageDirectory.open(stage, NAME)) {
            assertThat(taken.path().resolve("store-0")).doesNotExist();
            assertThat(taken.newDirectory("store-0")).isEmptyDirectory();
            assertThat(taken.newDirectory("store-0"))
                    .as("never the place of another capture")
                    .isNotEqualTo(taken.newDirectory("store-0"));
        }

        assertThat(stage).doesNotExist();
        assertThat(live).hasContent("data");
        assertThat(secret.resolve("key")).hasContent("secret");
    }

    @Test
    void isForTheEyesOfItsUserOnly() throws Exception {
        try (StageDirectory stage = StageDirectory.open(base.resolve("stage"), NAME)) {
            assertThat(Files.getPosixFilePermissions(stage.path())).hasSize(3);
        }
    }

    @Test
    void anInterruptLeavesNoHalfStage() throws Exception {
        Thread.currentThread().interrupt();

        StageDirectory stage = StageDirectory.open(base.resolve("stage"), NAME);

        assertThat(Thread.interrupted()).isTrue();
        stage.close();
        assertThat(base.resolve("stage")).doesNotExist();
    }

    @Test
    void takesAnEmptyDirectory() throws Exception {
        Path empty = Files.createDirectory(base.resolve("stage"));

        StageDirectory.open(empty, NAME).close();

        assertThat(empty).doesNotExist();
    }

    @Test
    void takesOneWhoseRunDiedBeforeItWroteTheMarker() throws Exception {
        Path stage = Files.createDirectory(base.resolve("stage"));
        Files.createFile(stage.resolve(".caravan-stage"));

        StageDirectory.open(stage, NAME).close();

        assertThat(stage).doesNotExist();
    }

    @Test
    void refusesADirectoryThatIsNotOursAndTouchesNothingInIt() throws Exception {
        Path foreign = Files.createDirectory(base.resolve("foreign"));
        Files.writeString(foreign.resolve("data"), "mine");

        assertRefused(foreign, NAME, "no marker");
        assertThat(foreign.resolve("data")).hasContent("mine");
        assertThat(foreign).isDirectoryNotContaining(entry -> !entry.endsWith("data"));
    }

    @Test
    void refusesTheStageOfAnotherDatabase() throws Exception {
        assertRefused(leftBehind(), new DatabaseName("other"), "not that of database other");
    }

    @Test
    void refusesALinkOrAFile() throws Exception {
        Path target = Files.createDirectory(base.resolve("target"));
        assertRefused(Files.createSymbolicLink(base.resolve("link"), target), NAME, "not a directory");
        assertRefused(Files.createFile(base.resolve("file")), NAME, "not a directory");
    }

    @Test
    void refusesAMarkerThatIsALink() throws Exception {
        Path stage = Files.createDirectory(base.resolve("stage"));
        Path victim = Files.createFile(base.resolve("victim"));
        Files.createSymbolicLink(stage.resolve(".caravan-stage"), victim);

        assertRefused(stage, NAME, "marker is not a small file");
        assertThat(victim).isEmptyFile();
    }

    @Test
    void doesNotRemoveWhatNoCapturePutThere() throws Exception {
        Path stage = leftBehind();
        Path stranger = Files.createDirectory(stage.resolve("precious"));

        assertThatThrownBy(() -> StageDirectory.open(stage, NAME)).isInstanceOf(FailedException.class);

        assertThat(stranger).exists();
    }

    @Test
    void refusesAStageInUseUntilItIsClosed() throws Exception {
        Path path = base.resolve("stage");
        StageDirectory first = StageDirectory.open(path, NAME);
        assertRefused(path, NAME, "in use");

        first.close();
        first.close();
        StageDirectory.open(path, NAME).close();
    }

    @Test
    void aRefusalLeavesTheLockOfTheOneInUse() throws Exception {
        Path path = base.resolve("stage");
        try (StageDirectory first = StageDirectory.open(path, NAME)) {
            assertRefused(path, NAME, "in use");

            Process other = otherProcess(path);
            assertThat(other.waitFor()).isEqualTo(1);
            assertThat(first.path()).exists();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void refusesAStageThatAnotherProcessUses() throws Exception {
        Path path = base.resolve("stage");
        Process other = otherProcess(path);
        try (var said = other.inputReader()) {
            assertThat(said.readLine()).isEqualTo("held");
            assertRefused(path, NAME, "in use");
            assertRefused(path, NAME, "in use");
            other.destroyForcibly().waitFor();
        }

        StageDirectory.open(path, NAME).close();
        assertThat(path).doesNotExist();
    }

    private static Process otherProcess(Path stage) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        HoldsAStage.class.getName(),
                        stage.toString())
                .start();
    }

    /** Main class of another process: holds a stage with something in it until it is killed. */
    static final class HoldsAStage {

        private HoldsAStage() {}

        public static void main(String[] arguments) throws Exception {
            StageDirectory stage = StageDirectory.open(Path.of(arguments[0]), NAME);
            Files.createFile(stage.newDirectory("store-0").resolve("000001.sst"));
            System.out.println("held");
            System.in.read();
        }
    }

    private static void assertRefused(Path stage, DatabaseName database, String words) {
        assertThatThrownBy(() -> StageDirectory.open(stage, database))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(words);
    }

    private Path leftBehind() throws Exception {
        Path stage = base.resolve("stage");
        Path marker = stage.resolve(".caravan-stage");
        String text;
        try (StageDirectory first = StageDirectory.open(stage, NAME)) {
            text = Files.readString(marker);
            assertThat(first.path()).isEqualTo(stage);
        }
        Files.createDirectories(stage.resolve("store-0"));
        Files.createDirectories(stage.resolve("hold-0"));
        Files.writeString(marker, text);
        return stage;
    }
}
