package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.capture.CapturedDatabase;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.watch.Appearance;
import caravan.watch.NodeFacts;
import caravan.watch.NodeInterview;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run that turns the present state of a database into a published snapshot. It is the body that the routes hand
 * from stage to stage, and holds what one stage leaves for the next, in the order of the stages below. {@link #close}
 * gives everything back, at whatever stage the run ended.
 *
 * <p>Stages follow one another; only chunks are worked on by many threads. Any thread may {@link #stop} it or ask how
 * far it is.
 */
public final class Publication implements AutoCloseable {

    /** What to do about a publication that was stopped. */
    static final String RUN_AGAIN = "run it again: what is stored is not sent again";

    /** What to do about a publication that left out a step. */
    static final String ROUTES_ARE_WRONG = "a step of the routes does not do what it should; run caravan check";

    private static final Logger LOG = LoggerFactory.getLogger(Publication.class);

    private final PublishedDatabase database;

    private final String runId;

    private final Instant startedAt;

    private final PublisherState state;

    private final Predecessor predecessor;

    private final StoredChunks stored;

    private final PublicationReport report = new PublicationReport();

    private final FirstFailure failure = new FirstFailure();

    private final List<AutoCloseable> resources = new ArrayList<>();

    private final ChunkUpload upload;

    private final StoredParts parts = new StoredParts();

    private NodeFacts node = NodeFacts.UNKNOWN;

    private volatile HeldCapture held;

    private ProvenSnapshot proven;

    private volatile Pointer published;

    private volatile boolean stopped;

    Publication(
            PublishedDatabase database,
            String runId,
            Instant startedAt,
            PublisherState state,
            Predecessor predecessor,
            StoredChunks stored) {
        this.database = requireNonNull(database, "database");
        this.runId = requireNonNull(runId, "runId");
        this.startedAt = requireNonNull(startedAt, "startedAt");
        this.state = requireNonNull(state, "state");
        this.predecessor = requireNonNull(predecessor, "predecessor");
        this.stored = requireNonNull(stored, "stored");
        this.upload = new ChunkUpload(database.name(), stored, report, failure, state::now);
    }

    // What is known from the begin on.

    /** The database that is published. */
    public PublishedDatabase database() {
        return database;
    }

    /** Identity of this run, unique among all runs of all publishers. */
    public String runId() {
        return runId;
    }

    /** When it began. */
    public Instant startedAt() {
        return startedAt;
    }

    /** What was done so far. */
    public PublicationReport report() {
        return report;
    }

    PublisherState state() {
        return state;
    }

    Predecessor predecessor() {
        return predecessor;
    }

    StoredChunks stored() {
        return stored;
    }

    KnownSource knownSource() {
        return new KnownSource(database, state.publishedSource());
    }

    Path workFile(String name) {
        return state.workDirectory().resolve(name);
    }

    /** Has {@code resource} given back when this is closed, before those that it was given earlier. */
    <T extends AutoCloseable> T owning(T resource) {
        resources.add(resource);
        return resource;
    }

    // Stage check-node.

    /** Whether there is a node to ask before the capture. Called by route {@code check-node}. */
    public boolean isNodeAsked() {
        return database.rpcAddress().isPresent();
    }

    /** A new interview of the node. Called by route {@code check-node}. */
    public NodeInterview newInterview() {
        return new NodeInterview(database.rpcAddress().orElseThrow(), database.minPeers());
    }

    /** Keeps what the node said. Called by route {@code check-node}. */
    public void hear(NodeInterview interview) throws FailedException {
        node = interview.facts();
        LOG.info(
                "{}: node {} of {} is in sync, finalized block {}",
                database.name(),
                node.version(),
                node.chain(),
                node.height());
    }

    NodeFacts node() {
        return node;
    }

    // Stage capture-database.

    /** Whether there is no capture, or none any more. Called by route {@code publish-database}. */
    public boolean isToBeCaptured() {
        return held == null;
    }

    /** Keeps how the database looked before it was captured. */
    void keep(Appearance appearance) throws IOException {
        Files.write(workFile(PublisherState.APPEARANCE), appearance.toBytes());
    }

    /** @param until when it is discarded, unless it is uploaded by then */
    void hold(CapturedDatabase captured, SnapshotId id, Instant until) throws IOException {
        held = owning(HeldCapture.hold(captured, id, until, workFile("chunks.journal"), state.hashes()));
    }

    HeldCapture held() {
        return requireNonNull(held, "nothing was captured yet");
    }

    /** Identity of the snapshot that is being made. */
    public SnapshotId snapshot() {
        return held().snapshot();
    }

    /** How long the node stood still for the capture, in milliseconds. */
    public long pauseMillis() {
        return held().capture().pauseMillis();
    }

    /** How many bytes the capture has; 0 before it is made. */
    public long bytes() {
        HeldCapture known = held;
        return known == null ? 0 : known.ledger().bytes();
    }

    /** How many chunks the capture has; 0 before it is made. */
    public long chunkCount() {
        HeldCapture known = held;
        return known == null ? 0 : known.ledger().chunks();
    }

    // Stage upload-chunks.

    /** All chunks of the capture, in the manifest's order. Called by route {@code upload-chunks}; nothing is read. */
    public Iterator<ChunkSlice> chunks() {
        return new ChunkCutter(this);
    }

    /**
     * Whether nothing has failed so far, and the capture is not to be discarded; else no more chunks are sent. Called
     * by route {@code upload-chunk}.
     */
    public boolean isGoing() {
        HeldCapture known = held;
        return !failure.isThere() && (known == null || !known.isOverdue(state.now()));
    }

    /**
     * Writes down that a chunk is stored, and lets go of its file when that was the last one of it. Called once for
     * each chunk, when the store has acknowledged it.
     *
     * @throws FailedException if nobody has found it in the store or sent it, whatever the routes say
     */
    public void acknowledge(NamedChunk chunk) throws CaravanException {
        upload.acknowledge(held(), chunk);
        if (chunk.frame().isPresent()) {
            FrameWriter.remove(chunk.frame().get());
        }
    }

    /** How many chunks of the capture are stored. */
    public long chunksStored() {
        HeldCapture known = held;
        return known == null ? 0 : known.ledger().entered();
    }

    /**
     * Ends the upload: every chunk is stored and written down, or the capture was held for too long and is given back,
     * or the first failure is thrown. Called by route {@code upload-chunks}.
     */
    public void requireEveryChunkStored() throws Exception {
        HeldCapture uploaded = held();
        if (!upload.isDone(uploaded)) {
            discard(uploaded);
        }
    }

    /** What the capture keeps of the node's deleted files is given back; what is stored counts for the next. */
    private void discard(HeldCapture old) throws Exception {
        LOG.info(
                "{}: the capture is discarded and taken anew, since it was held for too long; {} of its {} chunks are stored",
                database.name(),
                old.ledger().entered(),
                old.ledger().chunks());
        if (state.now().isAfter(startedAt.plus(PublishedHistory.SESSION_LIFETIME))) {
            throw new TransientException(
                    "publish " + database.name() + ": not done in " + PublishedHistory.SESSION_LIFETIME.toDays()
                            + " days",
                    RUN_AGAIN + "; a larger caravan.stage.longest-pin, or a faster way to the bucket, lets it end");
        }
        resources.remove(old);
        old.close();
        report.discardCapture();
        held = null;
    }

    // Stage prove-snapshot.

    void keep(ProvenSnapshot result) {
        proven = result;
        Duration took = report.reached(Milestone.PROVEN, state.now());
        LOG.info(
                "{}: proven {}, {} files, {} chunks, {} bytes, manifest of {} bytes, in {} s",
                database.name(),
                snapshot(),
                result.totals().files(),
                result.totals().chunks(),
                result.totals().bytes(),
                result.manifest().ref().size(),
                Numbers.seconds(took));
    }

    /** Replaces what is stated about the snapshot; everything else of it stays. */
    void restate(ProvenSnapshot result) {
        proven = result;
    }

    ProvenSnapshot proven() {
        return requireNonNull(proven, "the manifest was not made yet");
    }

    /** What is stated about the snapshot, once it is proven. */
    public SnapshotRecord record() {
        return proven().record();
    }

    /** What is new in the snapshot, once every chunk is stored. */
    public SnapshotChange change() {
        List<SnapshotId> before = predecessor instanceof Predecessor.Published last
                ? List.of(last.pointer().snapshot())
                : List.of();
        return new SnapshotChange(before, report.bytesNew(), report.bytesUnchanged());
    }

    // Stage publish-snapshot.

    /** Notes that one part of the snapshot is in the bucket. */
    void isStored(StoredParts.Part part) {
        parts.note(part);
    }

    /** Fails unless everything is in the bucket that {@code latest} would lead to, whatever the routes say. */
    void requireAllStored() throws FailedException {
        HeldCapture known = held;
        parts.requireAll("publish " + database.name() + ": latest cannot move to "
                + (known == null ? "a snapshot" : known.snapshot()));
    }

    void keep(Pointer pointer) {
        published = pointer;
        Duration took = report.reached(Milestone.VISIBLE, state.now());
        LOG.info(
                "{}: latest is {} (sequence {}), published in {} s, {} s after the begin",
                database.name(),
                snapshot(),
                pointer.sequence(),
                Numbers.seconds(took),
                Numbers.seconds(Duration.between(startedAt, state.now())));
    }

    /** The pointer that made the snapshot visible; nothing before. */
    public Optional<Pointer> published() {
        return Optional.ofNullable(published);
    }

    /**
     * Fails unless the snapshot is visible: routes that ended without a failure may have ended early.
     *
     * @throws FailedException if {@code latest} was not moved by this run
     */
    public void requireVisible() throws FailedException {
        if (published == null) {
            throw neverVisible(database.name().value());
        }
    }

    /** What to say of routes that ended without a failure, and without a snapshot of {@code database}. */
    public static FailedException neverVisible(String database) {
        return new FailedException(
                "publish " + database + ": the routes ended before latest moved, without a failure", ROUTES_ARE_WRONG);
    }

    // An end before that, and every end.

    /**
     * Ends the run before anything becomes visible, because the program was told to stop: chunks that are under way are
     * finished or dropped, no more are sent, and what follows the upload is left out. Once the manifest is announced
     * the run goes on to its end, which is near.
     */
    public void stop() {
        stopped = true;
        fail(new TransientException("publish " + database.name() + ": the program was told to stop", RUN_AGAIN));
    }

    /** Whether the run ends because the program was told to stop. */
    public boolean isStopped() {
        return stopped;
    }

    /** Notes the first failure of a chunk; later ones are dropped, since they mostly have the same cause. */
    public void fail(Throwable cause) {
        failure.note(cause);
    }

    /** Whether it will fail, whatever comes of what is under way: nothing is worth being tried again then. */
    public boolean hasFailed() {
        return failure.isThere();
    }

    /** Fails if a chunk did, or if the run is to end. */
    void requireGoing() throws CaravanException {
        failure.requireNone("publish " + database.name());
    }

    @Override
    public void close() throws IOException {
        IOException first = null;
        for (int at = resources.size() - 1; at >= 0; at--) {
            try {
                resources.get(at).close();
            } catch (Exception e) {
                first = first == null ? new IOException("cannot clean up after " + runId, e) : first;
            }
        }
        resources.clear();
        if (first != null) {
            throw first;
        }
    }
}
