package caravan.manifest;

import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The snapshot whose bytes are kept for ever: every kind of store, file, chunk and name, in a few kilobytes. */
final class GoldenSnapshot {

    static final DatabaseName DATABASE = new DatabaseName("demo");

    static final SnapshotId SNAPSHOT = SnapshotId.parse("20261122T083300Z-23456789");

    static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");

    private static final ManifestHeader HEADER = new ManifestHeader(
            DATABASE,
            SNAPSHOT,
            List.of(
                    new DatabaseStore("db/full", Engine.ROCKSDB, "live", "structure", 64),
                    new DatabaseStore("db/full/parachains/db", Engine.ROCKSDB, "live", "structure", 64),
                    new DatabaseStore("offchain", Engine.UNKNOWN, "copy", "none", 32),
                    new DatabaseStore("paritydb/full", Engine.PARITYDB, "freeze", "structure", 32)));

    private static final List<String> EMPTY_DIRECTORIES = List.of("db/full/archive", "offchain/空/x y");

    private GoldenSnapshot() {}

    /** Content of every file, by path. */
    static Map<SnapshotPath, byte[]> files() {
        Map<SnapshotPath, byte[]> files = new TreeMap<>();
        put(files, "db/full/000012.sst", mixed("000012", 100));
        put(files, "db/full/000015.sst", mixed("000015", 300));
        put(files, "db/full/000016.log", new byte[0]);
        put(files, "db/full/CURRENT", text("MANIFEST-000004\n"));
        put(files, "db/full/MANIFEST-000004", mixed("MANIFEST", 128));
        put(files, "db/full/parachains/db/CURRENT", text("MANIFEST-000001\n"));
        put(files, "db/full/parachains/db/MANIFEST-000001", mixed("MANIFEST", 129));
        put(files, "offchain/ leading space", text("a"));
        put(files, "offchain/\"quoted\" & Ünïcode 日本 😀", text("b"));
        put(files, "offchain/copy of 000012", mixed("000012", 64));
        put(files, "paritydb/full/index_00_16", new byte[65]);
        put(files, "paritydb/full/metadata", text("version=8\n"));
        put(files, "paritydb/full/table_00_15", repeated("table ", 200));
        return files;
    }

    /**
     * The whole bucket, by key.
     *
     * @param compress gives the frame of a chunk that is stored compressed
     */
    static Map<String, byte[]> bucket(SigningKey key, UnaryOperator<byte[]> compress) throws Exception {
        Map<String, byte[]> bucket = new TreeMap<>();
        List<FileEntry> entries = new ArrayList<>();
        for (Map.Entry<SnapshotPath, byte[]> file : files().entrySet()) {
            entries.add(cut(file.getKey(), file.getValue(), compress, bucket));
        }
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(manifest, HEADER);
        for (FileEntry entry : entries) {
            writer.file(entry);
        }
        for (String directory : EMPTY_DIRECTORIES) {
            writer.directory(new SnapshotPath(directory));
        }
        ManifestTotals totals = writer.finish();
        putSnapshot(bucket, BucketPaths.MANIFEST, manifest.toByteArray());
        putExports(bucket, manifest.toByteArray());
        sign(bucket, key, totals);
        bucket.put(BucketPaths.CATALOG, GoldenCatalog.note(record(bucket, totals), key));
        return bucket;
    }

    /** Writes record and pointer anew, to fit manifest and chunk list as they are in {@code bucket}. */
    static void sign(Map<String, byte[]> bucket, SigningKey key, ManifestTotals totals) {
        byte[] line = RecordFormat.write(record(bucket, totals));
        putSnapshot(bucket, BucketPaths.RECORD, SignedNote.sign(line, NoteKind.RECORD, key));
        point(bucket, key, DATABASE, Instant.parse("2126-11-22T08:40:00Z"));
    }

    /** Writes the pointer anew, to fit the record as it is in {@code bucket}. */
    static void point(Map<String, byte[]> bucket, SigningKey key, DatabaseName database, Instant expiresAt) {
        byte[] record = bucket.get(keyOf(BucketPaths.RECORD));
        int end = new String(record, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
        Pointer pointer = new Pointer(
                database,
                42,
                "run-2026-11-22-1",
                Instant.parse("2026-11-22T08:40:00Z"),
                expiresAt,
                new ObjectRef(SNAPSHOT + "/" + BucketPaths.RECORD, end, Digest.of(Arrays.copyOf(record, end))));
        bucket.put(BucketPaths.latest(DATABASE), SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, key));
    }

    static String keyOf(String name) {
        return BucketPaths.ofSnapshot(DATABASE, SNAPSHOT, name);
    }

    private static SnapshotRecord record(Map<String, byte[]> bucket, ManifestTotals totals) {
        return new SnapshotRecord(
                DATABASE,
                SNAPSHOT,
                "polkadot",
                "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3",
                "full",
                "256",
                HEADER.stores().stream().map(DatabaseStore::engine).toList(),
                "1.20.0-8f9a0c2d3e1",
                23456789,
                "rpc",
                "0x" + "5a".repeat(32),
                SNAPSHOT.createdAt(),
                Instant.parse("2027-02-22T08:33:00Z"),
                "live+copy+freeze",
                1250,
                "structure",
                "none",
                totals,
                objectRef(bucket, BucketPaths.MANIFEST),
                objectRef(bucket, BucketPaths.CHUNKS));
    }

    private static ObjectRef objectRef(Map<String, byte[]> bucket, String name) {
        byte[] content = bucket.get(keyOf(name));
        return new ObjectRef(name, content.length, Digest.of(content));
    }

    private static FileEntry cut(
            SnapshotPath path, byte[] content, UnaryOperator<byte[]> compress, Map<String, byte[]> bucket) {
        CutRule cut = new CutRule(HEADER.storeOf(path).orElseThrow().chunkSize());
        List<ChunkRef> chunks = new ArrayList<>();
        for (long index = 0; index < cut.count(content.length); index++) {
            int from = content.length == cut.size(content.length, index) ? 0 : (int) cut.offset(index);
            byte[] plain = Arrays.copyOfRange(content, from, from + (int) cut.size(content.length, index));
            StoredAs storedAs = StoredAs.PLAIN;
            byte[] stored = plain;
            if (isDull(plain)) {
                stored = compress.apply(plain);
                storedAs = new StoredAs.Zstandard(stored.length, Digest.of(stored));
            }
            ChunkRef chunk = new ChunkRef(Digest.of(plain), plain.length, storedAs);
            bucket.put(BucketPaths.chunk(chunk.digest(), storedAs), stored);
            chunks.add(chunk);
        }
        return new FileEntry(path, content.length, chunks);
    }

    /** Content that is worth compressing. */
    private static boolean isDull(byte[] content) {
        return content.length >= 32
                && new String(content, StandardCharsets.ISO_8859_1)
                                .chars()
                                .distinct()
                                .count()
                        < 8;
    }

    private static void putExports(Map<String, byte[]> bucket, byte[] manifest) throws Exception {
        ByteArrayOutputStream chunks = new ByteArrayOutputStream();
        ByteArrayOutputStream aria2 = new ByteArrayOutputStream();
        ByteArrayOutputStream sums = new ByteArrayOutputStream();
        ByteArrayOutputStream metalink = new ByteArrayOutputStream();
        Exports exports = new Exports(chunks, aria2, sums, metalink, URI.create("https://cdn.example.org/snapshots"));
        ManifestReader.read(new ByteArrayInputStream(manifest), "golden", exports);
        exports.finish();
        putSnapshot(bucket, BucketPaths.CHUNKS, chunks.toByteArray());
        putSnapshot(bucket, BucketPaths.ARIA2, aria2.toByteArray());
        putSnapshot(bucket, BucketPaths.SHA256SUMS, sums.toByteArray());
        putSnapshot(bucket, BucketPaths.METALINK, metalink.toByteArray());
    }

    private static void putSnapshot(Map<String, byte[]> bucket, String name, byte[] content) {
        bucket.put(keyOf(name), content);
    }

    private static void put(Map<SnapshotPath, byte[]> files, String path, byte[] content) {
        files.put(new SnapshotPath(path), content);
    }

    /** The first 64 bytes look random, the next 64 are dull, and so on. */
    private static byte[] mixed(String seed, int length) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int block = 0; content.size() < length; block++) {
            content.writeBytes(Digest.of(text(seed + block)).bytes());
            content.writeBytes(Digest.of(text(block + seed)).bytes());
            content.writeBytes(repeated("ab", 64));
        }
        return Arrays.copyOf(content.toByteArray(), length);
    }

    private static byte[] repeated(String text, int length) {
        return text(text.repeat(length).substring(0, length));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
