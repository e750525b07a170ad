package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.lock.ExclusiveLock;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonLockTest {

    @TempDir
    Path directory;

    @Test
    void secondDaemonOnAStateDirectoryIsRefusedUntilTheFirstHasEnded() throws Exception {
        Path state = directory.resolve("state");
        try (ExclusiveLock first = DaemonLock.take(state)) {
            assertThat(first.isHeld()).isTrue();
            assertThatThrownBy(() -> DaemonLock.take(state))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(state + ": another caravan run has it")
                    .satisfies(failure -> assertThat(((CaravanException) failure).exitStatus())
                            .isEqualTo(4));
        }
        try (ExclusiveLock next = DaemonLock.take(state)) {
            assertThat(next.isHeld()).isTrue();
        }
    }
}
