package caravan.lock;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One lock, as this process and another see it. */
class ExclusiveLockTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("lock");
    }

    @Test
    void whoIsRefusedInThisProcessDoesNotTakeTheLockAwayFromItsHolder() throws Exception {
        try (ExclusiveLock lock = ExclusiveLock.tryTake(file).orElseThrow()) {
            assertThat(lock).isNotNull();
            assertThat(ExclusiveLock.tryTake(file)).isEmpty();
            Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
            assertThat(ExclusiveLock.tryTake(link.resolve("lock"))).isEmpty();

            assertThat(isFreeForAnotherProcess()).isFalse();
        }
        assertThat(isFreeForAnotherProcess()).isTrue();
    }

    @Test
    void whoLetGoCanTakeItAgain() throws Exception {
        ExclusiveLock first = ExclusiveLock.tryTake(file).orElseThrow();
        first.close();
        try (ExclusiveLock second = ExclusiveLock.tryTake(file).orElseThrow()) {
            assertThat(second).isNotNull();
            first.close();
            assertThat(isFreeForAnotherProcess()).isFalse();
            assertThat(ExclusiveLock.tryTake(file)).isEmpty();
        }
    }

    private boolean isFreeForAnotherProcess() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        file.toString())
                .inheritIO()
                .start();
        assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return other.exitValue() == 0;
    }

    /** Ends with 0 if it can lock the file that is its argument. */
    public static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws Exception {
            try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
                System.exit(channel.tryLock() == null ? 1 : 0);
            }
        }
    }
}
