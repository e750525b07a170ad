package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.TransientException;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.StoreAbilities;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store about single chunks. What the store alone cannot vouch for is read, once: a chunk that a published
 * snapshot names, or that was found right before, is not read again. It makes one attempt; the route retries. Safe for
 * use by many threads.
 */
public final class ChunkPresence {

    private static final Logger LOG = LoggerFactory.getLogger(ChunkPresence.class);

    private final ObjectStore store;

    private final ReadBack readBack;

    private final StoreAbilities abilities;

    private final String place;

    /**
     * Asks {@code store}.
     *
     * @param abilities what it does; if it does not refuse bytes that do not match the SHA-256 sent along, each new
     *     chunk is read back
     * @param place the bucket's name, under which is remembered what was found right there
     */
    public ChunkPresence(ObjectStore store, StoreAbilities abilities, String place) {
        this.store = store;
        this.readBack = new ReadBack(store);
        this.abilities = abilities;
        this.place = place;
    }

    /**
     * Whether {@code chunk} is there, and right. Called by route {@code upload-chunk}.
     *
     * @throws DamagedException if something else is stored under its name
     * @throws TransientException if a collector is deleting it: neither what is there nor what is sent now would last
     */
    public NamedChunk look(NamedChunk chunk) throws CaravanException {
        if (publicationOf(chunk).stored().condemned().contains(chunk.digest())) {
            TransientException inVain = new TransientException(
                    "chunk " + chunk.path() + " of " + chunk.slice().where()
                            + " is among those that caravan retain is deleting",
                    "try again when it is done; if it was ended in its midst: caravan retain --confirm");
            // This run knows the list that it read at its begin, and no other.
            publicationOf(chunk).fail(inVain);
            throw inVain;
        }
        Optional<ObjectHead> head = store.head(chunk.path());
        if (head.isEmpty()) {
            // A frame that was made anew might not be the one that older manifests name.
            return chunk.isAtHand() ? chunk.in(NamedChunk.State.MISSING) : look(chunk.unpacked());
        }
        ObjectHead.Likeness likeness = head.get().compare(chunk.storedSize(), chunk.storedDigest());
        if (chunk.frame().isPresent() && !isVouchedFor(chunk, likeness)) {
            return taken(chunk);
        }
        if (likeness == ObjectHead.Likeness.DIFFERENT) {
            throw new DamagedException(
                    "looked for chunk " + chunk.path() + " of " + chunk.slice().where() + ": the store has "
                            + head.get().size() + " bytes under that name that are something else",
                    "the object was damaged or replaced; delete it in the bucket and publish again");
        }
        if (publicationOf(chunk).stored().suspected().contains(chunk.digest())) {
            read(chunk, "it was damaged in the bucket; delete it there, let the CDN forget it, and publish again");
        } else if (!isVouchedFor(chunk, likeness)) {
            read(
                    chunk,
                    "it was damaged on the way or by the store when an earlier run sent it; delete it in the bucket and"
                            + " publish again");
        }
        return chunk.in(NamedChunk.State.REUSED);
    }

    /** There is a frame of it, maybe of another publisher, whose Zstandard made others of the same bytes. */
    private NamedChunk taken(NamedChunk chunk) throws CaravanException {
        NamedChunk found = chunk.foundAs(
                readBack.unpack(chunk.path(), chunk.digest(), chunk.slice().size()));
        remember(found);
        return found;
    }

    /** Whether it need not be read: the store had compared it, or somebody has read it since it was stored. */
    private boolean isVouchedFor(NamedChunk chunk, ObjectHead.Likeness likeness) {
        if (likeness == ObjectHead.Likeness.SAME && abilities.checksumsHonoured()) {
            return true;
        }
        if (likeness == ObjectHead.Likeness.DIFFERENT) {
            return false;
        }
        Publication publication = publicationOf(chunk);
        return publication.stored().formOf(chunk.digest()).equals(Optional.of(chunk.storedAs()))
                || publication.state().provenChunks().contains(place, chunk.storedDigest());
    }

    /**
     * What to make of a store that says {@code chunk} exists already although it was missing a moment ago: another
     * writer was faster, or our own first attempt arrived and its answer was lost. Called by the error policy {@code
     * store-chunk}.
     *
     * @throws TransientException if it is not there after all
     */
    public NamedChunk confirm(NamedChunk chunk) throws CaravanException {
        NamedChunk found = look(chunk);
        if (found.isMissing()) {
            throw new TransientException(
                    "stored chunk " + chunk.path() + ": the store says it exists, then that it does not",
                    "another writer may be deleting chunks; try again");
        }
        return acknowledge(found);
    }

    /**
     * Takes the store's word that {@code chunk} is stored, or reads it back if the store does not check what arrives.
     * Called by route {@code upload-chunk}.
     */
    public NamedChunk acknowledge(NamedChunk chunk) throws CaravanException {
        if (chunk.isSent()) {
            // It was found to be there when another writer was faster, and confirmed.
            return chunk;
        }
        if (!abilities.checksumsHonoured()) {
            read(
                    chunk,
                    "it was damaged on the way or by the store, which checks no uploads; delete it and publish again");
        } else if (!abilities.checksumsTold()) {
            remember(chunk);
        }
        return chunk.in(NamedChunk.State.SENT);
    }

    private void read(NamedChunk chunk, String hint) throws CaravanException {
        readBack.require("chunk", chunk.path(), chunk.storedDigest(), hint);
        remember(chunk);
    }

    private void remember(NamedChunk chunk) {
        try {
            publicationOf(chunk).state().provenChunks().remember(place, chunk.storedDigest());
        } catch (IOException e) {
            LOG.debug("cannot remember that {} was found right; it may be read again", chunk.path(), e);
        }
    }

    private static Publication publicationOf(NamedChunk chunk) {
        return chunk.slice().publication();
    }
}
