package caravan.manifest;

import caravan.failure.DamagedException;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The verification steps of docs/format.md and nothing else, in memory: a second, small reading of the format that the
 * golden files and their broken copies are held against.
 */
final class ReferenceClient {

    private final Map<String, byte[]> bucket;
    private final TrustedKeys trusted;
    private final Instant now;

    ReferenceClient(Map<String, byte[]> bucket, TrustedKeys trusted, Instant now) {
        this.bucket = bucket;
        this.trusted = trusted;
        this.now = now;
    }

    /** What was restored. */
    record Restored(Map<SnapshotPath, byte[]> files, List<SnapshotPath> emptyDirectories) {}

    Restored restoreLatest(DatabaseName database) throws Exception {
        String latest = BucketPaths.latest(database);
        VerifiedNote pointerNote = SignedNote.verify(get(latest), NoteKind.POINTER, trusted, latest, now);
        Pointer pointer = PointerFormat.read(pointerNote.line(), latest);
        check(pointer.database().equals(database), "the pointer is about another database");
        check(now.isBefore(pointer.expiresAt()), "the pointer has expired");

        String recordKey = database + "/" + pointer.record().path();
        VerifiedNote recordNote = SignedNote.verify(get(recordKey), NoteKind.RECORD, trusted, recordKey, now);
        check(
                recordNote.lineSize() == pointer.record().size()
                        && recordNote.lineDigest().equals(pointer.record().digest()),
                "the record is not the one that the pointer names");
        SnapshotRecord record = RecordFormat.read(recordNote.line(), recordKey);
        check(record.database().equals(database), "the record is about another database");
        check(record.snapshot().equals(pointer.snapshot()), "the record is about another snapshot");
        return restore(record);
    }

    private Restored restore(SnapshotRecord record) throws Exception {
        byte[] manifest = whole(record, record.manifest());
        whole(record, record.chunks());
        RecordedManifest read = new RecordedManifest();
        ManifestTotals totals = ManifestReader.read(new ByteArrayInputStream(manifest), "the manifest", read);
        check(totals.equals(record.totals()), "manifest and record differ in their totals");
        check(
                read.header.database().equals(record.database())
                        && read.header.snapshot().equals(record.snapshot()),
                "the manifest is about another snapshot");
        Map<SnapshotPath, byte[]> files = new TreeMap<>();
        for (FileEntry file : read.files) {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            for (ChunkRef chunk : file.chunks()) {
                content.writeBytes(fetch(chunk));
            }
            files.put(file.path(), content.toByteArray());
        }
        return new Restored(files, read.directories);
    }

    private byte[] whole(SnapshotRecord record, ObjectRef object) throws DamagedException {
        byte[] content = get(BucketPaths.ofSnapshot(record.database(), record.snapshot(), object.path()));
        check(
                content.length == object.size() && Digest.of(content).equals(object.digest()),
                object.path() + " is not the one that the record names");
        return content;
    }

    private byte[] fetch(ChunkRef chunk) throws DamagedException {
        String key = BucketPaths.chunk(chunk.digest(), chunk.storedAs());
        byte[] plain = get(key);
        if (chunk.storedAs() instanceof StoredAs.Zstandard stored) {
            check(plain.length == stored.size() && Digest.of(plain).equals(stored.digest()), key + " is damaged");
            try {
                plain = Zstd.decompress(plain, (int) chunk.size());
            } catch (ZstdException e) {
                throw new DamagedException(key + " is no frame", "", e);
            }
        }
        check(plain.length == chunk.size() && Digest.of(plain).equals(chunk.digest()), key + " is damaged");
        return plain;
    }

    private byte[] get(String key) throws DamagedException {
        byte[] content = bucket.get(key);
        check(content != null, key + " is not there");
        return content;
    }

    private static void check(boolean holds, String fault) throws DamagedException {
        if (!holds) {
            throw new DamagedException(fault, "");
        }
    }
}
