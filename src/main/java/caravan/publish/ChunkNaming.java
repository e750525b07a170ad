package caravan.publish;

import caravan.capture.CapturedFile;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Finds the name of a chunk: the SHA-256 of its bytes, read from the capture unless the same state of the file was
 * hashed before, and the form in which it is or will be stored. Safe for use by many threads.
 */
public final class ChunkNaming {

    private final SliceReader reader;

    private final ChunkPacking packing;

    /**
     * Reads no faster than {@code readRate} allows.
     *
     * @param packing form of those that are to be sent
     */
    public ChunkNaming(RateLimit readRate, ChunkPacking packing) {
        this.reader = new SliceReader(readRate);
        this.packing = packing;
    }

    /**
     * Names one chunk and says whether the store is known to have it. Called by route {@code upload-chunk}.
     *
     * @throws FailedException if the captured file cannot be read, or is shorter than it was when it was captured
     */
    public NamedChunk name(ChunkSlice slice) throws CaravanException, InterruptedException {
        Digest digest = digestOf(slice);
        StoredChunks stored = slice.publication().stored();
        Optional<StoredAs> before = stored.formOf(digest).filter(packing::takes);
        if (before.isEmpty()) {
            return packing.pack(slice, digest);
        }
        return new NamedChunk(
                slice,
                digest,
                before.get(),
                List.of(),
                stored.isKnown(digest) ? NamedChunk.State.REUSED : NamedChunk.State.UNKNOWN);
    }

    private Digest digestOf(ChunkSlice slice) throws CaravanException, InterruptedException {
        CapturedFile file = slice.file();
        Publication publication = slice.publication();
        if (file.writeOnce()) {
            Optional<List<Digest>> known = publication
                    .state()
                    .hashes()
                    .find(
                            file.source(),
                            publication.held().stores().cutRuleOf(file.path()).chunkSize());
            if (known.isPresent() && slice.part() < known.get().size()) {
                return known.get().get(slice.part());
            }
        }
        publication.report().read(slice.size());
        publication
                .held()
                .ledger()
                .isRead(slice.fileIndex(), publication.state().now());
        return read(slice);
    }

    private Digest read(ChunkSlice slice) throws CaravanException, InterruptedException {
        MessageDigest digest = Digest.newMessageDigest();
        reader.read(slice, bytes -> {
            digest.update(bytes);
            return true;
        });
        return Digest.fromBytes(digest.digest());
    }
}
