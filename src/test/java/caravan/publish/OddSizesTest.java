package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.pace.FakeTime;
import caravan.pace.RateLimit;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.InMemoryObjectStore;
import caravan.store.StoreAbilities;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of every size around the edges of the cut rule, through all steps of a publication. */
final class OddSizesTest {

    private static final DatabaseName NAME = TestDatabase.NAME;

    private static final int C = FakeCapture.CHUNK;

    private static final List<Integer> SIZES =
            List.of(0, 1, C - 1, C, C + 1, 2 * C - 1, 2 * C, 2 * C + 1, 3 * C - 1, 3 * C, 3 * C + 1, 7 * C);

    private static final List<String> ODD_NAMES = List.of(
            "with space",
            "quote'\"`$(x)",
            "100%25+%&#38;",
            "-rf",
            "Zoë-日本.sst",
            "n".repeat(255),
            "deep/er/and/deeper/${HOME}",
            "CON",
            "a*?b");

    @TempDir
    Path directory;

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private final Random random = new Random(5);

    private final SigningKey key = SigningKey.generate();

    @Test
    void everyFileCanBePutTogetherAgain() throws Exception {
        FakeCapture capture = capture();
        publish(capture, false);
        Map<SnapshotPath, byte[]> found = restore();
        assertThat(found.keySet()).isEqualTo(capture.contents().keySet());
        capture.contents()
                .forEach((path, content) ->
                        assertThat(found.get(path)).as(path.value()).isEqualTo(content));
    }

    @Test
    void clientRestoresFilesOfEverySizeAndOfOddNamesAsTheyWere() throws Exception {
        FakeCapture capture = capture();
        for (String name : ODD_NAMES) {
            capture.file(name, bytes(name.length()));
        }
        publish(capture, true);
        Path restored = directory.resolve("restored");

        new Fetch(
                        ClientSettings.of(TrustedKeys.of(key.publicKey()), directory.resolve("client")),
                        Clock.systemUTC(),
                        new Progress(),
                        found -> {})
                .run(SnapshotLocation.parse(bucketOnDisk() + "/" + NAME), restored, Expectations.NONE);

        assertThat(namesBelow(restored))
                .containsExactlyInAnyOrderElementsOf(capture.contents().keySet().stream()
                        .map(SnapshotPath::value)
                        .toList());
        capture.contents().forEach((path, content) -> assertThat(restored.resolve(path.value()))
                .hasBinaryContent(content));
        assertThat(restored.resolve("zz-empty")).isEmptyDirectory();
    }

    @Test
    void chunksMayBeStoredInAnyOrder() throws Exception {
        FakeCapture capture = capture();
        publish(capture, true);
        assertThat(restore()).hasSameSizeAs(capture.contents());
        assertThat(restore()).allSatisfy((path, content) -> assertThat(content)
                .isEqualTo(capture.contents().get(path)));
    }

    @Test
    void filesAreCutAtEveryMultipleOnlyAboveTwiceTheChunkSize() throws Exception {
        publish(capture(), false);
        List<FileEntry> files = entries();
        for (FileEntry file : files) {
            int size = Math.toIntExact(file.size());
            int expected = size == 0 ? 0 : size <= 2 * C ? 1 : (size + C - 1) / C;
            assertThat(file.chunks()).as(file.path().value()).hasSize(expected);
        }
        assertThat(files).hasSize(2 * SIZES.size());
    }

    @Test
    void fileIsReleasedOnceAndOnlyWhenAllItsChunksAreStored() throws Exception {
        FakeCapture capture = capture();
        publish(capture, true);
        assertThat(capture.released())
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(capture.contents().keySet().stream()
                        .filter(path -> capture.contents().get(path).length > 0)
                        .toList());
    }

    @Test
    void captureIsReadNoFasterThanTheRateThatIsSet() throws Exception {
        FakeTime time = new FakeTime();
        ChunkNaming naming = new ChunkNaming(RateLimit.of(C, time), ChunkPacking.NONE);
        long bytes = 0;
        try (Publication publication = begin(capture())) {
            for (ChunkSlice slice : slices(publication)) {
                naming.name(slice);
                bytes += slice.size();
            }
        }

        // What was read last is paid for by who reads next, and a tenth of a second is free.
        long millis = bytes * 1000 / C;
        assertThat(time.sleptMillis()).isBetween(millis - 2 * 1000 - 200, millis);
    }

    @Test
    void manifestIsNotMadeWhileAChunkIsMissing() throws Exception {
        FakeCapture capture = capture();
        try (Publication publication = begin(capture)) {
            List<ChunkSlice> slices = slices(publication);
            for (ChunkSlice slice : slices.subList(0, slices.size() - 1)) {
                send(publication, slice);
            }
            assertThatThrownBy(publication::requireEveryChunkStored)
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining(String.valueOf(slices.size()));
            assertThatThrownBy(() -> proof().prove(publication))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("never acknowledged");
        }
    }

    @Test
    void chunkThatNobodyFoundOrSentIsNotWrittenDown() throws Exception {
        try (Publication publication = begin(capture())) {
            NamedChunk named = new ChunkNaming(RateLimit.unlimited(), ChunkPacking.NONE)
                    .name(slices(publication).get(0));
            NamedChunk missing = presence().look(named);

            for (NamedChunk chunk : List.of(named, missing)) {
                assertThatThrownBy(() -> publication.acknowledge(chunk))
                        .isInstanceOf(FailedException.class)
                        .hasMessageContaining(chunk.path())
                        .hasMessageContaining("neither found in the bucket nor sent");
            }
            assertThat(publication.chunksStored()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"announcement", "manifest", "exports", "record"})
    void latestDoesNotMoveIfAStepBeforeItWasLeftOut(String leftOut) throws Exception {
        try (Publication publication = begin(capture())) {
            for (ChunkSlice slice : slices(publication)) {
                send(publication, slice);
            }
            publication.requireEveryChunkStored();
            proof().prove(publication);
            SnapshotPublishing publishing = publishing();
            if (!leftOut.equals("announcement")) {
                publishing.announce(publication);
            }
            if (!leftOut.equals("manifest")) {
                publishing.putManifest(publication);
            }
            if (!leftOut.equals("exports")) {
                publishing.putExports(publication);
            }
            if (!leftOut.equals("record")) {
                publishing.putRecord(publication);
            }

            assertThatThrownBy(() -> publishing.moveLatest(publication))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("without its " + leftOut);
            assertThat(store.head(BucketPaths.latest(NAME))).isEmpty();
        }
    }

    @Test
    void captureThatPinsSpaceIsGivenBackInTimeAndNothingIsProvenOfIt() throws Exception {
        FakeCapture capture = capture();
        try (Publication publication = begin(capture, Duration.ofNanos(1))) {
            send(publication, slices(publication).get(0));
            assertThat(publication.isGoing()).isFalse();
            publication.requireEveryChunkStored();
            assertThat(publication.isToBeCaptured()).isTrue();
            assertThatThrownBy(() -> proof().prove(publication))
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("capture was given back");
        }
    }

    @Test
    void captureThatPinsNothingIsKeptUntilItIsUploaded() throws Exception {
        FakeCapture capture = capture().byCopy();
        try (Publication publication = begin(capture, Duration.ofNanos(1))) {
            send(publication, slices(publication).get(0));
            assertThat(publication.isGoing()).isTrue();
        }
    }

    @Test
    void suspectedChunksAreClearedIfTheSnapshotHasThemAndStaySuspectedIfNot() throws Exception {
        FakeCapture capture = capture();
        byte[] content = capture.contents().get(new SnapshotPath("log/" + C + ".log"));
        Digest cleared = Digest.of(content);
        Digest other = Digest.of("of another snapshot".getBytes(UTF_8));
        Path suspected = Files.createDirectories(PublisherState.suspected(directory.resolve("state"), NAME));
        Files.writeString(suspected.resolve(cleared.hex()), "");
        Files.writeString(suspected.resolve(other.hex()), "");
        publish(capture, false);
        assertThat(suspected.resolve(cleared.hex())).doesNotExist();
        assertThat(suspected.resolve(other.hex())).exists();
    }

    @Test
    void fileThatShrankAfterItsCaptureIsNotPublished() throws Exception {
        FakeCapture capture = capture();
        try (Publication publication = begin(capture)) {
            ChunkSlice last = slices(publication).stream()
                    .filter(slice -> slice.file().size() == 7L * C)
                    .findFirst()
                    .orElseThrow();
            Files.write(last.file().staged(), new byte[C / 2]);
            assertThatThrownBy(() -> send(publication, last))
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("it ends at " + C / 2);
        }
    }

    private FakeCapture capture() throws Exception {
        FakeCapture capture = new FakeCapture(Files.createTempDirectory(directory, "database"));
        for (int size : SIZES) {
            capture.file("table-" + size + ".sst", bytes(size)).file("log/" + size + ".log", bytes(size));
        }
        return capture.emptyDirectory("zz-empty");
    }

    private void publish(FakeCapture capture, boolean shuffled) throws Exception {
        try (Publication publication = begin(capture)) {
            List<ChunkSlice> slices = slices(publication);
            if (shuffled) {
                Collections.shuffle(slices, random);
            }
            for (ChunkSlice slice : slices) {
                send(publication, slice);
            }
            publication.requireEveryChunkStored();
            proof().prove(publication);
            SnapshotPublishing publishing = publishing();
            publishing.announce(publication);
            publishing.putManifest(publication);
            publishing.putExports(publication);
            publishing.putRecord(publication);
            publishing.moveLatest(publication);
        }
    }

    private Publication begin(FakeCapture capture) throws Exception {
        return begin(capture, Duration.ZERO);
    }

    private Publication begin(FakeCapture capture, Duration longestPin) throws Exception {
        PublishedDatabase database = TestDatabase.in(directory);
        Publications publications = new Publications(
                List.of(database),
                directory.resolve("state"),
                0,
                longestPin,
                capture,
                history(),
                history(),
                Clock.systemUTC());
        Publication publication = publications.begin(NAME.value());
        publications.capture(publication);
        return publication;
    }

    private static List<ChunkSlice> slices(Publication publication) {
        List<ChunkSlice> slices = new ArrayList<>();
        publication.chunks().forEachRemaining(slices::add);
        assertThat(slices).hasSize(Math.toIntExact(publication.chunkCount()));
        return slices;
    }

    /** What the upload routes do with one chunk. */
    private void send(Publication publication, ChunkSlice slice) throws Exception {
        ChunkPresence presence = presence();
        NamedChunk chunk = presence.look(new ChunkNaming(RateLimit.unlimited(), ChunkPacking.NONE).name(slice));
        if (chunk.isMissing()) {
            byte[] file = Files.readAllBytes(slice.file().staged());
            int from = Math.toIntExact(slice.offset());
            byte[] bytes = Arrays.copyOfRange(file, from, from + Math.toIntExact(slice.size()));
            store.create(chunk.path(), Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE));
            chunk = presence.acknowledge(chunk);
        }
        publication.acknowledge(chunk);
    }

    private ChunkPresence presence() {
        return new ChunkPresence(store, new StoreAbilities(true, true, true, true), "bucket");
    }

    private SnapshotPublishing publishing() {
        return new SnapshotPublishing(store, () -> true, key, history(), Duration.ofDays(1), Clock.systemUTC());
    }

    private PublishedHistory history() {
        return new PublishedHistory(store, TrustedKeys.of(key.publicKey()), 16);
    }

    private SnapshotProof proof() {
        return new SnapshotProof(key, URI.create("https://cdn.example.org"), Duration.ofDays(7));
    }

    private Path bucketOnDisk() throws IOException {
        Path bucket = directory.resolve("bucket");
        for (Map.Entry<String, byte[]> object : store.objects().entrySet()) {
            Path file = bucket.resolve(object.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, object.getValue());
        }
        return bucket;
    }

    /** Without what the client remembers there for its next run. */
    private static List<String> namesBelow(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .filter(name -> !name.startsWith(".caravan"))
                    .toList();
        }
    }

    private Map<SnapshotPath, byte[]> restore() throws Exception {
        Map<String, byte[]> objects = store.objects();
        Map<SnapshotPath, byte[]> restored = new TreeMap<>();
        for (FileEntry file : entries()) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            for (ChunkRef chunk : file.chunks()) {
                content.write(objects.get(BucketPaths.chunk(chunk.digest(), chunk.storedAs())));
            }
            restored.put(file.path(), content.toByteArray());
        }
        return restored;
    }

    private List<FileEntry> entries() throws Exception {
        byte[] manifest = store.objects().entrySet().stream()
                .filter(object -> object.getKey().endsWith("/" + BucketPaths.MANIFEST))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
        List<FileEntry> files = new ArrayList<>();
        ManifestReader.read(new ByteArrayInputStream(manifest), "manifest", new ManifestVisitor() {
            @Override
            public void header(ManifestHeader header) {}

            @Override
            public void file(FileEntry file) {
                files.add(file);
            }

            @Override
            public void directory(SnapshotPath path) {
                assertThat(path.value()).isEqualTo("zz-empty");
            }
        });
        return files;
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
