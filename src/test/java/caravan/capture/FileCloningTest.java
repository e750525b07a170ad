package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node may be down meanwhile, so a copy that cannot be made must say so. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FileCloningTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path base;

    private Path source;
    private Path target;

    @BeforeEach
    void makeDirectories() throws Exception {
        source = Files.createDirectory(base.resolve("source"));
        target = Files.createDirectory(base.resolve("target"));
    }

    @Test
    void copiesWhatItIsTold() throws Exception {
        Files.writeString(source.resolve("a file"), "text");

        try (FileCloning cloning = FileCloning.copying(source, target)) {
            cloning.copy(List.of("a file"), LONG);
        }

        assertThat(target.resolve("a file")).hasContent("text");
    }

    @Test
    void aCopyInWhichEveryFileFailsEndsWhateverItPrints() throws Exception {
        List<String> names = IntStream.range(0, 5000)
                .mapToObj(number -> "a-table-that-is-not-there-" + number + ".sst")
                .toList();

        try (FileCloning cloning = FileCloning.copying(source, target)) {
            assertThatThrownBy(() -> cloning.copy(names, LONG))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("a-table-that-is-not-there-0.sst")
                    .hasMessageContaining("(cp, status 123)")
                    .satisfies(failure -> assertThat(failure.getMessage()).hasSizeLessThan(3_000));
        }
    }

    @Test
    void aCopyThatHangsIsEndedInTime() throws Exception {
        makePipeThatNobodyWritesTo();

        try (FileCloning cloning = FileCloning.copying(source, target)) {
            assertThatThrownBy(() -> cloning.copy(List.of("pipe"), Duration.ofMillis(300)))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("took longer than 0.3 s")
                    .satisfies(failure ->
                            assertThat(((CaravanException) failure).hint()).contains("max-pause"));
        }
        assertThatNoCopyIsLeft();
    }

    @Test
    void aCopyThatHangsEndsWhenItIsInterrupted() throws Exception {
        makePipeThatNobodyWritesTo();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread copying = new Thread(() -> {
            try (FileCloning cloning = FileCloning.copying(source, target)) {
                cloning.copy(List.of("pipe"), LONG);
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        copying.start();
        copying.interrupt();
        copying.join();

        assertThat(thrown.get()).isInstanceOf(TransientException.class).hasMessageContaining("was interrupted");
        assertThatNoCopyIsLeft();
    }

    private void makePipeThatNobodyWritesTo() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", source.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
    }

    private void assertThatNoCopyIsLeft() {
        await().atMost(LONG).until(() -> ProcessHandle.allProcesses()
                .noneMatch(
                        process -> process.info().commandLine().orElse("").contains("--target-directory=" + target)));
    }
}
