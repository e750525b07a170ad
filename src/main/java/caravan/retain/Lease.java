package caravan.retain;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.pace.Undisturbed;
import caravan.snapshot.BucketPaths;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ListedObject;
import caravan.store.ObjectStore;
import caravan.store.ReplaceOutcome;
import caravan.store.StoredObject;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to delete, which one collector has at a time: an object that is made or replaced under a condition. Two lines:
 * who has it, and until when.
 *
 * <p>Whoever was paused for long, as a virtual machine is, must not go on with a right that another has meanwhile. So the
 * time that counts is the one that passed here since the lease was last renewed: by a clock that nobody sets, or by the one
 * that goes on while a machine is suspended, whichever says more. Half of the life is never used: a request that was signed
 * in the first half is dead in the second, since S3 takes none that is older than 15 minutes.
 */
final class Lease implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

    /** Life without a renewal. */
    static final Duration LIFE = Duration.ofHours(1);

    /** How far this machine's clock may be from the store's. */
    private static final Duration LARGEST_SKEW = Duration.ofMinutes(5);

    private static final int MAX_BYTES = 4096;

    private final ObjectStore store;

    private final ObjectStore atOnce;

    private final String holder;

    private final Clock clock;

    private final LongSupplier nanoTime;

    private String etag;

    private long renewedAt;

    /** The same by the clock that is set, and that goes on while a machine is suspended, as the other does not. */
    private Instant renewedOn = Instant.MIN;

    private boolean outlives;

    private Lease(ObjectStore store, ObjectStore atOnce, String holder, Clock clock, LongSupplier nanoTime) {
        this.store = store;
        this.atOnce = atOnce;
        this.holder = holder;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /**
     * Takes the lease, or that of a collector that is gone.
     *
     * @param atOnce makes one attempt for each call, and waits for nothing
     * @param holder who takes it, in one line; must differ for each run
     * @param nanoTime time that passes, in nanoseconds
     * @throws TransientException if another collector is at work
     * @throws RefusedException if this machine's clock is not the store's
     */
    static Lease take(ObjectStore store, ObjectStore atOnce, String holder, Clock clock, LongSupplier nanoTime)
            throws CaravanException {
        Lease lease = new Lease(store, atOnce, holder, clock, nanoTime);
        lease.take();
        try {
            lease.requireSameTime();
            return lease;
        } catch (CaravanException | RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /**
     * Makes the right last for longer, if it is still had.
     *
     * @throws FailedException if it is not
     */
    void renew() throws CaravanException {
        requireHeld();
        long asked = nanoTime.getAsLong();
        Instant askedOn = clock.instant();
        Content content = content();
        ReplaceOutcome outcome = store.replace(BucketPaths.lease(), content, etag);
        Optional<StoredObject> found = store.read(BucketPaths.lease(), MAX_BYTES);
        if (found.isEmpty() || !isOurs(found.get())) {
            throw new FailedException(
                    "renew " + BucketPaths.lease() + ": another collector has it (" + outcome + ")",
                    "one of the two was thought to be gone; nothing was deleted without the right to; run it again");
        }
        etag = found.get().etag();
        renewedAt = asked;
        renewedOn = askedOn;
    }

    /** Fails unless what is sent now is carried out while the right is had. */
    void requireHeld() throws FailedException {
        if (isTooOld()) {
            throw new FailedException(
                    "this collector stood still for so long that another may be at work",
                    "nothing more is deleted by it; run it again");
        }
    }

    /** From now on the right is not given back: what is sent next may be carried out after this collector's end. */
    void outliveCollector() {
        outlives = true;
    }

    /** All that was sent has an answer. */
    void endWithCollector() {
        outlives = false;
    }

    /**
     * Gives the right back. One that may be another's by now is left alone, and one that must outlive this collector: no
     * other gets it before it is over, and no request of this one is carried out as late as that.
     */
    @Override
    public void close() {
        if (outlives || isTooOld()) {
            return;
        }
        try {
            // One attempt: an earlier one that is carried out late would take the right from the next collector.
            Undisturbed.run(() -> atOnce.remove(BucketPaths.lease()));
        } catch (CaravanException e) {
            LOG.warn("the lease of this collector is not given back; the next one waits an hour: {}", e.getMessage());
        }
    }

    private boolean isTooOld() {
        Duration half = LIFE.dividedBy(2);
        return nanoTime.getAsLong() - renewedAt > half.toNanos()
                || Duration.between(renewedOn, clock.instant()).abs().compareTo(half) > 0;
    }

    private void take() throws CaravanException {
        renewedAt = nanoTime.getAsLong();
        renewedOn = clock.instant();
        Content content = content();
        if (store.create(BucketPaths.lease(), content) == CreateOutcome.ALREADY_THERE) {
            Optional<StoredObject> other = store.read(BucketPaths.lease(), MAX_BYTES);
            if (other.isPresent() && !isOurs(other.get())) {
                requireOver(other.get());
                store.replace(BucketPaths.lease(), content, other.get().etag());
            }
        }
        Optional<StoredObject> found = store.read(BucketPaths.lease(), MAX_BYTES);
        if (found.isEmpty() || !isOurs(found.get())) {
            throw new TransientException(
                    "take " + BucketPaths.lease() + ": another collector was faster", "let it end");
        }
        etag = found.get().etag();
    }

    private void requireOver(StoredObject other) throws CaravanException {
        String[] lines = new String(other.bytes(), US_ASCII).split("\n", -1);
        Instant until;
        try {
            until = Instant.parse(lines.length > 1 ? lines[1] : "");
        } catch (DateTimeException e) {
            throw new FailedException(
                    "read " + BucketPaths.lease() + ": it is no lease of a collector",
                    "look who writes to the bucket; remove it if no collector is at work",
                    e);
        }
        if (clock.instant().isBefore(until.plus(LARGEST_SKEW))) {
            throw new TransientException(
                    "take " + BucketPaths.lease() + ": the collector " + lines[0] + " has it until " + until,
                    "let it end; if it is gone, wait until then");
        }
    }

    private void requireSameTime() throws CaravanException {
        Instant storedAt = store.list(BucketPaths.CONTROL + "/", Optional.empty()).objects().stream()
                .filter(object -> object.key().equals(BucketPaths.lease()))
                .map(ListedObject::storedAt)
                .findFirst()
                .orElseThrow(() -> new FailedException(
                        "list " + BucketPaths.CONTROL + ": what was stored a moment ago is not in the list",
                        "a collector needs a store whose listings are up to date"));
        Duration skew = Duration.between(storedAt, clock.instant()).abs();
        if (skew.compareTo(LARGEST_SKEW) > 0) {
            throw new RefusedException(
                    "the clock of this machine says " + clock.instant() + ", the store's " + storedAt
                            + ": what is old cannot be told",
                    "set this machine's clock; nothing was deleted");
        }
    }

    private boolean isOurs(StoredObject object) {
        return Arrays.asList(new String(object.bytes(), US_ASCII).split("\n", -1))
                .get(0)
                .equals(holder);
    }

    private Content content() {
        String text = holder + "\n" + clock.instant().plus(LIFE) + "\n";
        return Content.of(text.getBytes(US_ASCII), "text/plain; charset=utf-8", CachePolicy.MUTABLE);
    }
}
