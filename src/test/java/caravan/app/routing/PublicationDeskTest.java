package caravan.app.routing;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.CaptureRequest;
import caravan.capture.CapturedDatabase;
import caravan.capture.DatabaseCapture;
import caravan.publish.Publication;
import caravan.publish.Publications;
import caravan.publish.PublishedDatabase;
import caravan.publish.PublishedHistory;
import caravan.publish.Statement;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.store.InMemoryObjectStore;
import caravan.store.InMemoryObjectStore.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of publications when the program is told to stop. */
final class PublicationDeskTest {

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    @TempDir
    Path directory;

    private PublicationDesk desk;

    @BeforeEach
    void makeDesk() {
        PublishedHistory history =
                new PublishedHistory(store, TrustedKeys.of(SigningKey.generate().publicKey()), 16);
        Publications publications = new Publications(
                Stream.of("a", "b").map(this::database).toList(),
                directory.resolve("state"),
                0,
                Duration.ZERO,
                new NoCapture(),
                history,
                history,
                Clock.systemUTC());
        desk = new PublicationDesk(publications, history, Clock.systemUTC());
    }

    @Test
    void oneThatBeginsWhileTheProgramIsToldToStopIsStoppedToo() throws Exception {
        store.failing((operation, path) -> {
            if (operation.equals("read") && path.equals(BucketPaths.latest(new DatabaseName("a")))) {
                desk.stop();
            }
            return Verdict.PASS;
        });
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            Publication publication = desk.begin("a", new DefaultExchange(camel));

            assertThat(publication.isStopped()).isTrue();
            assertThat(publication.hasFailed()).isTrue();
            desk.abandon();
        }
    }

    @Test
    void abandonedOnesAreAllCleanedUpBeforeAStoreThatMayNotAnswerIsAsked() throws Exception {
        List<Path> leftAtFirst = new ArrayList<>();
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            for (String name : List.of("a", "b")) {
                desk.begin(name, new DefaultExchange(camel));
                Files.createFile(work(name).resolve("left"));
            }
            store.failing((operation, path) -> {
                if (operation.equals("put") && leftAtFirst.isEmpty()) {
                    for (String name : List.of("a", "b")) {
                        leftAtFirst.addAll(left(name));
                    }
                    leftAtFirst.add(directory);
                }
                return Verdict.PASS;
            });

            desk.abandon();
        }

        assertThat(leftAtFirst).as("what was left when the store was asked").containsExactly(directory);
        assertThat(store.objects().values())
                .allMatch(note -> new String(note, StandardCharsets.UTF_8).contains("\"ended\":true"));
    }

    /** Camel interrupts what does not end in its time, and a client sends nothing for an interrupted thread. */
    @Test
    void anAttemptToEndASessionThatIsCutOffDoesNotCutOffTheNext() throws Exception {
        AtomicBoolean cutOff = new AtomicBoolean();
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            desk.begin("a", new DefaultExchange(camel));
            store.failing((operation, path) -> {
                if (operation.equals("put") && cutOff.compareAndSet(false, true)) {
                    Thread.currentThread().interrupt();
                }
                return Thread.currentThread().isInterrupted() ? Verdict.FAIL : Verdict.PASS;
            });

            desk.abandon();
        }

        assertThat(Thread.interrupted()).as("it is not lost").isTrue();
        assertThat(store.objects().values())
                .allMatch(note -> new String(note, StandardCharsets.UTF_8).contains("\"ended\":true"));
    }

    private List<Path> left(String name) {
        Path left = work(name).resolve("left");
        return Files.exists(left) ? List.of(left) : List.of();
    }

    private Path work(String name) {
        return directory.resolve("state/publish").resolve(name).resolve("work");
    }

    private PublishedDatabase database(String name) {
        return new PublishedDatabase(
                new DatabaseName(name),
                directory.resolve(name),
                List.of(),
                directory.resolve("stage-" + name),
                0,
                0,
                new Statement("", "", "", ""),
                List.of(),
                false);
    }

    private static final class NoCapture implements DatabaseCapture {

        @Override
        public CapturedDatabase capture(CaptureRequest request) {
            throw new IllegalStateException("nothing is captured");
        }

        @Override
        public List<String> check(CaptureRequest request) {
            return List.of();
        }
    }
}
