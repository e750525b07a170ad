package caravan.app.pipeline;

import caravan.app.routing.StoreFailures;
import caravan.app.settings.Settings;
import caravan.aws.ProbedBucket;
import caravan.aws.S3Clients;
import caravan.aws.S3Failures;
import caravan.aws.S3ObjectStore;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.pace.RateLimit;
import caravan.pace.StoppableWaiting;
import caravan.store.Brake;
import caravan.store.ObjectStore;
import caravan.store.PatientStore;
import caravan.store.StoreAbilities;
import caravan.store.StoreProbe;
import java.net.URI;
import java.security.SecureRandom;
import org.apache.camel.Processor;
import org.apache.camel.main.Main;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * The bucket, and the ways there: one that tries once, as routes retry, and one that owns its retries. What the bucket can
 * do is known once it is bound. Safe for use by many threads.
 */
final class BucketBeans implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BucketBeans.class);

    private final S3Settings place;

    private final URI publicUrl;

    private final boolean singleWriter;

    private final S3Client client;

    private final StoppableWaiting waiting;

    private final Brake brake;

    private final ObjectStore atOnce;

    private final ObjectStore store;

    private final ObjectStore patient;

    private volatile boolean checksUploads;

    /**
     * Sends nothing yet.
     *
     * @param place where it is
     * @param uploads rate of the bytes sent to it
     * @param waiting ends every wait for the bucket when the program stops
     */
    BucketBeans(Settings settings, S3Settings place, RateLimit uploads, StoppableWaiting waiting)
            throws WrongUsageException {
        this.place = place;
        this.waiting = waiting;
        publicUrl = StoreSettings.publicUrl(settings, place);
        singleWriter = settings.flag("caravan.s3.single-writer");
        client = S3Clients.build(place, uploads);
        brake = brake(settings);
        atOnce = new S3ObjectStore(client, place);
        store = new PatientStore(atOnce, brake, 0);
        patient = new PatientStore(atOnce, brake(settings), settings.count("caravan.retry.attempts"));
    }

    /**
     * Finds out what the bucket can do, with one small object.
     *
     * @throws CaravanException if it cannot be reached or used, or if publishing to it would not be safe
     */
    StoreAbilities probe() throws CaravanException {
        StoreAbilities abilities = new StoreProbe(patient, new SecureRandom()).probe();
        abilities.consequences().forEach(LOG::warn);
        abilities.requireSafe(singleWriter);
        return abilities;
    }

    void bindTo(Main main, StoreAbilities abilities) {
        checksUploads = abilities.checksumsHonoured();
        StoreFailures failures = new StoreFailures(failures(), brake, waiting::isStopped);
        main.bind("storeFailures", failures);
        main.bind("storeFailureNoted", (Processor) failures::note);
        main.bind("storePatience", (Processor) failures::waitForNextAttempt);
        main.bind("s3", new ProbedBucket(client));
    }

    /** Under which clients find the bucket's prefix. */
    URI publicUrl() {
        return publicUrl;
    }

    /** Makes one attempt and waits for nothing: for the last words of a program that is told to stop. */
    ObjectStore atOnce() {
        return atOnce;
    }

    /** Makes one attempt, once the brake lets it. */
    ObjectStore store() {
        return store;
    }

    /** Tries again by itself. */
    ObjectStore patient() {
        return patient;
    }

    /** Keeps everybody from a bucket that asks for patience. */
    Brake brake() {
        return brake;
    }

    /** Whether it refuses bytes that do not match the SHA-256 sent along; only from {@link #bindTo} on. */
    boolean checksUploads() {
        return checksUploads;
    }

    /** Its name, under which is remembered what was found there. */
    String name() {
        return place.place();
    }

    /** The key of an object in it, for a path below its prefix. */
    String keyOf(String path) {
        return place.keyOf(path);
    }

    /** What its answers mean. */
    S3Failures failures() {
        return new S3Failures(place);
    }

    @Override
    public void close() {
        client.close();
    }

    private Brake brake(Settings settings) {
        return new Brake(
                settings.duration("caravan.retry.delay"),
                settings.duration("caravan.retry.max-delay"),
                waiting,
                new SecureRandom());
    }
}
