package caravan.pace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Real threads and processes, and what the system says of their I/O priority. */
final class IoPriorityTest {

    @Test
    void threadThatReadsIsLoweredAndTheOneThatStartedItIsNot() throws Exception {
        requireIonice();
        String before = priorityOfThisThread();
        assertThat(inThread(IoPriority.of("low"))).isEqualTo("best-effort: prio 7");
        assertThat(inThread(IoPriority.of("idle"))).isEqualTo("idle");
        assertThat(inThread(IoPriority.of("normal"))).isEqualTo(before);
        assertThat(priorityOfThisThread()).isEqualTo(before);
    }

    @Test
    void processIsStartedWithIt() throws Exception {
        requireIonice();
        assertThat(said(IoPriority.of("idle").command(List.of("sh", "-c", "ionice -p $$"))))
                .isEqualTo("idle");
        assertThat(IoPriority.NORMAL.command(List.of("true"))).containsExactly("true");
    }

    @Test
    void otherNamesAreNone() {
        assertThatThrownBy(() -> IoPriority.of("high")).isInstanceOf(IllegalArgumentException.class);
    }

    private static String inThread(IoPriority priority) throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                priority.applyToThisThread();
                seen.complete(priorityOfThisThread());
            } catch (Exception e) {
                seen.completeExceptionally(e);
            }
        });
        thread.start();
        thread.join();
        return seen.get();
    }

    private static String priorityOfThisThread() throws Exception {
        Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self"));
        return said(List.of("ionice", "-p", thread.getFileName().toString()));
    }

    private static String said(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    private static void requireIonice() {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ionice")), "ionice (util-linux) is not installed");
    }
}
