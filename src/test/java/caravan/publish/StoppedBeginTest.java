package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.TransientException;
import caravan.pace.StoppableWaiting;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.store.Brake;
import caravan.store.InMemoryObjectStore;
import caravan.store.InMemoryObjectStore.Verdict;
import caravan.store.PatientStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that does not begin, because the program is told to stop while the store wants to be left alone. */
class StoppedBeginTest {

    private static final DatabaseName NAME = TestDatabase.NAME;

    private final StoppableWaiting waiting = new StoppableWaiting();

    private final Brake brake = new Brake(Duration.ofSeconds(1), Duration.ofSeconds(2), waiting, new Random(1));

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private final TrustedKeys trusted = TrustedKeys.of(SigningKey.generate().publicKey());

    @TempDir
    Path directory;

    @Test
    void endsItsSessionIfItIsStoppedWhileItLooks() {
        stopAt("read", BucketPaths.latest(NAME), Verdict.FAIL);

        assertBeginFailsAndItsSessionEnds();
    }

    @Test
    void endsItsSessionIfTheAnswerToItsRegistrationIsLost() {
        stopAt("create", BucketPaths.CONTROL + "/sessions/", Verdict.LOSE_ANSWER);

        assertBeginFailsAndItsSessionEnds();
    }

    private void stopAt(String operation, String path, Verdict verdict) {
        store.failing((asked, what) -> {
            if (!asked.equals(operation) || !what.startsWith(path)) {
                return Verdict.PASS;
            }
            brake.failed(new TransientException("busy", "later", null, Duration.ofMinutes(10)));
            waiting.stop();
            return verdict;
        });
    }

    private void assertBeginFailsAndItsSessionEnds() {
        PublishedHistory history = new PublishedHistory(new PatientStore(store, brake, 0), trusted, 16);
        PublishedHistory sessions = new PublishedHistory(store, trusted, 16);
        PublishedDatabase database = TestDatabase.in(directory);
        Publications publications = new Publications(
                List.of(database),
                directory.resolve("state"),
                0,
                Duration.ZERO,
                new FakeCapture(directory),
                history,
                sessions,
                Clock.systemUTC());

        assertThatThrownBy(() -> publications.begin(NAME.value())).isInstanceOf(TransientException.class);

        String session = store.objects().keySet().stream()
                .filter(path -> path.startsWith(BucketPaths.CONTROL + "/sessions/"))
                .findFirst()
                .orElseThrow();
        assertThat(new String(store.objects().get(session), StandardCharsets.UTF_8))
                .contains("\"ended\":true");
        assertThat(directory.resolve("state/publish/demo/session")).doesNotExist();
    }
}
