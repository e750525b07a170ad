package caravan.app.pipeline;

import caravan.app.operating.Operating;
import caravan.app.settings.Settings;
import caravan.app.warming.RegionCheck;
import caravan.aws.S3Settings;
import caravan.doctor.AlertsCheck;
import caravan.doctor.BucketCheck;
import caravan.doctor.BucketPointer;
import caravan.doctor.CatalogCheck;
import caravan.doctor.ClockCheck;
import caravan.doctor.CollectorCheck;
import caravan.doctor.DaemonCheck;
import caravan.doctor.DoorCheck;
import caravan.doctor.Examination;
import caravan.doctor.HistoryCheck;
import caravan.doctor.JavaCheck;
import caravan.doctor.LeftoversCheck;
import caravan.doctor.LinksCheck;
import caravan.doctor.MemoryCheck;
import caravan.doctor.NodeCheck;
import caravan.doctor.OwnerCheck;
import caravan.doctor.PointerCheck;
import caravan.doctor.PublicCheck;
import caravan.doctor.RestoreCheck;
import caravan.doctor.RoomCheck;
import caravan.doctor.TriggersCheck;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.publish.PublishedDatabase;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.store.ObjectStore;
import caravan.warm.Region;
import caravan.watch.NodeFacts;
import caravan.watch.Triggers;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What {@code caravan doctor} examines of an installation: as much as its settings allow. A part that cannot be made of the
 * settings is a finding, and keeps none of the others from being looked at.
 */
public final class Checkup implements AutoCloseable {

    private final Installation installation;

    private final Clock clock;

    private final boolean offline;

    private final List<Examination> examinations = new ArrayList<>();

    private final List<Runnable> closing = new ArrayList<>();

    /** The same fault keeps several parts from being made, and is said once. */
    private final Set<String> told = new HashSet<>();

    private Checkup(Installation installation, boolean offline, Clock clock) {
        this.installation = installation;
        this.offline = offline;
        this.clock = clock;
    }

    /** A part of the program, made of the settings. */
    @FunctionalInterface
    private interface Part<T> {
        T make() throws CaravanException;
    }

    /**
     * What there is to examine; nothing is sent, opened or written yet.
     *
     * @param directory one that was restored, or is being; empty for none
     * @param offline whether nobody is asked over the network
     */
    public static Checkup of(Installation installation, Optional<Path> directory, boolean offline, Clock clock) {
        Checkup checkup = new Checkup(installation, offline, clock);
        checkup.addMachine();
        directory.ifPresent(restored -> checkup.examinations.add(new RestoreCheck(restored)));
        checkup.make("settings", installation::settings).ifPresent(checkup::addSettings);
        return checkup;
    }

    /** In the order in which they are told. */
    public List<Examination> examinations() {
        return List.copyOf(examinations);
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }

    private void addMachine() {
        examinations.add(JavaCheck.ofThisProcess(installation.home()));
        examinations.add(Examination.of(
                "machine", "", findings -> MemoryCheck.ofThisProcess().examine(findings)));
    }

    private void addSettings(Settings settings) {
        boolean isWorker = make("settings", () -> Worker.isMeant(settings)).orElse(false);
        boolean isPublisher = settings.isSet("caravan.databases") || settings.isSet("caravan.s3.bucket");
        ok("settings", isWorker ? "those of a worker" : isPublisher ? "those of a publisher" : "those of a client");
        Optional<Path> state = make("settings", () -> installation.stateDirectory(settings));
        state.ifPresent(directory -> {
            examinations.add(new OwnerCheck(directory));
            examinations.add(new RoomCheck("", "state directory", directory, 0, "caravan.state-directory"));
        });
        if (isPublisher && state.isPresent()) {
            addPublisher(settings, state.get());
        } else {
            settings.path("caravan.trusted-keys").ifPresent(file -> {
                if (make("keys", () -> TrustedKeys.load(file)).isPresent()) {
                    ok("keys", file + " can be read");
                }
            });
        }
    }

    private void addPublisher(Settings settings, Path state) {
        examinations.add(Examination.of("state", "", findings -> {
            StateRoom.require(state);
            findings.ok("it can be written to");
        }));
        List<PublishedDatabase> databases =
                make("settings", () -> Databases.of(settings)).orElse(List.of());
        Optional<TrustedKeys> trusted = addKeys(settings);
        addDaemon(settings, databases, state);
        addAlerts(settings, state);
        make("cdn", () -> new EdgeBeans(settings, URI.create("http://localhost"), clock, () -> false))
                .ifPresent(EdgeBeans::close);
        make("capture", () -> CaptureModes.of(settings, state));
        databases.forEach(database -> addDatabase(settings, database, state, trusted));
        make("settings", () -> new PipelineBeans(installation, settings)).ifPresent(beans -> {
            closing.add(beans::close);
            examinations.add(new RoutesCheck(installation, settings, beans));
            databases.forEach(database -> addCapture(beans, database));
        });
        make("bucket", () -> StoreSettings.of(settings)).ifPresent(place -> {
            if (!offline) {
                addBucket(settings, place, databases, state, trusted);
            }
        });
    }

    private Optional<TrustedKeys> addKeys(Settings settings) {
        Optional<TrustedKeys> own = make(
                "keys",
                () -> TrustedKeys.of(SigningKey.load(Path.of(settings.required("caravan.signing.key")))
                        .publicKey()));
        Optional<Path> file = settings.path("caravan.trusted-keys");
        Optional<TrustedKeys> others = file.flatMap(keys -> make("keys", () -> TrustedKeys.load(keys)));
        if (own.isPresent() && others.isPresent() == file.isPresent()) {
            ok("keys", "can be read");
        }
        return own.isPresent() && others.isPresent()
                ? own.map(keys -> keys.and(others.get()))
                : own.isPresent() ? own : others;
    }

    private void addDaemon(Settings settings, List<PublishedDatabase> databases, Path state) {
        List<String> duties = new ArrayList<>();
        for (PublishedDatabase database : databases) {
            String keys = "caravan.database." + database.name() + ".";
            if (settings.isSet(keys + "schedule")) {
                duties.add("publish " + database.name() + " on its schedule");
            }
            if (!settings.duration(keys + "quiet").isZero()) {
                duties.add("publish " + database.name() + " when it is quiet");
            }
            if (settings.isSet(keys + "drill-schedule")) {
                duties.add("drill " + database.name());
            }
        }
        if (settings.isSet("caravan.retain.schedule")) {
            duties.add("delete what nobody is promised any more");
        }
        int port = settings.count("caravan.http.port");
        Path lock = DaemonLock.fileIn(state);
        examinations.add(new DaemonCheck(
                lock,
                duties,
                port == 0
                        ? Optional.empty()
                        : Optional.of(URI.create("http://" + Operating.HOST + ":" + port + "/observe/health/ready"))));
        if (!databases.isEmpty()) {
            examinations.add(new TriggersCheck(
                    new Triggers(state.resolve("trigger")),
                    databases.stream().map(PublishedDatabase::name).toList(),
                    lock,
                    clock));
        }
    }

    private void addAlerts(Settings settings, Path state) {
        make("alerts", () -> new AlertBeans(settings, state, Checkup::nothingIsSent, () -> false, clock))
                .ifPresent(beans ->
                        examinations.add(new AlertsCheck(state, beans.alerts().channels(), beans.summary(), clock)));
        if (!offline) {
            List<DoorCheck> doors =
                    make("alerts", () -> AlertBeans.doors(settings)).orElse(List.of());
            examinations.addAll(doors);
        }
    }

    private void addDatabase(Settings settings, PublishedDatabase database, Path state, Optional<TrustedKeys> trusted) {
        String name = database.name().value();
        String keys = "caravan.database." + name + ".";
        examinations.add(new RoomCheck(
                name,
                "stage",
                database.stage(),
                settings.size("caravan.stage.free-space-floor"),
                keys + "stage-directory"));
        examinations.add(new LeftoversCheck(database));
        examinations.add(new NodeCheck(
                database, settings.path(keys + "cgroup"), CaptureModes.watchdogLog(state, database.name())));
        if (!offline) {
            database.rpcAddress()
                    .ifPresent(address -> examinations.add(Examination.of("node", name, findings -> {
                        NodeFacts facts = PipelineBeans.askNode(database, address);
                        findings.ok(
                                "answers at " + address + ": " + facts.chain() + ", in sync, block " + facts.height());
                    })));
        }
        trusted.ifPresent(known -> examinations.add(new HistoryCheck(database, state, known, clock)));
    }

    private void addCapture(PipelineBeans beans, PublishedDatabase database) {
        examinations.add(Examination.of("capture", database.name().value(), findings -> {
            NodeFacts node =
                    offline ? NodeFacts.UNKNOWN : beans.hearNode(database).facts();
            beans.publications().check(database.name(), node).forEach(findings::ok);
            new LinksCheck(database).examine(findings);
        }));
    }

    private void addBucket(
            Settings settings,
            S3Settings place,
            List<PublishedDatabase> databases,
            Path state,
            Optional<TrustedKeys> trusted) {
        Optional<BucketBeans> made =
                make("bucket", () -> new BucketBeans(settings, place, RateLimit.unlimited(), new StoppableWaiting()));
        if (made.isEmpty()) {
            return;
        }
        closing.add(made.get()::close);
        ObjectStore store = made.get().store();
        URI own = place.publicUrl();
        examinations.add(new ClockCheck(URI.create(own.getScheme() + "://" + own.getRawAuthority() + "/"), clock));
        BucketCheck bucket = new BucketCheck(store, place.place());
        examinations.add(bucket);
        examinations.add(new CollectorCheck(bucket, store, clock));
        if (trusted.isEmpty()) {
            return;
        }
        URI publicUrl = made.get().publicUrl();
        List<Path> authorities = settings.path("caravan.ca-file").map(List::of).orElse(List.of());
        List<BucketPointer> pointers = new ArrayList<>();
        for (PublishedDatabase database : databases) {
            Duration maxAge = settings.duration("caravan.database." + database.name() + ".max-age");
            BucketPointer latest = new BucketPointer(store, trusted.get(), database.name());
            pointers.add(latest);
            examinations.add(new PointerCheck(latest, bucket, store, trusted.get(), state, maxAge, clock));
            examinations.add(new PublicCheck(latest, publicUrl, authorities, clock));
        }
        List<Region> regions =
                make("regions", () -> new WarmSettings(settings).regions()).orElse(List.of());
        if (!pointers.isEmpty()) {
            examinations.add(new CatalogCheck(pointers, bucket, store, trusted.get()));
            regions.forEach(region ->
                    examinations.add(new RegionCheck(region, publicUrl, pointers.get(0), authorities, clock)));
        }
    }

    /** For a part that has to have words for failures of routes, none of which runs here. */
    private static CaravanException nothingIsSent(Throwable failure, String route) {
        return new FailedException(route + ": " + failure, FailedException.REPORT, failure);
    }

    private void ok(String subject, String what) {
        examinations.add(Examination.of(subject, "", findings -> findings.ok(what)));
    }

    private <T> Optional<T> make(String subject, Part<T> part) {
        try {
            return Optional.of(part.make());
        } catch (CaravanException e) {
            List<CaravanException> all = new ArrayList<>(List.of(e));
            for (Throwable other : e.getSuppressed()) {
                if (other instanceof CaravanException said) {
                    all.add(said);
                }
            }
            for (CaravanException each : all) {
                if (told.add(each.getMessage())) {
                    examinations.add(Examination.of(subject, "", findings -> findings.wrong(each)));
                }
            }
            return Optional.empty();
        }
    }
}
