package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of chunks that were found right, and what is not believed. */
final class ProvenChunksTest {

    private static final String HERE = "s3://snapshots at http://127.0.0.1:9000";

    private static final Digest ONE = Digest.of(new byte[] {1});

    private static final Digest OTHER = Digest.of(new byte[] {2});

    @TempDir
    Path directory;

    @Test
    void chunkIsRememberedByTheNextRunInItsOwnBucketAlone() throws Exception {
        try (ProvenChunks chunks = open()) {
            chunks.remember(HERE, ONE);
        }

        try (ProvenChunks chunks = open()) {
            assertThat(chunks.contains(HERE, ONE)).isTrue();
            assertThat(chunks.contains(HERE, OTHER)).isFalse();
            assertThat(chunks.contains("s3://another at http://127.0.0.1:9000", ONE))
                    .isFalse();
        }
    }

    @Test
    void lineThatWasTornIsForgottenAndHarmsNoOther() throws Exception {
        try (ProvenChunks chunks = open()) {
            chunks.remember(HERE, ONE);
        }
        byte[] whole = Files.readAllBytes(file());
        Files.write(
                file(),
                new String(whole, StandardCharsets.US_ASCII)
                        .strip()
                        .substring(0, 30)
                        .getBytes(StandardCharsets.US_ASCII));
        try (ProvenChunks chunks = open()) {
            assertThat(chunks.contains(HERE, ONE)).isFalse();
            chunks.remember(HERE, OTHER);
        }

        try (ProvenChunks chunks = open()) {
            assertThat(chunks.contains(HERE, ONE)).isFalse();
            assertThat(chunks.contains(HERE, OTHER)).isTrue();
        }
    }

    @Test
    void bytesThatAreNoTextAreNoChunks() throws Exception {
        try (ProvenChunks chunks = open()) {
            chunks.remember(HERE, ONE);
        }
        Files.write(file(), new byte[] {(byte) 0xFF, 0, '\n', 'x', '\n'}, StandardOpenOption.APPEND);

        try (ProvenChunks chunks = open()) {
            assertThat(chunks.contains(HERE, ONE)).isTrue();
        }
    }

    @Test
    void nothingIsLeftOfWhatAPublishedSnapshotNames() throws Exception {
        try (ProvenChunks chunks = open()) {
            chunks.remember(HERE, ONE);
            chunks.clear();
            assertThat(chunks.contains(HERE, ONE)).isFalse();
            chunks.remember(HERE, OTHER);
        }

        try (ProvenChunks chunks = open()) {
            assertThat(chunks.contains(HERE, ONE)).isFalse();
            assertThat(chunks.contains(HERE, OTHER)).isTrue();
        }
    }

    private ProvenChunks open() throws Exception {
        return ProvenChunks.open(file());
    }

    private Path file() {
        return directory.resolve("proven");
    }
}
