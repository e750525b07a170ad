package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.snapshot.DatabaseName;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what counts as stored: one chunk, and then all of a capture. It believes no order of the routes, but what each
 * chunk went through. Safe for use by many threads.
 */
final class ChunkUpload {

    private static final Logger LOG = LoggerFactory.getLogger(ChunkUpload.class);

    private final DatabaseName database;

    private final StoredChunks before;

    private final PublicationReport report;

    private final FirstFailure failure;

    private final InstantSource clock;

    /**
     * The upload of one publication, over all of its captures.
     *
     * @param before what the snapshot before has
     * @param report counts each chunk
     * @param failure of anything that works on the publication; with one, not all is stored
     */
    ChunkUpload(
            DatabaseName database,
            StoredChunks before,
            PublicationReport report,
            FirstFailure failure,
            InstantSource clock) {
        this.database = requireNonNull(database, "database");
        this.before = requireNonNull(before, "before");
        this.report = requireNonNull(report, "report");
        this.failure = requireNonNull(failure, "failure");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Writes down in {@code held} that a chunk of it is stored, and counts it. Called once for each.
     *
     * @throws FailedException if nobody has found it in the store or sent it
     */
    void acknowledge(HeldCapture held, NamedChunk chunk) throws CaravanException {
        if (!chunk.isStored()) {
            throw new FailedException(
                    "storing chunk " + chunk.path() + " of " + chunk.slice().where() + ": it was neither found in the"
                            + " bucket nor sent",
                    Publication.ROUTES_ARE_WRONG);
        }
        held.enter(chunk);
        report.count(chunk, before.digests().contains(chunk.digest()));
    }

    /**
     * Whether every chunk of {@code held} is stored, once no more are under way; if not, it was held for too long.
     *
     * @throws Exception the first failure, as it came
     */
    boolean isDone(HeldCapture held) throws Exception {
        failure.rethrow("storing the chunks of " + database);
        if (!held.isStored()) {
            if (held.wasFoundOverdue()) {
                return false;
            }
            throw new FailedException(
                    "stored " + held.ledger().entered() + " chunks of " + database + ", which has "
                            + held.ledger().chunks(),
                    "the publication was stopped; run it again");
        }
        // Told to stop since.
        failure.requireNone("publish " + database);
        Duration took = report.reached(Milestone.STORED, clock.instant());
        LOG.info(
                "{}: {} chunks sent ({} bytes), {} reused ({} bytes), {} bytes read, in {} s ({} MB/s)",
                database,
                report.chunksSent(),
                report.bytesSent(),
                report.chunksReused(),
                report.bytesReused(),
                report.bytesRead(),
                Numbers.seconds(took),
                Numbers.megabytesPerSecond(report.bytesSent() + report.bytesReused(), took));
        return true;
    }
}
