package caravan.publish;

import caravan.capture.CapturedFile;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.Exports;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestWriter;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.CutRule;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.watch.NodeFacts;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes down a stored capture as manifest, exports and signed record, and reads the manifest back as a client would
 * before anything of it is published. It writes to the work directory alone.
 */
public final class SnapshotProof {

    private final SigningKey key;

    private final URI publicUrl;

    private final Duration retained;

    /**
     * Signs with {@code key}.
     *
     * @param publicUrl under which clients find the bucket's prefix; it stands in {@code aria2.txt}
     * @param retained how long a snapshot is promised to be kept
     */
    public SnapshotProof(SigningKey key, URI publicUrl, Duration retained) {
        this.key = key;
        this.publicUrl = publicUrl;
        this.retained = retained;
    }

    /**
     * Makes everything that will be visible of the snapshot. Called by route {@code publish-database} when every chunk
     * is stored.
     *
     * @throws TransientException if there is no capture any more
     */
    public void prove(Publication publication) throws CaravanException {
        if (publication.isToBeCaptured()) {
            throw new TransientException(
                    "publish " + publication.database().name() + ": its capture was given back, and there is no other",
                    "route publish-database must capture in the loop until-uploaded-in-time; then run it again, and"
                            + " nothing that is stored is sent again");
        }
        try {
            ProvenSnapshot.WorkFile manifest = writeManifest(publication);
            publication.keep(export(publication, manifest));
        } catch (IOException e) {
            throw new FailedException(
                    "write the manifest of " + publication.database().name() + " to "
                            + publication.workFile(BucketPaths.MANIFEST) + ": " + e,
                    "the state directory needs space for it, and must be writable",
                    e);
        }
    }

    /**
     * States what a drill found in the record, and signs it again. It is for {@link SnapshotPublishing#putRecordAgain}
     * to make that visible. Called by route {@code put-drill-result}, never once {@code latest} leads to the snapshot:
     * the pointer vouches for every byte of the record's line.
     */
    public void restate(Publication publication, String drill) throws CaravanException {
        ProvenSnapshot before = publication.proven();
        SnapshotRecord record = before.record().withDrill(drill);
        byte[] note = SignedNote.sign(RecordFormat.write(record), NoteKind.RECORD, key);
        publication.restate(new ProvenSnapshot(
                before.manifest(),
                before.chunks(),
                before.aria2(),
                before.sums(),
                before.metalink(),
                before.totals(),
                record,
                note,
                lineOf(note, publication)));
    }

    private static ProvenSnapshot.WorkFile writeManifest(Publication publication) throws IOException, CaravanException {
        HeldCapture held = publication.held();
        Path path = publication.workFile(BucketPaths.MANIFEST);
        ManifestHeader header = new ManifestHeader(
                publication.database().name(), held.snapshot(), held.stores().sorted());
        try (DigestOutputStream digesting = digesting(path);
                OutputStream buffered = new BufferedOutputStream(digesting)) {
            ManifestWriter writer = new ManifestWriter(buffered, header);
            long index = 0;
            for (CapturedFile file : held.capture().files()) {
                CutRule rule = held.stores().cutRuleOf(file.path());
                List<ChunkRef> chunks = new ArrayList<>();
                for (long part = 0; part < rule.count(file.size()); part++) {
                    JournaledChunk chunk = held.ledger().read(index + part);
                    chunks.add(new ChunkRef(chunk.digest(), rule.size(file.size(), part), chunk.storedAs()));
                }
                index += chunks.size();
                writer.file(new FileEntry(file.path(), file.size(), chunks));
            }
            for (SnapshotPath directory : held.capture().emptyDirectories()) {
                writer.directory(directory);
            }
            writer.finish();
            buffered.flush();
            return workFile(path, digesting);
        }
    }

    /** Reads the manifest back, strictly, and writes the exports on the way. */
    private ProvenSnapshot export(Publication publication, ProvenSnapshot.WorkFile manifest)
            throws IOException, CaravanException {
        Path chunks = publication.workFile(BucketPaths.CHUNKS);
        Path aria2 = publication.workFile(BucketPaths.ARIA2);
        Path sums = publication.workFile(BucketPaths.SHA256SUMS);
        Path metalink = publication.workFile(BucketPaths.METALINK);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(manifest.path()));
                DigestOutputStream chunksOut = digesting(chunks);
                DigestOutputStream aria2Out = digesting(aria2);
                DigestOutputStream sumsOut = digesting(sums);
                DigestOutputStream metalinkOut = digesting(metalink)) {
            Exports exports = new Exports(chunksOut, aria2Out, sumsOut, metalinkOut, publicUrl);
            ManifestTotals totals = ManifestReader.read(in, manifest.path().toString(), exports);
            exports.finish();
            ProvenSnapshot.WorkFile chunkList = workFile(chunks, chunksOut);
            SnapshotRecord record = recordOf(publication, totals, manifest.ref(), chunkList.ref());
            byte[] note = SignedNote.sign(RecordFormat.write(record), NoteKind.RECORD, key);
            return new ProvenSnapshot(
                    manifest,
                    chunkList,
                    workFile(aria2, aria2Out),
                    workFile(sums, sumsOut),
                    workFile(metalink, metalinkOut),
                    totals,
                    record,
                    note,
                    lineOf(note, publication));
        }
    }

    private SnapshotRecord recordOf(
            Publication publication, ManifestTotals totals, ObjectRef manifest, ObjectRef chunks) {
        PublishedDatabase database = publication.database();
        Statement statement = database.statement();
        NodeFacts node = publication.node();
        List<DatabaseStore> stores = publication.held().stores().sorted();
        return new SnapshotRecord(
                database.name(),
                publication.snapshot(),
                statement.networkOf(node),
                statement.genesisOf(node),
                statement.role(),
                statement.pruning(),
                stores.stream().map(DatabaseStore::engine).collect(Collectors.toCollection(ArrayList<Engine>::new)),
                node.version(),
                node.height(),
                node.source(),
                node.blockHash(),
                publication.snapshot().createdAt(),
                publication.snapshot().createdAt().plus(retained),
                joined(stores.stream().map(DatabaseStore::captureMode).toList()),
                publication.pauseMillis(),
                joined(stores.stream().map(DatabaseStore::verification).toList()),
                "none",
                totals,
                manifest,
                chunks);
    }

    /** The record's line as a client will find it, which proves that our own signature holds. */
    private ObjectRef lineOf(byte[] note, Publication publication) throws DamagedException {
        VerifiedNote verified = SignedNote.verify(note, NoteKind.RECORD, TrustedKeys.of(key.publicKey()), "the record");
        return new ObjectRef(
                publication.snapshot() + "/" + BucketPaths.RECORD, verified.lineSize(), verified.lineDigest());
    }

    private static String joined(List<String> words) {
        return words.stream().distinct().collect(Collectors.joining("+"));
    }

    private static DigestOutputStream digesting(Path path) throws IOException {
        return new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(path)), Digest.newMessageDigest());
    }

    private static ProvenSnapshot.WorkFile workFile(Path path, DigestOutputStream written) throws IOException {
        written.flush();
        Digest digest = Digest.fromBytes(written.getMessageDigest().digest());
        return new ProvenSnapshot.WorkFile(
                path, new ObjectRef(path.getFileName().toString(), Files.size(path), digest));
    }
}
