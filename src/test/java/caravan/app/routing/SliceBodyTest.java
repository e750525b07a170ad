package caravan.app.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceBodyTest {

    private static final int FILE_BYTES = 400_000;

    @TempDir
    Path directory;

    private final byte[] content = new byte[FILE_BYTES];

    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        new Random(7).nextBytes(content);
        file = Files.write(directory.resolve("file"), content);
    }

    @Test
    void givesExactlyItsRunOfBytes() throws Exception {
        try (SliceBody body = new SliceBody(file, 1_000, 300_000)) {
            assertThat(body.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 1_000, 301_000));
            assertThat(body.read()).isEqualTo(-1);
        }
    }

    @Test
    void beginsAgainAfterAResetWhereverItWas() throws Exception {
        try (SliceBody body = new SliceBody(file, 1_000, 300_000)) {
            body.readNBytes(123_456);
            body.reset();
            byte[] second = body.readAllBytes();
            body.reset();

            assertThat(second).isEqualTo(Arrays.copyOfRange(content, 1_000, 301_000));
            assertThat(body.readAllBytes()).isEqualTo(second);
        }
    }

    @Test
    void failureToReadNamesTheFile() throws Exception {
        try (SliceBody shortened = new SliceBody(file, 0, FILE_BYTES + 1);
                SliceBody unreadable = new SliceBody(directory, 0, 10)) {
            assertThatThrownBy(shortened::readAllBytes)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("ends at " + FILE_BYTES);
            assertThatThrownBy(unreadable::readAllBytes)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining(directory.toString());
        }
    }

    @Test
    void isReadAgainAfterItWasClosed() throws Exception {
        SliceBody body = new SliceBody(file, 5, 100);
        body.readAllBytes();
        body.close();
        body.reset();

        assertThat(body.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 5, 105));
    }

    @Test
    void copiesAreIndependent() throws Exception {
        try (SliceBody body = new SliceBody(file, 5, 100)) {
            body.readNBytes(50);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            body.copy(null).writeTo(out);

            assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(content, 5, 105));
            assertThat(body.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 55, 105));
            assertThat(body.length()).isEqualTo(100);
        }
    }

    @Test
    void fileThatEndsTooSoonIsAnErrorAndNotAShortBody() throws Exception {
        try (SliceBody body = new SliceBody(file, FILE_BYTES - 10, 20)) {
            assertThatThrownBy(body::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ends at");
        }
    }
}
