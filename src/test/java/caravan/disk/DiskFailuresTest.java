package caravan.disk;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The texts are those of Linux, with and without the name that Java puts before them. */
final class DiskFailuresTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new IOException("No space left on device"), "no space left", "free some space"),
                Arguments.of(
                        new FileSystemException("/s/x", null, "No space left on device"),
                        "no space left (/s/x)",
                        "free some space"),
                Arguments.of(new IOException("Disk quota exceeded"), "disk quota", "quota -s"),
                Arguments.of(new IOException("Input/output error"), "the disk failed", "dmesg"),
                Arguments.of(new IOException("File too large"), "file too large", "ulimit -f"),
                Arguments.of(new FileSystemException("/s", null, "Read-only file system"), "read-only (/s)", "mount"),
                Arguments.of(new FileSystemException("/s", null, "Too many open files"), "open files", "LimitNOFILE"),
                Arguments.of(new IOException("Stale file handle"), "file server", "mount it again"),
                Arguments.of(new AccessDeniedException("/s/x"), "permission denied (/s/x)", "the user whose files"),
                Arguments.of(new NoSuchFileException("/s/x"), "/s/x is not there", "run it again"),
                Arguments.of(new IOException("Something else"), "Something else", "system log"),
                Arguments.of(new IOException(), "IOException", "system log"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failureSaysWhatItMeansAndWhatToDo(IOException failure, String meaning, String hint) {
        FailedException said = DiskFailures.of("copying /db", failure);

        assertThat(said).hasMessageStartingWith("copying /db: ").hasMessageContaining(meaning);
        assertThat(said.hint()).contains(hint);
        assertThat(said).hasCause(failure);
    }
}
