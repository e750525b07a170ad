package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.disk.TreeRemoval;
import caravan.failure.DamagedException;
import caravan.failure.WrongUsageException;
import caravan.publish.Publication;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publications whose new chunks are compressed where that makes them smaller. */
@Timeout(120)
final class CompressedChunksTest {

    @RegisterExtension
    final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;
    private Publisher publisher;
    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        publisher = site.publisher().set("caravan.upload.compression", "zstd");
        bucket = site.bucketOf(publisher);
    }

    @Test
    void whatGetsSmallerIsCompressedAndTheRestIsStoredAsItIs() throws Exception {
        Publication publication = publisher.publish();

        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        bucket.requireKnownNamesOnly();
        List<ChunkRef> chunks = chunksOf(snapshot);
        assertThat(chunks).anyMatch(CompressedChunksTest::isCompressed).anyMatch(chunk -> !isCompressed(chunk));
        assertThat(chunks)
                .filteredOn(CompressedChunksTest::isCompressed)
                .allMatch(chunk -> ((StoredAs.Zstandard) chunk.storedAs()).size() <= chunk.size() * 0.95);
        assertThat(publication.report().bytesSent()).isEqualTo(bytesIn(bucket.chunkNames()));
        assertThat(snapshot.bytes()).isGreaterThan(publication.report().bytesSent());
        assertThat(workFiles()).as("frames are gone").isEmpty();
        requireRestored(snapshot);
    }

    @Test
    void theNextPublicationSendsNothingTwiceWhateverIsSetByThen() throws Exception {
        publisher.publish();
        Set<String> stored = bucket.chunkNames();
        assertThat(publisher.publish().report().chunksSent()).isZero();

        publisher.set("caravan.upload.compression-level", "19");
        assertThat(publisher.publish().report().chunksSent()).isZero();
        publisher.set("caravan.upload.compression", "none");
        assertThat(publisher.publish().report().chunksSent()).isZero();

        assertThat(bucket.chunkNames()).isEqualTo(stored);
        requireRestored(bucket.latest().orElseThrow());
    }

    @Test
    void whatWasStoredAsItIsStaysSo() throws Exception {
        publisher.set("caravan.upload.compression", "none").publish();
        Set<String> stored = bucket.chunkNames();

        assertThat(publisher
                        .set("caravan.upload.compression", "zstd")
                        .publish()
                        .report()
                        .chunksSent())
                .isZero();

        assertThat(bucket.chunkNames()).isEqualTo(stored).noneMatch(name -> name.endsWith(".zst"));
    }

    @Test
    void framesThatARunBeforeHasSentAreFoundAgain() throws Exception {
        publisher.publish();
        Set<String> stored = bucket.chunkNames();
        forgetAllPublications();

        Publication again = publisher.publish();

        assertThat(again.report().chunksSent()).isZero();
        assertThat(bucket.chunkNames()).isEqualTo(stored);
        requireRestored(bucket.latest().orElseThrow());
    }

    @Test
    void frameOfAnotherPublisherIsTakenIfTheRightBytesAreInIt() throws Exception {
        publisher.publish();
        ChunkRef chunk = largestCompressed();
        byte[] content = Zstd.decompress(bucket.read(nameOf(chunk)), (int) chunk.size());
        byte[] other = Zstd.compress(content, 19);
        assertThat(other).isNotEqualTo(bucket.read(nameOf(chunk)));
        Files.write(bucket.fileOf(nameOf(chunk)), other);
        forgetAllPublications();

        Publication again = publisher.publish();

        assertThat(again.report().chunksSent()).isZero();
        assertThat(bucket.read(nameOf(chunk))).isEqualTo(other);
        requireRestored(bucket.latest().orElseThrow());
    }

    @Test
    void frameWithOtherBytesInItIsRefused() throws Exception {
        publisher.publish();
        ChunkRef chunk = largestCompressed();
        forgetAllPublications();
        for (byte[] wrong : List.of(
                Zstd.compress(new byte[(int) chunk.size()]),
                Zstd.compress(new byte[(int) chunk.size() + 1]),
                "no frame at all".getBytes(UTF_8))) {
            Files.write(bucket.fileOf(nameOf(chunk)), wrong);

            assertThatThrownBy(publisher::publish)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(nameOf(chunk));
        }
        assertThat(bucket.latest()).isEmpty();
    }

    @Test
    void aFrameThatTheBucketHasLostIsStoredAsItIsForTheNextSnapshot() throws Exception {
        publisher.set("caravan.upload.recheck-one-in", "1").publish();
        ChunkRef chunk = largestCompressed();
        Files.delete(bucket.fileOf(nameOf(chunk)));

        publisher.publish();

        PublishedBucket.Snapshot healed = bucket.latest().orElseThrow();
        assertThat(chunksOf(healed)).contains(ChunkRef.plain(chunk.digest(), chunk.size()));
        requireRestored(healed);
    }

    @Test
    void plainFilesAreNotPutTogetherOfCompressedChunks() throws Exception {
        publisher.publish();
        publisher.set("caravan.publish.layouts", "chunks,filelist");
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.upload.compression")
                .hasMessageContaining("filelist");

        publisher.set("caravan.upload.compression", "none").set("caravan.database.demo.chunk-size", "5MiB");
        publisher.publish();

        PublishedBucket.Snapshot snapshot = bucket.latest().orElseThrow();
        assertThat(chunksOf(snapshot)).noneMatch(CompressedChunksTest::isCompressed);
        for (FileEntry file : snapshot.files()) {
            assertThat(bucket.read("demo/files/" + snapshot.record().snapshot() + "/" + file.path()))
                    .isEqualTo(Files.readAllBytes(
                            database.root().resolve(file.path().value())));
        }
    }

    private ChunkRef largestCompressed() throws Exception {
        return chunksOf(bucket.latest().orElseThrow()).stream()
                .filter(CompressedChunksTest::isCompressed)
                .max((one, other) -> Long.compare(one.size(), other.size()))
                .orElseThrow();
    }

    private static boolean isCompressed(ChunkRef chunk) {
        return chunk.storedAs() instanceof StoredAs.Zstandard;
    }

    private static String nameOf(ChunkRef chunk) {
        return BucketPaths.chunk(chunk.digest(), chunk.storedAs());
    }

    private static List<ChunkRef> chunksOf(PublishedBucket.Snapshot snapshot) {
        return snapshot.files().stream().flatMap(file -> file.chunks().stream()).toList();
    }

    /** As if every run had been ended before its manifest; chunks alone are left. */
    private void forgetAllPublications() throws IOException {
        for (String name : bucket.names()) {
            if (!name.startsWith("chunks/")) {
                Files.delete(bucket.fileOf(name));
            }
        }
        TreeRemoval.of(publisher.state());
    }

    private long bytesIn(Set<String> names) throws IOException {
        long bytes = 0;
        for (String name : names) {
            bytes += Files.size(bucket.fileOf(name));
        }
        return bytes;
    }

    private Set<Path> workFiles() throws IOException {
        try (Stream<Path> all = Files.walk(publisher.state())) {
            return all.filter(path -> path.toString().endsWith(".zst")).collect(Collectors.toSet());
        }
    }

    private void requireRestored(PublishedBucket.Snapshot snapshot) throws Exception {
        Path into = site.home().resolve("restored-" + snapshot.record().snapshot());
        new Fetch(
                        ClientSettings.of(publisher.trusted(), site.home().resolve("client")),
                        Clock.systemUTC(),
                        new Progress(),
                        found -> {})
                .run(
                        SnapshotLocation.parse(site.server().publicUrl() + "/" + site.prefix() + "/demo"),
                        into,
                        Expectations.NONE);
        for (FileEntry file : snapshot.files()) {
            assertThat(into.resolve(file.path().value()))
                    .hasSameBinaryContentAs(database.root().resolve(file.path().value()));
        }
        assertThat(SampleDatabase.heightOf(into)).isEqualTo(SampleDatabase.heightOf(database.root()));
    }
}
