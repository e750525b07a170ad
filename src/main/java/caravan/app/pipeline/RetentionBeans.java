package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.retain.Collected;
import caravan.retain.Collector;
import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import caravan.retain.RetentionRules;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What keeps order in the bucket, made from the settings. Needs no signing key, only whom to trust. One collection at a
 * time; any thread may stop it.
 */
public final class RetentionBeans implements AutoCloseable {

    private final BucketBeans bucket;

    private final RetentionRules rules;

    private final TrustedKeys trusted;

    private final Path lists;

    private final StoppableWaiting waiting = new StoppableWaiting();

    private final AtomicReference<Collector> atWork = new AtomicReference<>();

    /** Makes them; nothing is sent anywhere. */
    public RetentionBeans(Installation installation, Settings settings) throws CaravanException {
        rules = new RetentionRules(
                settings.count("caravan.retain.keep-last"),
                settings.duration("caravan.retain.grace"),
                settings.count("caravan.retain.largest-share"),
                settings.count("caravan.retain.most-snapshots"));
        trusted = trusted(settings);
        lists = installation.stateDirectory(settings).resolve("retain");
        S3Settings place = StoreSettings.ofCollector(settings);
        bucket = new BucketBeans(settings, place, RateLimit.unlimited(), waiting);
    }

    /** What would be done. Writes nothing into the bucket. */
    public RetentionReport plan() throws CaravanException {
        return collector().plan();
    }

    /**
     * Does it, if it is right to without a word of somebody.
     *
     * @return how it ended; if a token would have to be said, nothing was changed, and the report has it
     */
    public EndedCollection collectUnlessLarge() throws InterruptedException {
        return collect(Optional.empty());
    }

    /**
     * Does it.
     *
     * @param token as the plan told it; empty if it told none
     */
    public EndedCollection collect(String token) throws InterruptedException {
        return collect(Optional.of(token));
    }

    /** Ends the collection that is under way, soon, and those that would come. */
    public void stop() {
        waiting.stop();
        Collector collector = atWork.get();
        if (collector != null) {
            collector.stop();
        }
    }

    @Override
    public void close() {
        bucket.close();
    }

    private EndedCollection collect(Optional<String> token) throws InterruptedException {
        Collector collector = collector();
        atWork.set(collector);
        try {
            if (waiting.isStopped()) {
                throw new TransientException("collect: the program was told to stop", "run it again");
            }
            // A store that honours no conditions is refused: two collectors could be at work at a time.
            bucket.probe();
        } catch (CaravanException e) {
            return new EndedCollection(Collected.NOTHING, new EndedCollection.Outcome.Failed(e));
        }
        String holder = ProcessHandle.current().pid() + "-" + Instant.now() + "-" + UUID.randomUUID();
        try {
            return collector.collectToTheEnd(holder, token);
        } finally {
            if (waiting.isStopped()) {
                // A wait that was ended leaves it behind; that it was told to stop is in the answer.
                Thread.interrupted();
            }
        }
    }

    private Collector collector() {
        return new Collector(
                bucket.patient(),
                bucket.store(),
                bucket.atOnce(),
                trusted,
                rules,
                lists,
                Clock.systemUTC(),
                System::nanoTime);
    }

    private static TrustedKeys trusted(Settings settings) throws CaravanException {
        Optional<Path> trusted = settings.path("caravan.trusted-keys");
        if (trusted.isPresent() && !settings.isSet("caravan.signing.key")) {
            return TrustedKeys.load(trusted.get());
        }
        TrustedKeys own = TrustedKeys.of(SigningKey.load(Path.of(settings.required("caravan.signing.key")))
                .publicKey());
        return trusted.isPresent() ? own.and(TrustedKeys.load(trusted.get())) : own;
    }
}
