package caravan.restore;

import caravan.failure.DamagedException;
import caravan.manifest.Exports;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestWriter;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
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
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A directory in the form of a bucket, and how trees get into it. */
final class Bucket {

    static final DatabaseName DATABASE = new DatabaseName("demo");

    private final Path root;
    private final SigningKey key;
    private final Instant now;

    Bucket(Path root, SigningKey key, Instant now) {
        this.root = root;
        this.key = key;
        this.now = now;
    }

    /** A tree to be published: contents by path, and empty directories. */
    static final class Tree {

        private final Map<SnapshotPath, byte[]> files = new TreeMap<>();
        private final Set<SnapshotPath> directories = new TreeSet<>();

        Tree file(String path, byte[] content) {
            files.put(new SnapshotPath(path), content);
            return this;
        }

        Tree file(String path, String content) {
            return file(path, content.getBytes(StandardCharsets.UTF_8));
        }

        Tree directory(String path) {
            directories.add(new SnapshotPath(path));
            return this;
        }

        Map<SnapshotPath, byte[]> files() {
            return files;
        }

        Set<SnapshotPath> directories() {
            return directories;
        }
    }

    Path root() {
        return root;
    }

    static DatabaseStore store(String path, Engine engine, long chunkSize) {
        return new DatabaseStore(path, engine, "live", "structure", chunkSize);
    }

    /** That of a RocksDB node. */
    static DatabaseStore[] oneStore(long chunkSize) {
        return new DatabaseStore[] {store("db/full", Engine.ROCKSDB, chunkSize)};
    }

    /** That of a RocksDB node, and the one of parachains in it. */
    static DatabaseStore[] twoStores(long chunkSize) {
        return new DatabaseStore[] {
            store("db/full", Engine.ROCKSDB, chunkSize), store("db/full/parachains/db", Engine.ROCKSDB, chunkSize)
        };
    }

    static SnapshotId snapshot(int number) {
        return new SnapshotId(Instant.parse("2026-11-22T08:00:00Z").plusSeconds(number), number);
    }

    /** Where a chunk is that is stored as it is. */
    static String chunk(byte[] content) {
        return BucketPaths.chunk(Digest.of(content), StoredAs.PLAIN);
    }

    /** The same in another directory, as a mirror has it. */
    Bucket copyTo(Path copy) throws IOException {
        for (String path : Trees.names(root)) {
            if (Files.isRegularFile(root.resolve(path))) {
                Files.createDirectories(copy.resolve(path).getParent());
                Files.copy(root.resolve(path), copy.resolve(path));
            }
        }
        return new Bucket(copy, key, now);
    }

    /** Chunks, manifest and record. */
    SnapshotRecord publish(Tree tree, SnapshotId snapshot, boolean compressed, DatabaseStore... stores)
            throws Exception {
        ManifestHeader header = new ManifestHeader(DATABASE, snapshot, List.of(stores));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(manifest, header);
        for (Map.Entry<SnapshotPath, byte[]> file : tree.files().entrySet()) {
            CutRule rule =
                    new CutRule(header.storeOf(file.getKey()).orElseThrow().chunkSize());
            writer.file(
                    new FileEntry(file.getKey(), file.getValue().length, chunks(file.getValue(), rule, compressed)));
        }
        for (SnapshotPath directory : tree.directories()) {
            writer.directory(directory);
        }
        ManifestTotals totals = writer.finish();
        return publish(snapshot, manifest.toByteArray(), totals, header);
    }

    /** A manifest as it is, right or wrong, and its record. */
    SnapshotRecord publish(SnapshotId snapshot, byte[] manifest, ManifestTotals totals, ManifestHeader header)
            throws Exception {
        return publish(snapshot, manifest, chunksTsv(manifest), totals, header);
    }

    /** A manifest and a list as they are, right or wrong, and their record. */
    SnapshotRecord publish(
            SnapshotId snapshot, byte[] manifest, byte[] chunks, ManifestTotals totals, ManifestHeader header)
            throws Exception {
        put(BucketPaths.ofSnapshot(DATABASE, snapshot, BucketPaths.MANIFEST), manifest);
        put(BucketPaths.ofSnapshot(DATABASE, snapshot, BucketPaths.CHUNKS), chunks);
        SnapshotRecord record = new SnapshotRecord(
                header.database(),
                snapshot,
                "testnet",
                "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3",
                "full",
                "256",
                header.stores().stream().map(DatabaseStore::engine).toList(),
                "1.0.0",
                snapshot.height(),
                "rpc",
                "0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3",
                snapshot.createdAt(),
                now.plus(Duration.ofDays(7)),
                "live",
                0,
                "structure",
                "none",
                totals,
                new ObjectRef(BucketPaths.MANIFEST, manifest.length, Digest.of(manifest)),
                new ObjectRef(BucketPaths.CHUNKS, chunks.length, Digest.of(chunks)));
        putRecord(snapshot, record);
        return record;
    }

    /** The list that follows from the manifest; a wrong manifest has a wrong one. */
    private static byte[] chunksTsv(byte[] manifest) throws Exception {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        Exports exports = new Exports(
                list,
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                URI.create("https://cdn.example.org"));
        try {
            ManifestReader.read(new ByteArrayInputStream(manifest), "of the test", exports);
        } catch (DamagedException e) {
            return "no list\n".getBytes(StandardCharsets.UTF_8);
        }
        exports.finish();
        return list.toByteArray();
    }

    void putRecord(SnapshotId where, SnapshotRecord record) throws IOException {
        put(
                BucketPaths.ofSnapshot(DATABASE, where, BucketPaths.RECORD),
                SignedNote.sign(RecordFormat.write(record), NoteKind.RECORD, key));
    }

    /** Moves the pointer. */
    void point(SnapshotRecord record, long sequence) throws IOException {
        point(record, sequence, now.plus(Duration.ofHours(36)));
    }

    void point(SnapshotRecord record, long sequence, Instant expires) throws IOException {
        byte[] line = RecordFormat.write(record);
        byte[] signed = Arrays.copyOf(line, line.length + 1);
        signed[line.length] = '\n';
        Pointer pointer = new Pointer(
                record.database(),
                sequence,
                "run-" + sequence,
                expires.minus(Duration.ofDays(2)),
                expires,
                new ObjectRef(record.snapshot() + "/" + BucketPaths.RECORD, signed.length, Digest.of(signed)));
        put(BucketPaths.latest(DATABASE), SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, key));
    }

    void put(String path, byte[] content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    byte[] get(String path) throws IOException {
        return Files.readAllBytes(root.resolve(path));
    }

    private List<ChunkRef> chunks(byte[] content, CutRule rule, boolean compressed) throws IOException {
        List<ChunkRef> chunks = new ArrayList<>();
        for (int index = 0; index < rule.count(content.length); index++) {
            int from = (int) rule.offset(index);
            byte[] bytes = Arrays.copyOfRange(content, from, from + (int) rule.size(content.length, index));
            ChunkRef chunk = ChunkRef.plain(Digest.of(bytes), bytes.length);
            byte[] stored = bytes;
            if (compressed) {
                stored = Zstd.compress(bytes);
                chunk = new ChunkRef(
                        chunk.digest(), bytes.length, new StoredAs.Zstandard(stored.length, Digest.of(stored)));
            }
            put(BucketPaths.chunk(chunk.digest(), chunk.storedAs()), stored);
            chunks.add(chunk);
        }
        return chunks;
    }
}
