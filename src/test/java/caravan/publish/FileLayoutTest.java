package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLayoutTest {

    private static final DatabaseName DATABASE = new DatabaseName("demo");
    private static final SnapshotId SNAPSHOT = new SnapshotId(Instant.parse("2026-11-22T08:00:00Z"), 7);
    private static final String FILES = "demo/files/" + SNAPSHOT + "/";
    private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
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

    @Test
    void theLatestVersionAndTheOneBeforeStayAndNothingElseGoes() throws Exception {
        store.put("demo/files/other", Content.of(new byte[1], Content.OCTETS, CachePolicy.MUTABLE));
        Set<String> others = store.objects().keySet();
        for (int number = 1; number <= 4; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
            layout().point(DATABASE, version(number)); // as after a lost answer
            layout().retire(DATABASE);
        }
        layout().layOut(DATABASE, version(5), manifest); // under way

        layout().retire(DATABASE);

        for (int number = 3; number <= 5; number++) {
            assertComplete(files(number));
        }
        assertThat(versionsThere()).containsExactly(version(3), version(4), version(5));
        assertThat(note())
                .containsExactly(was(3), version(4).toString(), version(5).toString());
        assertThat(store.objects()).containsKeys(others.toArray(String[]::new));
    }

    @Test
    void whatAFailedPublicationLaidOutGoesToo() throws Exception {
        layout().layOut(DATABASE, version(1), manifest);
        layout().point(DATABASE, version(1));
        store.failing((operation, key) -> key.endsWith("files.txt") ? Verdict.FAIL : Verdict.PASS);
        assertThatThrownBy(() -> layout().layOut(DATABASE, version(2), manifest))
                .isInstanceOf(TransientException.class);
        store.failing((operation, key) -> Verdict.PASS);
        store.tamper("demo/" + version(2) + "/manifest.jsonl", Files.readAllBytes(manifest));
        layout().layOut(DATABASE, version(3), manifest);
        layout().point(DATABASE, version(3));

        layout().retire(DATABASE);

        assertThat(versionsThere()).containsExactly(version(1), version(3));
        assertThat(note()).containsExactly(was(1), version(3).toString());
    }

    @Test
    void whereverRemovalFailsTheNextRunEndsItAndTheTwoStayWhole() throws Exception {
        for (int number = 1; number <= 3; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
        }
        int calls = 0;
        boolean failed = true;
        while (failed) {
            int fails = calls++;
            AtomicInteger seen = new AtomicInteger();
            Verdict how = fails % 2 == 0 ? Verdict.FAIL : Verdict.LOSE_ANSWER;
            store.failing((operation, key) -> seen.getAndIncrement() == fails ? how : Verdict.PASS);
            try {
                layout().retire(DATABASE);
                failed = false;
            } catch (TransientException e) {
                assertThat(note()).contains(version(3).toString());
            }
            store.failing((operation, key) -> Verdict.PASS);
            assertComplete(files(2));
            assertComplete(files(3));
        }
        assertThat(calls).isGreaterThan(3);
        assertThat(versionsThere()).containsExactly(version(2), version(3));
        assertThat(note()).containsExactly(was(2), version(3).toString());
    }

    @Test
    void aListThatLeadsElsewhereRemovesNothingThere() throws Exception {
        for (int number = 1; number <= 3; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
        }
        store.tamper(files(1) + "files.txt", ("../" + version(3) + "/paritydb/full/metadata\n").getBytes(UTF_8));

        assertThatThrownBy(() -> layout().retire(DATABASE)).hasMessageContaining("its files.txt is not ours");

        assertComplete(files(3));
    }

    @Test
    void aVersionStaysForAWhileAfterAnotherHasReplacedIt() throws Exception {
        Duration grace = Duration.ofDays(2);
        for (int number = 1; number <= 3; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
        }

        layout(grace, NOW.plus(grace).minusSeconds(1)).retire(DATABASE);

        assertThat(versionsThere()).containsExactly(version(1), version(2), version(3));
        layout(grace, NOW.plus(grace)).retire(DATABASE);
        assertThat(versionsThere()).containsExactly(version(2), version(3));
    }

    @Test
    void onePublicationRemovesThreeVersionsAtMost() throws Exception {
        for (int number = 1; number <= 7; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
        }

        layout().retire(DATABASE);

        assertThat(versionsThere()).containsExactly(version(4), version(5), version(6), version(7));
        layout().retire(DATABASE);
        assertThat(versionsThere()).containsExactly(version(6), version(7));
    }

    @Test
    void aVersionWhoseManifestIsDamagedDoesNotKeepTheOthers() throws Exception {
        for (int number = 1; number <= 4; number++) {
            layout().layOut(DATABASE, version(number), manifest);
            layout().point(DATABASE, version(number));
        }
        store.remove(files(1) + "files.txt");
        store.tamper("demo/" + version(1) + "/manifest.jsonl", "no manifest\n".getBytes(UTF_8));

        assertThatThrownBy(() -> layout().retire(DATABASE)).isInstanceOf(DamagedException.class);

        assertThat(versionsThere()).containsExactly(version(1), version(3), version(4));
    }

    @Test
    void aNameOfTheLatestThatCannotBeReadIsOverwrittenAndNothingIsRemovedByIt() throws Exception {
        layout().layOut(DATABASE, SNAPSHOT, manifest);
        store.tamper("demo/files/latest_version.meta.txt", "rubbish".getBytes(UTF_8));

        assertThatThrownBy(() -> layout().retire(DATABASE)).hasMessageContaining("names no version");
        layout().point(DATABASE, SNAPSHOT);

        assertThat(new String(store.objects().get("demo/files/latest_version.meta.txt"), UTF_8))
                .isEqualTo(SNAPSHOT + "\n");
    }

    @Test
    void aVersionThatAnotherPublisherHasRemovedIsNotNamed() throws Exception {
        assertThatThrownBy(() -> layout().point(DATABASE, SNAPSHOT))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("another publisher");

        assertThat(store.objects()).doesNotContainKey("demo/files/latest_version.meta.txt");
    }

    private static SnapshotId version(int number) {
        return new SnapshotId(SNAPSHOT.createdAt().plusSeconds(number), number);
    }

    private static String was(int number) {
        return version(number) + " was-latest " + NOW;
    }

    private static String files(int number) {
        return "demo/files/" + version(number) + "/";
    }

    private List<String> note() {
        return new String(store.objects().get("_control/files/demo"), UTF_8)
                .lines()
                .toList();
    }

    private List<SnapshotId> versionsThere() {
        return store.objects().keySet().stream()
                .filter(key -> key.startsWith("demo/files/2"))
                .map(key -> SnapshotId.parse(key.split("/", -1)[2]))
                .distinct()
                .toList();
    }

    private void assertComplete() {
        assertComplete(FILES);
    }

    private void assertComplete(String folder) {
        tree.forEach((path, content) ->
                assertThat(store.objects().get(folder + path)).isEqualTo(content));
        assertThat(new String(store.objects().get(folder + "files.txt"), UTF_8).lines())
                .containsExactlyElementsOf(tree.keySet());
    }

    private FileLayout layout() {
        return layout(Duration.ZERO, NOW);
    }

    private FileLayout layout(Duration grace, Instant now) {
        return new FileLayout(store, store, true, grace, publication -> true, Clock.fixed(now, ZoneOffset.UTC));
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
