package caravan.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
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

    @Test
    void fileThatIsMadeHasTheModeThatWasAskedForAndALinkIsRefused() throws Exception {
        FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (ExclusiveLock lock = ExclusiveLock.tryTake(file, mode).orElseThrow()) {
            assertThat(lock.isHeld()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("elsewhere"));
        assertThatThrownBy(() -> ExclusiveLock.tryTake(link)).isInstanceOf(IOException.class);
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void fileThatWasRemovedOrReplacedIsNotTheOneThatWasLocked() throws Exception {
        try (ExclusiveLock lock = ExclusiveLock.tryTake(file).orElseThrow()) {
            assertThat(lock.isStillThere()).isTrue();
            Files.delete(file);
            assertThat(lock.isStillThere()).isFalse();
            Files.createFile(file);
            assertThat(lock.isStillThere()).isFalse();
        }
    }

    private boolean isFreeForAnotherProcess() throws Exception {
        return AnotherProcess.canLock(file);
    }
}
