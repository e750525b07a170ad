package caravan.samplenode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AcknowledgedHeadTest {

    @TempDir
    Path directory;

    @Test
    void whoReadsWhileItIsMadeFindsNoFileOrAWholeOne() throws Exception {
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            for (int number = 0; number < 200; number++) {
                Path file = directory.resolve("acknowledged-" + number);
                Future<Long> first = reader.submit(() -> {
                    while (Files.notExists(file)) {
                        Thread.onSpinWait();
                    }
                    return AcknowledgedHead.read(file);
                });

                AcknowledgedHead.map(file);

                assertThat(first.get()).isZero();
            }
        } finally {
            reader.shutdownNow();
        }
    }

    @Test
    void whatWasAcknowledgedOutlivesTheProcess() throws Exception {
        Path file = directory.resolve("acknowledged");
        AcknowledgedHead.map(file).set(7);

        assertThat(AcknowledgedHead.read(file)).isEqualTo(7);
        AcknowledgedHead.map(file);
        assertThat(AcknowledgedHead.read(file)).isEqualTo(7);
        try (var left = Files.list(directory)) {
            assertThat(left).containsExactly(file);
        }
    }
}
