package caravan.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.failure.DamagedException;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bytes of format v1, for ever: what is written today is what was written then, and what was written then is read
 * today.
 *
 * <p>{@code -Dcaravan.golden.renew=true} writes the files of {@code golden/v1} anew. That is right only before the first
 * release of a format; afterwards a change here means that published snapshots cannot be read any more.
 */
class GoldenFilesTest {

    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "v1");

    private static final Path BUCKET = GOLDEN.resolve("bucket");

    private static final DatabaseName DEMO = GoldenSnapshot.DATABASE;

    @TempDir
    Path directory;

    private SigningKey key;
    private TrustedKeys trusted;

    @BeforeAll
    static void renewIfAsked() throws Exception {
        if (!Boolean.getBoolean("caravan.golden.renew")) {
            return;
        }
        if (!Files.exists(GOLDEN.resolve("key"))) {
            Files.createDirectories(GOLDEN);
            SigningKey made = SigningKey.generate();
            made.write(GOLDEN.resolve("key"));
            Files.writeString(
                    GOLDEN.resolve("allowed_signers"),
                    "demo@example.org namespaces=\"caravan-record,caravan-pointer,caravan-catalog\" "
                            + made.publicKey().toOpenSsh() + "\n");
        }
        Files.setPosixFilePermissions(GOLDEN.resolve("key"), PosixFilePermissions.fromString("rw-------"));
        SigningKey kept = SigningKey.load(GOLDEN.resolve("key"));
        for (Map.Entry<String, byte[]> object :
                GoldenSnapshot.bucket(kept, plain -> Zstd.compress(plain, 3)).entrySet()) {
            Path file = BUCKET.resolve(object.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, object.getValue());
        }
    }

    @BeforeEach
    void loadKeys() throws Exception {
        // A checkout does not keep the mode that a private key must have.
        Path copy = Files.copy(GOLDEN.resolve("key"), directory.resolve("key"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        key = SigningKey.load(copy);
        trusted = TrustedKeys.load(GOLDEN.resolve("allowed_signers"));
    }

    @Test
    void theSameTreeIsWrittenByteForByteAsItWasThen() throws Exception {
        Map<String, byte[]> golden = goldenBucket();

        Map<String, byte[]> today = GoldenSnapshot.bucket(key, plain -> frameOf(golden, plain));

        assertThat(today.keySet()).isEqualTo(golden.keySet());
        for (String name : golden.keySet()) {
            assertThat(today.get(name)).as(name).isEqualTo(golden.get(name));
        }
    }

    @Test
    void snapshotOfThenIsReadToday() throws Exception {
        ReferenceClient.Restored restored =
                new ReferenceClient(goldenBucket(), trusted, GoldenSnapshot.NOW).restoreLatest(DEMO);

        assertThat(restored.files()).containsExactlyEntriesOf(GoldenSnapshot.files());
        assertThat(restored.emptyDirectories())
                .containsExactly(new SnapshotPath("db/full/archive"), new SnapshotPath("offchain/空/x y"));
    }

    @Test
    void catalogOfThenIsReadToday() throws Exception {
        byte[] note = goldenBucket().get(BucketPaths.CATALOG);

        byte[] line = SignedNote.verify(note, NoteKind.CATALOG, trusted, "catalog.json", GoldenSnapshot.NOW)
                .line();

        SnapshotRecord record = RecordFormat.read(
                SignedNote.verify(
                                goldenBucket().get(GoldenSnapshot.keyOf("record")),
                                NoteKind.RECORD,
                                trusted,
                                "record",
                                GoldenSnapshot.NOW)
                        .line(),
                "record");
        assertThat(CatalogFormat.read(line, "catalog.json")).isEqualTo(GoldenCatalog.of(record, key.fingerprint()));
    }

    @Test
    void everyKeyFileNamesTheSameKey() throws Exception {
        byte[] latest = goldenBucket().get(BucketPaths.latest(DEMO));

        for (TrustedKeys keys : List.of(
                TrustedKeys.load(GOLDEN.resolve("key.pub")), TrustedKeys.parseOption(key.fingerprint()), trusted)) {
            assertThat(SignedNote.verify(latest, NoteKind.POINTER, keys, "latest", GoldenSnapshot.NOW)
                            .fingerprint())
                    .isEqualTo(key.fingerprint());
        }
    }

    @ParameterizedTest
    @MethodSource("notes")
    void notesCanBeCheckedWithHeadAndSshKeygen(String name, String namespace) throws Exception {
        assumeTrue(isInstalled("ssh-keygen"), "ssh-keygen is not installed, so nothing can be checked with it");

        int status = run(String.format(
                "tail -n +2 '%1$s' > sig && head -n 1 '%1$s' |"
                        + " ssh-keygen -Y verify -f '%2$s' -I demo@example.org -n %3$s -s sig",
                BUCKET.resolve(name).toAbsolutePath(),
                GOLDEN.resolve("allowed_signers").toAbsolutePath(),
                namespace));

        assertThat(status).isZero();
    }

    static Stream<Arguments> notes() {
        return Stream.of(
                Arguments.of("catalog.json", "caravan-catalog"),
                Arguments.of("demo/latest", "caravan-pointer"),
                Arguments.of(GoldenSnapshot.keyOf("record"), "caravan-record"));
    }

    @ParameterizedTest
    @MethodSource("breakages")
    void brokenCopyIsRefused(String name, Breakage breakage) throws Exception {
        Map<String, byte[]> broken = goldenBucket();
        breakage.apply(broken, this);

        assertThatThrownBy(() -> new ReferenceClient(broken, trusted, GoldenSnapshot.NOW).restoreLatest(DEMO))
                .isInstanceOf(DamagedException.class);
    }

    static Stream<Arguments> breakages() {
        return Stream.of(
                broken("manifest cut short", (bucket, test) -> cut(bucket, "manifest.jsonl")),
                broken("manifest cut short, and signed so", (bucket, test) -> {
                    cut(bucket, "manifest.jsonl");
                    test.signAgain(bucket);
                }),
                broken("one line of the manifest missing, and signed so", (bucket, test) -> {
                    replace(bucket, "manifest.jsonl", "\\{\"path\":\"db/full/CURRENT.*\n", "");
                    test.signAgain(bucket);
                }),
                broken("path that escapes, and signed so", (bucket, test) -> {
                    replace(bucket, "manifest.jsonl", "db/full/000012.sst", "../full/000012.sst");
                    test.signAgain(bucket);
                }),
                broken("manifest of another database, and signed so", (bucket, test) -> {
                    replace(bucket, "manifest.jsonl", "\"database\":\"demo\"", "\"database\":\"omed\"");
                    test.signAgain(bucket);
                }),
                broken("manifest of another snapshot, and signed so", (bucket, test) -> {
                    replace(bucket, "manifest.jsonl", "20261122T083300Z-23456789", "20261122T083300Z-1");
                    test.signAgain(bucket);
                }),
                broken("chunk list changed", (bucket, test) -> replace(bucket, "chunks.tsv", "plain", "zst")),
                broken("bit flipped in a chunk", (bucket, test) -> flip(bucket, "chunks/.*[0-9a-f]")),
                broken("bit flipped in a compressed chunk", (bucket, test) -> flip(bucket, "chunks/.*zst")),
                broken(
                        "chunk cut short",
                        (bucket, test) -> bucket.computeIfPresent(
                                first(bucket, "chunks/.*[0-9a-f]"),
                                (name, content) -> Arrays.copyOf(content, content.length - 1))),
                broken("chunk missing", (bucket, test) -> bucket.remove(first(bucket, "chunks/.*[0-9a-f]"))),
                broken(
                        "chunk swapped for another",
                        (bucket, test) -> bucket.put(
                                first(bucket, "chunks/[89].*[0-9a-f]"),
                                bucket.get(first(bucket, "chunks/[0-7].*[0-9a-f]")))),
                broken(
                        "signed by another key",
                        (bucket, test) -> GoldenSnapshot.sign(bucket, SigningKey.generate(), test.totals(bucket))),
                broken(
                        "pointer signed by another key",
                        (bucket, test) -> GoldenSnapshot.point(
                                bucket, SigningKey.generate(), DEMO, GoldenSnapshot.NOW.plusSeconds(9))),
                broken(
                        "pointer of another database",
                        (bucket, test) -> GoldenSnapshot.point(
                                bucket, test.key, new DatabaseName("other"), GoldenSnapshot.NOW.plusSeconds(9))),
                broken(
                        "pointer that has expired",
                        (bucket, test) -> GoldenSnapshot.point(bucket, test.key, DEMO, GoldenSnapshot.NOW)),
                broken(
                        "record in the place of the pointer",
                        (bucket, test) -> bucket.put("demo/latest", bucket.get(GoldenSnapshot.keyOf("record")))),
                broken(
                        "record changed by one byte",
                        (bucket, test) -> replace(bucket, "record", "polkadot", "polkadof")),
                broken("older record", (bucket, test) -> {
                    byte[] pointer = bucket.get("demo/latest");
                    test.signAgain(bucket, new ManifestTotals(1, 1, 1, 1));
                    bucket.put("demo/latest", pointer);
                }),
                broken(
                        "totals of another manifest, and signed so",
                        (bucket, test) -> test.signAgain(bucket, new ManifestTotals(1, 1, 1, 1))),
                broken("record missing", (bucket, test) -> bucket.remove(GoldenSnapshot.keyOf("record"))),
                broken("pointer missing", (bucket, test) -> bucket.remove("demo/latest")),
                broken("pointer empty", (bucket, test) -> bucket.put("demo/latest", new byte[0])));
    }

    @FunctionalInterface
    interface Breakage {
        void apply(Map<String, byte[]> bucket, GoldenFilesTest test) throws Exception;
    }

    private static Arguments broken(String name, Breakage breakage) {
        return Arguments.of(name, breakage);
    }

    private static void cut(Map<String, byte[]> bucket, String name) {
        bucket.computeIfPresent(
                GoldenSnapshot.keyOf(name), (object, content) -> Arrays.copyOf(content, content.length / 2));
    }

    private static void replace(Map<String, byte[]> bucket, String name, String from, String to) {
        String object = GoldenSnapshot.keyOf(name);
        String before = new String(bucket.get(object), StandardCharsets.UTF_8);
        String after = before.replaceFirst(from, to);
        assertThat(after).isNotEqualTo(before);
        bucket.put(object, after.getBytes(StandardCharsets.UTF_8));
    }

    private static void flip(Map<String, byte[]> bucket, String pattern) {
        byte[] content = bucket.get(first(bucket, pattern)).clone();
        content[content.length / 2] ^= 1;
        bucket.put(first(bucket, pattern), content);
    }

    private static String first(Map<String, byte[]> bucket, String pattern) {
        return bucket.keySet().stream()
                .filter(name -> name.matches(pattern))
                .findFirst()
                .orElseThrow();
    }

    private void signAgain(Map<String, byte[]> bucket) throws Exception {
        signAgain(bucket, totals(goldenBucket()));
    }

    private void signAgain(Map<String, byte[]> bucket, ManifestTotals totals) {
        GoldenSnapshot.sign(bucket, key, totals);
    }

    private ManifestTotals totals(Map<String, byte[]> bucket) throws Exception {
        byte[] manifest = bucket.get(GoldenSnapshot.keyOf("manifest.jsonl"));
        return ManifestReader.read(new ByteArrayInputStream(manifest), "x", new RecordedManifest());
    }

    private static byte[] frameOf(Map<String, byte[]> bucket, byte[] plain) {
        return bucket.entrySet().stream()
                .filter(object -> object.getKey().endsWith(".zst"))
                .map(Map.Entry::getValue)
                .filter(frame -> Arrays.equals(Zstd.decompress(frame, 1 << 10), plain))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, byte[]> goldenBucket() throws IOException {
        Map<String, byte[]> bucket = new TreeMap<>();
        try (Stream<Path> files = Files.walk(BUCKET)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bucket.put(BUCKET.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        return bucket;
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    private int run(String script) throws Exception {
        Process process = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
