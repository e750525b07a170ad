package caravan.retain;

import caravan.manifest.ManifestWriter;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
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
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Snapshots of one database whose files are words, one chunk each, and how they get into a store. */
final class SignedBucket {

    static final DatabaseName DATABASE = new DatabaseName("demo");

    static final Instant DAY_ZERO = Instant.parse("2026-11-01T08:00:00Z");

    private final ObjectStore store;

    private final SigningKey key;

    private final Duration promise;

    SignedBucket(ObjectStore store, SigningKey key, Duration promise) {
        this.store = store;
        this.key = key;
        this.promise = promise;
    }

    static SnapshotId idOf(int day) {
        return new SnapshotId(DAY_ZERO.plus(Duration.ofDays(day)), day);
    }

    static Digest digestOf(String word) {
        return Digest.of(word.getBytes(StandardCharsets.UTF_8));
    }

    static String chunkOf(String word) {
        return BucketPaths.chunk(digestOf(word), StoredAs.PLAIN);
    }

    static String pathOf(int day, String object) {
        return BucketPaths.ofSnapshot(DATABASE, idOf(day), object);
    }

    /** All of it: chunks, manifest, record, {@code latest}. */
    void publish(int day, String... words) throws Exception {
        for (String word : words) {
            putChunk(word);
        }
        byte[] manifest = putManifest(day, words);
        byte[] record = putRecord(day, manifest, words.length);
        point(day, record);
    }

    void putChunk(String word) throws Exception {
        store.create(
                chunkOf(word),
                Content.of(word.getBytes(StandardCharsets.UTF_8), Content.OCTETS, CachePolicy.IMMUTABLE));
    }

    byte[] putManifest(int day, String... words) throws Exception {
        ManifestHeader header = new ManifestHeader(
                DATABASE, idOf(day), List.of(new DatabaseStore("db", Engine.UNKNOWN, "copy", "none", 65536)));
        ByteArrayOutputStream manifest = new ByteArrayOutputStream();
        ManifestWriter writer = new ManifestWriter(manifest, header);
        String[] sorted = words.clone();
        Arrays.sort(sorted);
        for (String word : sorted) {
            long size = word.getBytes(StandardCharsets.UTF_8).length;
            writer.file(new FileEntry(
                    new SnapshotPath("db/" + word), size, List.of(new ChunkRef(digestOf(word), size, StoredAs.PLAIN))));
        }
        writer.finish();
        put(pathOf(day, BucketPaths.MANIFEST), manifest.toByteArray());
        put(pathOf(day, BucketPaths.CHUNKS), "no list\n".getBytes(StandardCharsets.UTF_8));
        return manifest.toByteArray();
    }

    /** The record's line, with its end. */
    byte[] putRecord(int day, byte[] manifest, int files) throws Exception {
        SnapshotId id = idOf(day);
        SnapshotRecord record = new SnapshotRecord(
                DATABASE,
                id,
                "polkadot",
                "0x91b1",
                "full",
                "256",
                List.of(Engine.UNKNOWN),
                "1.20.0",
                id.height(),
                "rpc",
                "0xab",
                id.createdAt(),
                id.createdAt().plus(promise),
                "live",
                7,
                "structure",
                "none",
                new ManifestTotals(files, 0, files, manifest.length),
                new ObjectRef(BucketPaths.MANIFEST, manifest.length, Digest.of(manifest)),
                new ObjectRef(BucketPaths.CHUNKS, 8, Digest.OF_NOTHING));
        byte[] line = RecordFormat.write(record);
        put(pathOf(day, BucketPaths.RECORD), SignedNote.sign(line, NoteKind.RECORD, key));
        byte[] signed = Arrays.copyOf(line, line.length + 1);
        signed[line.length] = '\n';
        return signed;
    }

    void point(int day, byte[] record) throws Exception {
        Instant now = idOf(day).createdAt();
        Pointer pointer = new Pointer(
                DATABASE,
                day + 1L,
                "run-" + day,
                now,
                now.plus(Duration.ofDays(14)),
                new ObjectRef(idOf(day) + "/" + BucketPaths.RECORD, record.length, Digest.of(record)));
        put(BucketPaths.latest(DATABASE), SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, key));
    }

    /** What a publication registers; one that has ended writes it again. */
    void putSession(String run, Instant begin, boolean ended) throws Exception {
        String note = "{\"format\":\"caravan-session-1\",\"runId\":\"" + run
                + "\",\"database\":\"demo\",\"startedAt\":\"" + begin + "\",\"expiresAt\":\""
                + begin.plus(Duration.ofDays(4)) + "\",\"ended\":" + ended + "}\n";
        put(BucketPaths.session(run), note.getBytes(StandardCharsets.UTF_8));
    }

    void put(String path, byte[] bytes) throws Exception {
        store.put(path, Content.of(bytes, "text/plain", CachePolicy.MUTABLE));
    }
}
