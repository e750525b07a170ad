package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.TransientException;
import caravan.snapshot.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of an engine we do not know, for whose end a stopped node waits. */
final class CopiedTreeTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path base;

    private Path store;

    private Path staged;

    @BeforeEach
    void writeStore() throws Exception {
        store = Files.createDirectory(base.resolve("store"));
        staged = Files.createDirectory(base.resolve("staged"));
        Files.write(store.resolve("data"), new byte[20_000_000]);
    }

    @AfterEach
    void forgetInterrupt() {
        Thread.interrupted();
    }

    @Test
    void whoeverIsToldToStopCopiesNoFileToItsEnd() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> tree(LONG).take())
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("was interrupted");

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        assertThat(staged.resolve("f-0").toFile().length()).isLessThan(20_000_000);
    }

    @Test
    void copyThatTakesLongerThanItMayIsGivenUpInTheMidstOfAFile() {
        assertThatThrownBy(() -> tree(Duration.ZERO).take())
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("took longer than 0.0 s");

        assertThat(staged.resolve("f-0").toFile().length()).isLessThan(20_000_000);
    }

    private CopiedTree tree(Duration limit) {
        StoreLocation location = new StoreLocation("", store, Set.of(store), Engine.UNKNOWN);
        return new CopiedTree(new StoreDescription(location, "copy", 1), staged, limit);
    }
}
