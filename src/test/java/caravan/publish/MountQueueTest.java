package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountQueueTest {

    @TempDir
    Path directory;

    @Test
    void secondOnTheSameMountWaitsForTheFirst() throws Exception {
        MountQueue queue = new MountQueue();
        Path other = Files.createDirectory(directory.resolve("other"));
        CompletableFuture<AutoCloseable> second;
        try (AutoCloseable first = queue.enter(directory)) {
            assertThat(first).isNotNull();
            second = CompletableFuture.supplyAsync(() -> enter(queue, other));
            assertThat(isDoneWithin(second, 100)).isFalse();
        }
        second.get(10, TimeUnit.SECONDS).close();
    }

    @Test
    void directoryThatIsNotThereHoldsUpNobody() throws Exception {
        MountQueue queue = new MountQueue();
        try (AutoCloseable missing = queue.enter(directory.resolve("missing"));
                AutoCloseable there = queue.enter(directory)) {
            assertThat(missing).isNotSameAs(there);
        }
    }

    private static boolean isDoneWithin(CompletableFuture<?> future, long millis) throws Exception {
        try {
            future.get(millis, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static AutoCloseable enter(MountQueue queue, Path path) {
        try {
            return queue.enter(path);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
