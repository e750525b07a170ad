package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state directory that cannot be used, and then can. */
class PublisherStateTest {

    private static final DatabaseName DEMO = new DatabaseName("demo");

    @TempDir
    Path state;

    @Test
    void lockIsGivenBackThoughWhatWasOpenedFailsToCloseAfterAFailure() throws Exception {
        Path directory = Files.createDirectories(state.resolve("publish/demo"));
        // It opens, and takes no line break for a number once that is flushed.
        Path hashes = Files.createSymbolicLink(directory.resolve("hashes"), Path.of("/proc/self/oom_score_adj"));
        Path tables = Files.createDirectory(directory.resolve("tables"));

        assertThatThrownBy(() -> PublisherState.open(state, DEMO, Clock.systemUTC()))
                .isInstanceOf(FailedException.class)
                .cause()
                .satisfies(failure -> assertThatThrownBy(() -> {
                            throw failure.getSuppressed()[0];
                        })
                        .as("the hashes did not close")
                        .isInstanceOf(IOException.class));

        Files.delete(hashes);
        Files.delete(tables);
        PublisherState.open(state, DEMO, Clock.systemUTC()).close();
    }

    @Test
    void fileThatIsNotNamedByAChunkStopsNoPublication() throws Exception {
        Digest chunk = Digest.of(new byte[] {1});
        Path suspected = Files.createDirectories(state.resolve("publish/demo/suspected"));
        Files.writeString(suspected.resolve(chunk.hex()), "");
        Files.writeString(suspected.resolve("notes.txt~"), "");

        try (PublisherState opened = PublisherState.open(state, DEMO, Clock.systemUTC())) {
            assertThat(opened.suspected()).containsExactly(chunk);
        }
    }

    @Test
    void lockIsGivenBackThoughTheHashesFailToClose() throws Exception {
        Path directory = Files.createDirectories(state.resolve("publish/demo"));
        Path hashes = Files.createSymbolicLink(directory.resolve("hashes"), Path.of("/proc/self/oom_score_adj"));
        PublisherState opened = PublisherState.open(state, DEMO, Clock.systemUTC());

        assertThatThrownBy(opened::close).isInstanceOf(IOException.class);

        Files.delete(hashes);
        PublisherState.open(state, DEMO, Clock.systemUTC()).close();
    }
}
