package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.pace.MovableClock;
import caravan.pace.RateLimit;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.InMemoryObjectStore;
import caravan.store.InMemoryObjectStore.Verdict;
import caravan.store.StoreAbilities;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A publication whose machine sleeps until a collector has given it up: it must lead nobody to what may be gone. */
class SleptPublicationTest {

    private static final DatabaseName NAME = TestDatabase.NAME;

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-01T08:00:00Z"));

    private final InMemoryObjectStore store = new InMemoryObjectStore().at(clock);

    private final SigningKey key = SigningKey.generate();

    @TempDir
    Path directory;

    @Test
    void publicationThatSleepsForLessIsPublished() throws Exception {
        sleepBefore(BucketPaths.RECORD, PublishedHistory.SESSION_LIFETIME);

        publish();

        assertThat(store.objects()).containsKey(BucketPaths.latest(NAME));
    }

    @ParameterizedTest
    @ValueSource(strings = {BucketPaths.MANIFEST, BucketPaths.METALINK, BucketPaths.RECORD})
    void latestDoesNotMoveToASnapshotThatWasFinishedTooLate(String object) {
        sleepBefore(object, PublishedHistory.SESSION_LIFETIME.plusSeconds(1));

        assertThatThrownBy(this::publish)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("longer than its session lives");

        assertThat(store.objects()).doesNotContainKey(BucketPaths.latest(NAME));
    }

    @Test
    void whoSleptBeforeTheRecordStoresNone() {
        sleepBefore(BucketPaths.METALINK, PublishedHistory.SESSION_LIFETIME.plusSeconds(1));

        assertThatThrownBy(this::publish).isInstanceOf(CaravanException.class);

        assertThat(store.objects().keySet()).noneMatch(path -> path.endsWith("/" + BucketPaths.RECORD));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void latestDoesNotMoveIfSomebodyEndedTheSession(boolean removed) {
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.endsWith("/" + BucketPaths.RECORD)) {
                endSession(removed);
            }
            return Verdict.PASS;
        });

        assertThatThrownBy(this::publish)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("ended the session");

        assertThat(store.objects()).doesNotContainKey(BucketPaths.latest(NAME));
    }

    private void endSession(boolean removed) {
        store.objects().forEach((path, bytes) -> {
            if (path.startsWith("_control/sessions/") && removed) {
                store.lose(path);
            } else if (path.startsWith("_control/sessions/")) {
                String note = new String(bytes, UTF_8);
                store.tamper(
                        path, note.replace("\"ended\":false", "\"ended\":true").getBytes(UTF_8));
            }
        });
    }

    private void sleepBefore(String object, Duration time) {
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.endsWith("/" + object)) {
                clock.advance(time);
            }
            return Verdict.PASS;
        });
    }

    private void publish() throws Exception {
        byte[] bytes = new byte[10];
        FakeCapture capture = new FakeCapture(directory).file("table.sst", bytes);
        PublishedHistory history = new PublishedHistory(store, TrustedKeys.of(key.publicKey()), 16);
        PublishedDatabase database = TestDatabase.in(directory);
        Publications publications = new Publications(
                List.of(database), directory.resolve("state"), 0, Duration.ZERO, capture, history, history, clock);
        try (Publication publication = publications.begin(NAME.value())) {
            publications.capture(publication);
            for (ChunkSlice slice : slices(publication.chunks())) {
                send(publication, slice);
            }
            publication.requireEveryChunkStored();
            new SnapshotProof(key, URI.create("https://cdn.example.org"), Duration.ofDays(7)).prove(publication);
            SnapshotPublishing publishing =
                    new SnapshotPublishing(store, () -> true, key, history, Duration.ofDays(1), clock);
            publishing.announce(publication);
            publishing.putManifest(publication);
            publishing.putExports(publication);
            publishing.putRecord(publication);
            publishing.moveLatest(publication);
        }
    }

    private static List<ChunkSlice> slices(Iterator<ChunkSlice> chunks) {
        List<ChunkSlice> slices = new ArrayList<>();
        chunks.forEachRemaining(slices::add);
        return slices;
    }

    /** What the upload routes do with one chunk. */
    private void send(Publication publication, ChunkSlice slice) throws Exception {
        ChunkPresence presence = new ChunkPresence(store, new StoreAbilities(true, true, true, true), "bucket");
        NamedChunk chunk = presence.look(new ChunkNaming(RateLimit.unlimited(), ChunkPacking.NONE).name(slice));
        byte[] file = Files.readAllBytes(slice.file().staged());
        int from = Math.toIntExact(slice.offset());
        byte[] bytes = Arrays.copyOfRange(file, from, from + Math.toIntExact(slice.size()));
        store.create(chunk.path(), Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE));
        publication.acknowledge(presence.acknowledge(chunk));
    }
}
