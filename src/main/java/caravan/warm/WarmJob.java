package caravan.warm;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Objects that one worker in a region is to fetch. It names chunks and no address: whoever takes it from a queue
 * fetches them from its own public URL, so that a job can lead nobody elsewhere.
 *
 * @param id no two jobs have the same
 * @param database of the snapshot, for logs
 * @param snapshot that is warmed, for logs
 * @param region in whose name it is done
 * @param publicUrl that the publisher means; a worker that has another one does not do the job
 * @param again whether it is the second look, for which bytes are hashed
 * @param notAfter when nobody waits for it any more; none in jobs of publishers that do not say
 * @param items what to fetch
 */
public record WarmJob(
        String id,
        DatabaseName database,
        SnapshotId snapshot,
        String region,
        URI publicUrl,
        boolean again,
        Optional<Instant> notAfter,
        List<Item> items) {

    /** Most objects of one job: a message of a queue has 256 KiB. */
    public static final int MAX_ITEMS = 500;

    /** What names of jobs look like. */
    static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** Checks the name and that there is something to do. */
    public WarmJob {
        requireNonNull(database, "database");
        requireNonNull(snapshot, "snapshot");
        requireNonNull(region, "region");
        requireNonNull(publicUrl, "publicUrl");
        requireNonNull(notAfter, "notAfter");
        items = List.copyOf(items);
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("a job is called by a UUID");
        }
        if (items.isEmpty() || items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("a job has 1 to " + MAX_ITEMS + " objects, not " + items.size());
        }
    }

    /** Whether nobody waits for it any more. */
    public boolean isOver(Instant now) {
        return notAfter.isPresent() && now.isAfter(notAfter.get());
    }

    /**
     * One object.
     *
     * @param index in the publisher's plan
     * @param chunk that it holds; its size is that of the object
     */
    public record Item(long index, ChunkRef chunk) {

        /** Checks that nothing is null. */
        public Item {
            requireNonNull(chunk, "chunk");
        }
    }
}
