package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.capture.CapturedFile;
import caravan.capture.SourceIdentity;
import caravan.disk.TreeRemoval;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import caravan.store.InMemoryObjectStore;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTest {

    private static final int WINDOW_OF_EVERY_DECODER = 23;

    @TempDir
    Path directory;

    private Publication publication;

    @BeforeEach
    void begin() throws Exception {
        DatabaseName name = TestDatabase.NAME;
        PublishedDatabase database = TestDatabase.in(directory);
        PublishedHistory history = new PublishedHistory(
                new InMemoryObjectStore(), TrustedKeys.of(SigningKey.generate().publicKey()), 16);
        publication = new Publications(
                        List.of(database),
                        directory.resolve("state"),
                        0,
                        Duration.ZERO,
                        new FakeCapture(directory),
                        history,
                        history,
                        Clock.systemUTC())
                .begin(name.value());
    }

    @AfterEach
    void end() throws Exception {
        publication.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1000, 65_535, 65_536, 65_537, 131_072, 1_000_003})
    void sliceOfAnySizeComesOutAsItWentIn(int size) throws Exception {
        byte[] file = text(size + 2000);

        NamedChunk packed = pack(3, file, 1000, size);

        byte[] frame = Files.readAllBytes(packed.frame().orElseThrow());
        assertThat(packed.storedAs()).isEqualTo(new StoredAs.Zstandard(frame.length, Digest.of(frame)));
        assertThat(packed.path()).isEqualTo(packed.digest().hex().replaceFirst("^(..).*", "chunks/$1/$0") + ".zst");
        assertThat(Zstd.getFrameContentSize(frame)).isEqualTo(size);
        byte[] unpacked = Zstd.decompress(frame, size);
        assertThat(unpacked).isEqualTo(Arrays.copyOfRange(file, 1000, 1000 + size));
        assertThat(pack(3, file, 1000, size).storedAs())
                .as("the same once more")
                .isEqualTo(packed.storedAs());
    }

    @Test
    void theBestLevelStillMakesFramesThatEveryDecoderReads() throws Exception {
        byte[] file = text(5 << 20);

        NamedChunk packed = pack(19, file, 0, file.length);

        byte[] frame = Files.readAllBytes(packed.frame().orElseThrow());
        try (ZstdInputStream plain = new ZstdInputStream(new ByteArrayInputStream(frame))) {
            plain.setLongMax(WINDOW_OF_EVERY_DECODER);
            assertThat(Digest.of(plain.readAllBytes())).isEqualTo(Digest.of(file));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 12, 100_000, 3_000_000})
    void whatDoesNotGetSmallerIsLeftAsItIs(int size) throws Exception {
        byte[] file = new byte[size];
        new Random(size).nextBytes(file);

        NamedChunk plain = pack(3, file, 0, size);

        assertThat(plain.storedAs()).isEqualTo(StoredAs.PLAIN);
        assertThat(plain.frame()).isEmpty();
        try (Stream<Path> left = Files.list(publication.workFile("any").getParent())) {
            assertThat(left).noneMatch(path -> path.toString().endsWith(".zst"));
        }
    }

    @Test
    void whereTheFrameCannotBeWrittenIsSaid() throws Exception {
        Path inTheWay =
                Files.createDirectories(publication.workFile("chunk-7.zst").resolve("it"));

        assertThatThrownBy(() -> pack(3, text(1000), 0, 1000))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("compressing a chunk into " + inTheWay.getParent());
        TreeRemoval.of(inTheWay.getParent());
    }

    private NamedChunk pack(int level, byte[] file, long offset, int size) throws Exception {
        Path staged = Files.write(directory.resolve("staged"), file);
        ChunkSlice slice = new ChunkSlice(
                publication,
                new CapturedFile(
                        new SnapshotPath("000001.sst"),
                        staged,
                        file.length,
                        true,
                        new SourceIdentity("000001.sst", 1, 1, file.length, 1, "")),
                0,
                7,
                0,
                offset,
                size);
        Digest digest = Digest.of(Arrays.copyOfRange(file, (int) offset, (int) offset + size));
        return ChunkPacking.zstandard(level, RateLimit.unlimited()).pack(slice, digest);
    }

    /** Words in no order: gets smaller, and not by much. */
    private static byte[] text(int size) {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < size) {
            text.append(random.nextInt(size < 1 << 20 ? 1000 : 10)).append(" caravan ");
        }
        return text.substring(0, size).getBytes(UTF_8);
    }
}
