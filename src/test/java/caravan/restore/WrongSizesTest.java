package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.Zstd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Manifests that are signed and say a wrong size of a chunk: both clients look at it wherever the chunk occurs. */
@Timeout(120)
class WrongSizesTest {

    private static final byte[] CONTENT = {'x'};
    private static final Digest HASH = Digest.of(CONTENT);

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("", Engine.UNKNOWN, 10));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();

    @BeforeEach
    void storeTheChunk() throws Exception {
        bucket.put(Bucket.chunk(CONTENT), CONTENT);
    }

    @Test
    void theSecondOfTwoSizesOfOneHashIsNotTakenForTheFirst() throws Exception {
        publish(file("a", 1, chunk(1)) + file("b", 2, chunk(2)), 2, 3);

        refusedByBoth();
    }

    @Test
    void theFirstOfTwoSizesOfOneHashIsNotTakenForTheSecond() throws Exception {
        publish(file("a", 2, chunk(2)) + file("b", 1, chunk(1)), 2, 3);

        refusedByBoth();
    }

    @Test
    void aWrongSizeInAFileOfManyChunksIsNotTakenForTheRightOne() throws Exception {
        publish(file("a", 1, chunk(1)) + file("b", 25, chunk(10), chunk(10), chunk(5)), 4, 26);

        refusedByBoth();
    }

    @Test
    void aWrongSizeOfAChunkThatOccursOnceIsFoundOut() throws Exception {
        publish(file("a", 2, chunk(2)), 1, 2);

        refusedByBoth();
    }

    @Test
    void aWrongSizeOfACompressedChunkIsFoundOut() throws Exception {
        byte[] frame = Zstd.compress(CONTENT);
        bucket.put(BucketPaths.chunk(HASH, new StoredAs.Zstandard(frame.length, Digest.of(frame))), frame);
        String stored = ",{\"encoding\":\"zst\",\"size\":" + frame.length + ",\"sha256\":\""
                + Digest.of(frame).hex() + "\"}]";
        publish(file("a", 2, chunk(2).replace("]", stored)), 1, 2);

        refusedByBoth();
    }

    private void refusedByBoth() throws Exception {
        for (int parallel : new int[] {1, 4}) {
            demo.restoreBy(new Client(demo.state(), demo.key(), parallel));
            assertThatThrownBy(demo::fetch).isInstanceOf(DamagedException.class).hasMessageContaining(HASH.hex());
            assertThat(target).doesNotExist();
        }
        new SyncScript(
                        demo.directory().resolve("state of the script"),
                        demo.key().fingerprint())
                .run(demo.url(), target)
                .refusedWith(3, HASH.hex());
        assertThat(target).doesNotExist();
    }

    private static String file(String path, long size, String... chunks) {
        return "{\"path\":\"" + path + "\",\"size\":" + size + ",\"chunks\":[" + String.join(",", chunks) + "]}\n";
    }

    private static String chunk(long size) {
        return "[\"" + HASH.hex() + "\"," + size + "]";
    }

    private void publish(String files, int chunks, long bytes) throws Exception {
        ManifestHeader header = new ManifestHeader(DATABASE, snapshot(1), List.of(store("", Engine.UNKNOWN, 10)));
        ManifestTotals totals = new ManifestTotals(files.lines().count(), 0, chunks, bytes);
        String manifest = "{\"format\":\"caravan-manifest-1\",\"database\":\"demo\",\"snapshot\":\"" + snapshot(1)
                + "\",\"stores\":[{\"path\":\"\",\"engine\":\"unknown\",\"seal\":\"\",\"capture\":\"copy\","
                + "\"verification\":\"none\",\"chunkSize\":10}]}\n" + files + "{\"totals\":{\"files\":"
                + totals.files() + ",\"directories\":0,\"chunks\":" + chunks + ",\"bytes\":" + bytes + "}}\n";
        bucket.point(bucket.publish(snapshot(1), manifest.getBytes(StandardCharsets.UTF_8), totals, header), 1);
    }
}
