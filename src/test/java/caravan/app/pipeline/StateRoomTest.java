package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateRoomTest {

    @TempDir
    Path directory;

    @Test
    void directoryThatIsStillMissingWillDo() {
        assertThatCode(() -> StateRoom.require(directory.resolve("a/b"), 1)).doesNotThrowAnyException();
    }

    @Test
    void fileInThePlaceOfTheDirectoryIsToldByItsName() throws Exception {
        Path file = Files.createFile(directory.resolve("state"));

        for (Path state : new Path[] {file, file.resolve("below")}) {
            assertThatThrownBy(() -> StateRoom.require(state, 1))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining(file + " is no directory");
        }
    }

    @Test
    void directoryWithoutRoomIsToldByItsNameAndHowMuchItNeeds() {
        assertThatThrownBy(() -> StateRoom.require(directory, Long.MAX_VALUE))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(directory + ": no space left")
                .hasMessageContaining("it needs " + Long.MAX_VALUE);
    }
}
