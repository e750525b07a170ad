package caravan.app.pipeline;

import caravan.alert.Alert;
import caravan.app.routing.CallerGoesOn;
import caravan.app.routing.FailureLog;
import caravan.app.routing.PublicationDesk;
import caravan.app.settings.Settings;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.IoPriority;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.publish.PointerRenewal;
import caravan.publish.Publications;
import caravan.publish.PublishedDatabase;
import caravan.publish.PublishedHistory;
import caravan.publish.Refusals;
import caravan.publish.SnapshotProof;
import caravan.publish.SnapshotPublishing;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.store.Brake;
import caravan.store.ObjectStore;
import caravan.store.StoreAbilities;
import caravan.warm.LaterLook;
import caravan.warm.RegionReport;
import caravan.warm.WarmListener;
import caravan.warm.WarmRun;
import caravan.watch.NodeFacts;
import caravan.watch.NodeInterview;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.main.Main;
import org.slf4j.event.Level;

/** Every bean that the routes call, made from the settings: constructor calls and little else. */
public final class PipelineBeans implements AutoCloseable {

    private final List<PublishedDatabase> databases;

    private final Path state;

    private final PatienceBeans patience;

    private final BucketBeans bucket;

    private final ChunkBeans chunks;

    private final List<WarmListener> warmListeners = new CopyOnWriteArrayList<>();

    private final StoppableWaiting waiting = new StoppableWaiting();

    private final Publications publications;

    private final SnapshotProof proof;

    private final SnapshotPublishing publishing;

    private final PublicationDesk desk;

    private final CatalogBeans catalog;

    private final WarmBeans warming;

    private final WatchBeans watching;

    private final FailureWords words;

    private final AlertBeans alerts;

    private final EdgeBeans edge;

    private final DrillBeans drills;

    private final CollectionBeans collections;

    private final LayoutBeans layouts;

    /** Makes the beans; nothing is sent anywhere, and nothing is written. */
    public PipelineBeans(Installation installation, Settings settings) throws CaravanException {
        Clock clock = Clock.systemUTC();
        databases = Databases.of(settings);
        S3Settings place = StoreSettings.of(settings);
        SigningKey key = SigningKey.load(Path.of(settings.required("caravan.signing.key")));
        TrustedKeys own = TrustedKeys.of(key.publicKey());
        Optional<Path> others = settings.path("caravan.trusted-keys");
        TrustedKeys trusted = others.isPresent() ? own.and(TrustedKeys.load(others.get())) : own;
        state = installation.stateDirectory(settings);
        bucket = new BucketBeans(settings, place, limit(settings.rate("caravan.upload.max-rate")), waiting);
        ObjectStore store = bucket.store();
        URI publicUrl = bucket.publicUrl();
        edge = new EdgeBeans(settings, publicUrl, clock, waiting::isStopped);
        words = new FailureWords(bucket.failures(), state);
        patience = new PatienceBeans(settings, words, waiting);
        RateLimit readRate = limit(settings.rate("caravan.read.max-rate"));
        IoPriority priority = IoPriority.of(settings.text("caravan.read.io-priority"));
        chunks = new ChunkBeans(settings, bucket, readRate, priority);
        int recheckOneIn = settings.count("caravan.upload.recheck-one-in");
        PublishedHistory history = new PublishedHistory(store, trusted, recheckOneIn);
        PublishedHistory sessions = new PublishedHistory(bucket.atOnce(), trusted, recheckOneIn);
        publications = new Publications(
                databases,
                state,
                settings.size("caravan.stage.free-space-floor"),
                settings.duration("caravan.stage.longest-pin"),
                CaptureModes.of(settings, state),
                history,
                sessions,
                clock);
        proof = new SnapshotProof(key, publicUrl, settings.duration("caravan.retain.promise"));
        publishing = new SnapshotPublishing(
                store, bucket::checksUploads, key, history, settings.duration("caravan.pointer.lifetime"), clock);
        layouts = new LayoutBeans(settings, store, bucket.patient(), publishing, clock);
        desk = new PublicationDesk(publications, sessions, clock);
        catalog = new CatalogBeans(installation, settings, store, key, trusted, publicUrl, state, clock);
        warming = new WarmBeans(settings, publicUrl, store, state, installation.prices(), new AllOf(warmListeners));
        alerts = new AlertBeans(settings, state, words::of, waiting::isStopped, clock);
        drills = new DrillBeans(
                settings,
                databases,
                publicUrl,
                trusted,
                state,
                proof,
                store,
                catalog.catalog(),
                alerts.alerts(),
                readRate,
                priority,
                waiting,
                clock);
        collections = new CollectionBeans(installation, settings, alerts.alerts(), clock);
        PointerRenewal renewal =
                new PointerRenewal(store, key, history, state, settings.duration("caravan.pointer.lifetime"), clock);
        watching = new WatchBeans(
                settings, databases, publications, renewal, desk.latest(), alerts.alerts(), state, clock);
    }

    /**
     * Finds out what the bucket can do, with one small object.
     *
     * @throws CaravanException if it cannot be reached or used, or if publishing to it would not be safe
     */
    public StoreAbilities probe() throws CaravanException {
        return bucket.probe();
    }

    /**
     * Makes the beans known to routes.
     *
     * @param daemon whether nobody but the log says what fails
     */
    public void bindTo(Main main, StoreAbilities abilities, boolean daemon) {
        bucket.bindTo(main, abilities);
        chunks.bindTo(main, abilities);
        watching.bindTo(main);
        main.bind("publications", publications);
        main.bind("publicationDesk", desk);
        main.bind("snapshotProof", proof);
        main.bind("snapshotPublishing", publishing);
        patience.bindTo(main);
        main.bind(CallerGoesOn.BEAN, new CallerGoesOn());
        main.bind("failureLog", new FailureLog(words::of, daemon ? Level.ERROR : Level.DEBUG));
        catalog.bindTo(main);
        warming.bindTo(main);
        alerts.bindTo(main);
        edge.bindTo(main);
        drills.bindTo(main);
        collections.bindTo(main);
        layouts.bindTo(main);
    }

    /**
     * Looks whether the state directory is one, and has room; changes nothing.
     *
     * @throws FailedException if nothing could be published with it
     */
    public void requireState() throws FailedException {
        StateRoom.require(state);
    }

    /** Asks the node of {@code database} once, if there is one to ask. */
    public HeardNode hearNode(PublishedDatabase database) {
        return database.rpcAddress()
                .map(address -> NodeProbe.hear(new NodeInterview(address, database.minPeers())))
                .orElse(HeardNode.NOBODY);
    }

    /**
     * The same for who wants to know what to do about it.
     *
     * @param address of the node of {@code database}
     */
    static NodeFacts askNode(PublishedDatabase database, URI address) throws CaravanException {
        return NodeProbe.ask(new NodeInterview(address, database.minPeers()));
    }

    public List<PublishedDatabase> databases() {
        return databases;
    }

    public Publications publications() {
        return publications;
    }

    /** Ends every wait for the store or a rate, and what is under way. */
    public void stop() {
        desk.stop();
        waiting.stop();
        drills.stop();
        collections.stop();
        warming.stop();
    }

    /** Lets {@code listener} hear what warming measures. */
    public void tell(WarmListener listener) {
        warmListeners.add(listener);
    }

    public Brake brake() {
        return bucket.brake();
    }

    WatchBeans watching() {
        return watching;
    }

    /** Snapshots that were found bad. */
    public Refusals refusals() {
        return drills.refusals();
    }

    DrillBeans drills() {
        return drills;
    }

    CollectionBeans collections() {
        return collections;
    }

    public ObjectStore store() {
        return bucket.store();
    }

    WarmBeans warming() {
        return warming;
    }

    public PublicationDesk desk() {
        return desk;
    }

    AlertBeans alerts() {
        return alerts;
    }

    /** Where alerts go, for people. */
    public String alertChannels() {
        return alerts.summary();
    }

    /** A failure of a publication as a command ends with it. */
    public CaravanException told(Throwable failure) {
        return words.of(failure);
    }

    /** What is wrong and goes on, as people were told. */
    public List<Alert> troubles() throws CaravanException {
        return alerts.alerts().open();
    }

    FailureWords words() {
        return words;
    }

    @Override
    public void close() {
        warming.close();
        chunks.close();
        edge.close();
        collections.close();
        bucket.close();
    }

    /** Tells several who hear of warming. */
    private record AllOf(List<WarmListener> listeners) implements WarmListener {

        @Override
        public void regionFinished(WarmRun run, RegionReport report) {
            listeners.forEach(each -> each.regionFinished(run, report));
        }

        @Override
        public void lookedLater(String region, LaterLook look) {
            listeners.forEach(each -> each.lookedLater(region, look));
        }
    }

    private RateLimit limit(long bytesPerSecond) {
        return bytesPerSecond == 0 ? RateLimit.unlimited() : RateLimit.of(bytesPerSecond, waiting);
    }
}
