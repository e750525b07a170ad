package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a database before it is captured, while its node may write to it. */
@Timeout(60)
class LiveFilesTest {

    @TempDir
    Path base;

    private Path manifest;

    private Path directory;

    @BeforeEach
    void fill() throws Exception {
        directory = base.resolve("db");
        try (SmallDatabase database = SmallDatabase.open(directory)) {
            database.write(20).flush().write(5);
        }
        manifest =
                directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
    }

    @Test
    void databaseThatIsWholeIsLetPass() {
        assertThatCode(() -> LiveFiles.require(directory)).doesNotThrowAnyException();
    }

    @Test
    void manifestThatIsDamagedAndThatNobodyWritesToIsTold() throws Exception {
        damage();

        assertThatThrownBy(() -> LiveFiles.require(directory))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("data follows the zeros");
    }

    @Test
    void manifestThatLooksDamagedWhileItIsWrittenIsLeftToTheCapture() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Thread engine = new Thread(() -> {
            try {
                while (over.getCount() > 0) {
                    damage();
                    begun.countDown();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        engine.start();
        try {
            begun.await();
            assertThatCode(() -> LiveFiles.require(directory)).doesNotThrowAnyException();
        } finally {
            over.countDown();
            engine.join();
        }
    }

    /** As a file looks whose end is being written. */
    private void damage() throws Exception {
        try (OutputStream end = Files.newOutputStream(manifest, StandardOpenOption.APPEND)) {
            end.write(new byte[100]);
            end.write(1);
        }
    }
}
