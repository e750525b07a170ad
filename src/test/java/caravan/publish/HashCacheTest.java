package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.SourceIdentity;
import caravan.snapshot.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HashCacheTest {

    private static final Instant NOW = Instant.parse("2026-11-22T08:33:00Z");

    private static final long HOUR_AGO = (NOW.toEpochMilli() - 3_600_000) * 1_000_000;

    private static final SourceIdentity FILE = new SourceIdentity("/db/000012.sst", 1, 2, 3, HOUR_AGO, "id");

    private static final List<Digest> CHUNKS = List.of(Digest.of(new byte[1]), Digest.of(new byte[2]));

    @TempDir
    Path directory;

    @Test
    void fileThatWasHashedIsKnownAfterARestart() throws Exception {
        remember(FILE);

        try (HashCache cache = open()) {
            assertThat(cache.find(FILE, 64)).contains(CHUNKS);
        }
    }

    static Stream<SourceIdentity> otherStates() {
        return Stream.of(
                new SourceIdentity("/db/000013.sst", 1, 2, 3, HOUR_AGO, "id"),
                new SourceIdentity("/db/000012.sst", 9, 2, 3, HOUR_AGO, "id"),
                new SourceIdentity("/db/000012.sst", 1, 9, 3, HOUR_AGO, "id"),
                new SourceIdentity("/db/000012.sst", 1, 2, 9, HOUR_AGO, "id"),
                new SourceIdentity("/db/000012.sst", 1, 2, 3, HOUR_AGO + 1, "id"),
                new SourceIdentity("/db/000012.sst", 1, 2, 3, HOUR_AGO, "other"));
    }

    @ParameterizedTest
    @MethodSource("otherStates")
    void fileInAnyOtherStateIsNotKnown(SourceIdentity other) throws Exception {
        remember(FILE);

        try (HashCache cache = open()) {
            assertThat(cache.find(other, 64)).isEmpty();
        }
    }

    @Test
    void digestsOfAnotherChunkSizeAreNotUsed() throws Exception {
        remember(FILE);

        try (HashCache cache = open()) {
            assertThat(cache.find(FILE, 32)).isEmpty();
        }
    }

    @Test
    void fileModifiedJustBeforeTheHashingIsNotRemembered() throws Exception {
        long justNow = (NOW.toEpochMilli() - 1_500) * 1_000_000;
        SourceIdentity fresh = new SourceIdentity("/db/000012.sst", 1, 2, 3, justNow, "id");
        remember(fresh);

        try (HashCache cache = open()) {
            assertThat(cache.find(fresh, 64)).isEmpty();
        }
    }

    @Test
    void everyDamagedByteOfALineMakesItAbsentAndHarmsNoOther() throws Exception {
        SourceIdentity other = new SourceIdentity("/db/é.sst", 1, 7, 3, HOUR_AGO, "id");
        remember(FILE);
        remember(other);
        byte[] sound = Files.readAllBytes(file());

        for (int at = 0; at < sound.length; at++) {
            byte[] damaged = sound.clone();
            damaged[at] ^= 4;
            Files.write(file(), damaged);
            try (HashCache cache = open()) {
                assertThat(cache.find(FILE, 64).orElse(CHUNKS)).isEqualTo(CHUNKS);
                assertThat(cache.find(other, 64).orElse(CHUNKS)).isEqualTo(CHUNKS);
                assertThat(cache.find(FILE, 64).isPresent()
                                || cache.find(other, 64).isPresent())
                        .isTrue();
            }
        }
    }

    @Test
    void lineTornByAKillDoesNotSwallowTheNext() throws Exception {
        remember(FILE);
        Files.writeString(file(), "0badcafe [\"/db/0000", StandardOpenOption.APPEND);
        SourceIdentity next = new SourceIdentity("/db/000099.sst", 1, 8, 3, HOUR_AGO, "id");
        remember(next);

        try (HashCache cache = open()) {
            assertThat(cache.find(FILE, 64)).isPresent();
            assertThat(cache.find(next, 64)).isPresent();
        }
    }

    @Test
    void filesThatAreGoneAreForgotten() throws Exception {
        SourceIdentity gone = new SourceIdentity("/db/000001.sst", 1, 8, 3, HOUR_AGO, "id");
        remember(FILE);
        remember(gone);
        try (HashCache cache = open()) {
            cache.keepOnly(Set.of(FILE.sourcePath()));
        }

        try (HashCache cache = open()) {
            assertThat(cache.find(gone, 64)).isEmpty();
            assertThat(cache.find(FILE, 64)).isPresent();
        }
        assertThat(Files.readString(file())).doesNotContain("000001.sst");
    }

    private void remember(SourceIdentity file) throws Exception {
        try (HashCache cache = open()) {
            cache.remember(file, 64, CHUNKS, NOW);
        }
    }

    private HashCache open() throws Exception {
        return HashCache.open(file());
    }

    private Path file() {
        return directory.resolve("hashes");
    }
}
