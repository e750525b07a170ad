package caravan.publish;

import caravan.capture.CaptureRequest;
import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedStore;
import caravan.capture.DatabaseCapture;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.pace.Undisturbed;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotId;
import caravan.watch.Appearance;
import caravan.watch.DatabaseSight;
import caravan.watch.NodeFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins publications and captures their databases. Safe for use by many threads. */
public final class Publications {

    private static final Logger LOG = LoggerFactory.getLogger(Publications.class);

    private final List<PublishedDatabase> databases;

    private final Path stateDirectory;

    private final long freeSpaceFloor;

    private final Duration longestPin;

    private final DatabaseCapture capturing;

    private final PublishedHistory history;

    private final PublishedHistory sessions;

    private final Clock clock;

    private final MountQueue mounts = new MountQueue();

    private final RunIds runIds = new RunIds();

    private final Interruptible interruptible = new Interruptible();

    /**
     * Publications of {@code databases}.
     *
     * @param stateDirectory where each of them keeps its {@link PublisherState}
     * @param freeSpaceFloor bytes that a capture must leave free
     * @param longestPin how long a capture is held that pins space and is not uploaded; zero for any time
     * @param sessions ends the session of a run that did not begin; its store waits for nothing
     */
    public Publications(
            List<PublishedDatabase> databases,
            Path stateDirectory,
            long freeSpaceFloor,
            Duration longestPin,
            DatabaseCapture capturing,
            PublishedHistory history,
            PublishedHistory sessions,
            Clock clock) {
        this.databases = List.copyOf(databases);
        this.stateDirectory = stateDirectory;
        this.freeSpaceFloor = freeSpaceFloor;
        this.longestPin = longestPin;
        this.capturing = capturing;
        this.history = history;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Names of the databases that can be published. */
    public List<DatabaseName> names() {
        return databases.stream().map(PublishedDatabase::name).toList();
    }

    /**
     * Begins a publication of the database called {@code name}: locks it, waits until no other reads from the same
     * mount, registers the run in the bucket and looks what is published. Called by route {@code publish-database}. The
     * caller must close it.
     */
    public Publication begin(String name) throws CaravanException, InterruptedException {
        PublishedDatabase database = databases.stream()
                .filter(candidate -> candidate.name().value().equals(name))
                .findFirst()
                .orElseThrow(() -> new WrongUsageException(
                        "publish " + name + ": no such database is configured", "caravan.databases lists: " + names()));
        PublisherState state = PublisherState.open(stateDirectory, database.name(), clock);
        AutoCloseable turn = () -> {};
        try {
            turn = interruptible.call("publish " + name, () -> mounts.enter(database.root()));
            Instant startedAt = clock.instant();
            String runId = runIds.next(startedAt);
            PublishedHistory.Findings found = registerAndLook(database.name(), state, runId, startedAt);
            Publication publication =
                    new Publication(database, runId, startedAt, state, found.predecessor(), found.stored());
            publication.owning(state);
            publication.owning(turn);
            publication.report().reached(Milestone.BEGUN, clock.instant());
            LOG.info("{}: publication {} begins", name, runId);
            return publication;
        } catch (CaravanException | InterruptedException | RuntimeException e) {
            closeAfter(e, turn);
            closeAfter(e, state);
            throw e;
        }
    }

    /** How the database looked when the snapshot was captured that was published last from here, as far as is known. */
    public Optional<Appearance> lastPublished(DatabaseName name) {
        return PublisherState.appearance(stateDirectory, name);
    }

    /**
     * Checks that {@code name} could be captured and is what was last published from here, and changes nothing; one
     * line about each of its stores.
     *
     * @param node what the node said just now
     */
    public List<String> check(DatabaseName name, NodeFacts node) throws CaravanException {
        for (PublishedDatabase database : databases) {
            if (database.name().equals(name)) {
                database.statement().requireNotDenied(name, node);
                new KnownSource(database, PublisherState.source(stateDirectory, name)).requireSame(node);
                return capturing.check(requestFor(database));
            }
        }
        return List.of();
    }

    private PublishedHistory.Findings registerAndLook(
            DatabaseName database, PublisherState state, String runId, Instant startedAt) throws CaravanException {
        try {
            history.register(runId, database, startedAt, state.session());
            return history.look(database, state);
        } catch (CaravanException | RuntimeException e) {
            endSession(database, state, runId, startedAt, e);
            throw e;
        }
    }

    /** It may be in the bucket, also if the answer to that was lost. What the store refuses now, the next run ends. */
    private void endSession(
            DatabaseName database, PublisherState state, String runId, Instant startedAt, Exception failure) {
        if (state.session().left().filter(note -> note.runId().equals(runId)).isEmpty()) {
            return;
        }
        // Its connection must not be cut off by what ended the work.
        try {
            Undisturbed.run(() -> sessions.end(runId, database, startedAt, clock.instant(), state.session()));
        } catch (CaravanException | RuntimeException again) {
            failure.addSuppressed(again);
        }
    }

    /** Captures the database of {@code publication}. Called by route {@code publish-database}. */
    public void capture(Publication publication) throws CaravanException, InterruptedException {
        PublishedDatabase database = publication.database();
        interruptible.call("capture " + database.name(), () -> {
            captureNow(publication);
            return publication;
        });
        Duration took = publication.report().reached(Milestone.CAPTURED, clock.instant());
        CapturedDatabase captured = publication.held().capture();
        for (CapturedStore store : captured.stores()) {
            LOG.info(
                    "{}: captured store \"{}\" ({}, {}), window {} ms, {} retries",
                    database.name(),
                    store.store().path(),
                    store.store().engine().wireName(),
                    store.store().captureMode(),
                    store.window().toMillis(),
                    store.retries());
            store.notes()
                    .forEach(note -> LOG.warn(
                            "{}: store \"{}\": {}",
                            database.name(),
                            store.store().path(),
                            note));
        }
        LOG.info(
                "{}: captured {} files ({} bytes) in {} s, the node paused for {} ms",
                database.name(),
                captured.files().size(),
                publication.bytes(),
                Numbers.seconds(took),
                captured.pauseMillis());
    }

    /**
     * Lets no publication begin or capture any more, and ends those that wait for their turn or are capturing. Called
     * when the program is told to stop.
     */
    public void stop() {
        interruptible.stop();
    }

    private void captureNow(Publication publication) throws CaravanException, InterruptedException {
        PublishedDatabase database = publication.database();
        database.statement().requireNotDenied(database.name(), publication.node());
        publication.knownSource().requireSame(publication.node());
        SnapshotId id = newSnapshotId(publication);
        try {
            look(publication);
            CapturedDatabase captured = capturing.capture(requestFor(database));
            publication.hold(
                    captured,
                    id,
                    longestPin.isZero() || !captured.pins()
                            ? Instant.MAX
                            : clock.instant().plus(longestPin));
            publication.knownSource().requireSame(captured, publication.node());
        } catch (IOException e) {
            throw DiskFailures.of(
                    "capture " + database.name(),
                    e,
                    "free some space where the stage and the state directory are, and run it again",
                    "stage and state directory must be writable for the user that runs this");
        }
    }

    /** Before the capture, so that a change during it counts as a change after it. */
    private void look(Publication publication) {
        PublishedDatabase database = publication.database();
        try {
            publication.keep(new DatabaseSight(database.root(), database.stores(), clock).look());
        } catch (IOException e) {
            LOG.debug("{}: cannot be looked at; the capture says why", database.name(), e);
        }
    }

    private CaptureRequest requestFor(PublishedDatabase database) {
        Map<Engine, Long> chunkSizes = new EnumMap<>(Engine.class);
        if (database.chunkSize() > 0) {
            for (Engine engine : Engine.values()) {
                chunkSizes.put(engine, database.chunkSize());
            }
        }
        return new CaptureRequest(
                database.name(), database.root(), database.stores(), database.stage(), chunkSizes, freeSpaceFloor);
    }

    /** Two snapshots of one second and height would have one name; a second is not worth a longer name. */
    private SnapshotId newSnapshotId(Publication publication) throws CaravanException, InterruptedException {
        List<SnapshotId> refused = new Refusals(stateDirectory, clock)
                .of(publication.database().name()).stream()
                        .map(RefusedSnapshot::snapshot)
                        .toList();
        String latest = publication.predecessor() instanceof Predecessor.Published published
                ? published.pointer().record().path()
                : "";
        SnapshotId id = new SnapshotId(clock.instant(), publication.node().height());
        while (latest.startsWith(id + "/") || refused.contains(id)) {
            Thread.sleep(50);
            id = new SnapshotId(clock.instant(), publication.node().height());
        }
        return id;
    }

    private static void closeAfter(Exception failure, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }
}
