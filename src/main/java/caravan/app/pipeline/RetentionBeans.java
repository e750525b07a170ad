package caravan.app.pipeline;

import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.retain.Collector;
import caravan.retain.RetentionReport;
import caravan.retain.RetentionRules;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** What keeps order in the bucket, made from the settings. Needs no signing key, only whom to trust. */
public final class RetentionBeans implements AutoCloseable {

    private final BucketBeans bucket;

    private final Collector collector;

    /** Makes them; nothing is sent anywhere. */
    public RetentionBeans(Installation installation, Settings settings) throws CaravanException {
        RetentionRules rules = new RetentionRules(
                settings.count("caravan.retain.keep-last"),
                settings.duration("caravan.retain.grace"),
                settings.count("caravan.retain.largest-share"));
        TrustedKeys trusted = trusted(settings);
        Path lists = installation.stateDirectory(settings).resolve("retain");
        bucket = new BucketBeans(settings, StoreSettings.of(settings), RateLimit.unlimited(), new StoppableWaiting());
        collector = new Collector(
                bucket.patient(), bucket.store(), trusted, rules, lists, Clock.systemUTC(), System::nanoTime);
    }

    /** What would be done. Writes nothing into the bucket. */
    public RetentionReport plan() throws CaravanException {
        return collector.plan();
    }

    /**
     * Does it.
     *
     * @param token as the plan told it; empty if it told none
     */
    public RetentionReport collect(String token) throws CaravanException, InterruptedException {
        // A store that honours no conditions is refused: two collectors could be at work at a time.
        bucket.probe();
        String holder = ProcessHandle.current().pid() + "-" + Instant.now() + "-" + UUID.randomUUID();
        return collector.collect(holder, token);
    }

    @Override
    public void close() {
        bucket.close();
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
