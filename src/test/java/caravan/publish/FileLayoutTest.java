package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestWriter;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import caravan.store.CachePolicy;
import caravan.store.Composition;
import caravan.store.Content;
import caravan.store.InMemoryObjectStore;
import caravan.store.InMemoryObjectStore.Verdict;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLayoutTest {

    private static final DatabaseName DATABASE = new DatabaseName("demo");
    private static final SnapshotId SNAPSHOT = new SnapshotId(Instant.parse("2026-11-22T08:00:00Z"), 7);
    private static final String FILES = "demo/files/" + SNAPSHOT + "/";
    private static final int CHUNK = (int) Composition.SMALLEST_PART;

    @TempDir
    Path directory;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Map<String, byte[]> tree = new TreeMap<>();
    private Path manifest;

    @BeforeEach
    void publish() throws Exception {
        tree.put("paritydb/full/empty", new byte[0]);
        tree.put("paritydb/full/metadata", "version=8".getBytes(UTF_8));
        byte[] large = new byte[2 * CHUNK + 17];
        new Random(1).nextBytes(large);
        tree.put("paritydb/full/table_00_15", large);
        manifest = publish(CHUNK);
    }

    @Test
    void everyFileLiesUnderItsOwnNameAndIsListed() throws Exception {
        layout().layOut(DATABASE, SNAPSHOT, manifest);
        layout().point(DATABASE, SNAPSHOT);

        assertComplete();
        assertThat(new String(store.objects().get("demo/files/latest_version.meta.txt"), UTF_8).strip())
                .isEqualTo(SNAPSHOT.toString());
    }

    @Test
    void whereverItFailsTheNextRunEndsItAndOverwritesNothing() throws Exception {
        int calls = 0;
        boolean failed = true;
        while (failed) {
            int fails = calls++;
            AtomicInteger seen = new AtomicInteger();
            Verdict how = fails % 2 == 0 ? Verdict.FAIL : Verdict.LOSE_ANSWER;
            store.failing((operation, key) -> seen.getAndIncrement() == fails ? how : Verdict.PASS);
            try {
                layout().layOut(DATABASE, SNAPSHOT, manifest);
                failed = false;
            } catch (TransientException e) {
                assertThat(store.objects()).doesNotContainKey("demo/files/latest_version.meta.txt");
            }
        }
        assertComplete();
        assertThat(calls).isGreaterThan(3);
        assertThat(store.writtenKeys().stream().filter(key -> key.startsWith(FILES)))
                .doesNotHaveDuplicates();
        assertThat(new String(store.objects().get("_control/files/demo"), UTF_8))
                .isEqualTo(SNAPSHOT + "\n");
    }

    @Test
    void chunksThatAreTooSmallForS3AreRefused() throws Exception {
        Path small = publish(CHUNK / 4);

        assertThatThrownBy(() -> layout().layOut(DATABASE, SNAPSHOT, small))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("table_00_15")
                .hasMessageContaining("5 MiB");
    }

    @Test
    void anotherFileUnderTheNameIsNotOverwritten() throws Exception {
        store.tamper(FILES + "paritydb/full/metadata", "other".getBytes(UTF_8));

        assertThatThrownBy(() -> layout().layOut(DATABASE, SNAPSHOT, manifest))
                .hasMessageContaining("something else under that name");

        assertThat(store.objects().get(FILES + "paritydb/full/metadata")).isEqualTo("other".getBytes(UTF_8));
    }

    private void assertComplete() {
        tree.forEach(
                (path, content) -> assertThat(store.objects().get(FILES + path)).isEqualTo(content));
        assertThat(new String(store.objects().get(FILES + "files.txt"), UTF_8).lines())
                .containsExactlyElementsOf(tree.keySet());
    }

    private FileLayout layout() {
        return new FileLayout(store, true);
    }

    private Path publish(int chunkSize) throws Exception {
        Path file = directory.resolve("manifest-" + chunkSize);
        ManifestHeader header = new ManifestHeader(
                DATABASE,
                SNAPSHOT,
                List.of(new DatabaseStore("paritydb/full", Engine.PARITYDB, "stop", "structure", chunkSize)));
        try (OutputStream out = Files.newOutputStream(file)) {
            ManifestWriter writer = new ManifestWriter(out, header);
            for (Map.Entry<String, byte[]> entry : tree.entrySet()) {
                writer.file(new FileEntry(
                        new SnapshotPath(entry.getKey()),
                        entry.getValue().length,
                        chunks(entry.getValue(), new CutRule(chunkSize))));
            }
            writer.finish();
        }
        return file;
    }

    private List<ChunkRef> chunks(byte[] content, CutRule rule) throws CaravanException {
        List<ChunkRef> chunks = new ArrayList<>();
        for (int index = 0; index < rule.count(content.length); index++) {
            int from = (int) rule.offset(index);
            byte[] bytes = Arrays.copyOfRange(content, from, from + (int) rule.size(content.length, index));
            ChunkRef chunk = ChunkRef.plain(Digest.of(bytes), bytes.length);
            store.put(
                    BucketPaths.chunk(chunk.digest(), StoredAs.PLAIN),
                    Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE));
            chunks.add(chunk);
        }
        return chunks;
    }
}
