package caravan.doctor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import caravan.failure.CaravanException;
import caravan.publish.DigestList;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a collection that was killed left in the bucket. */
public final class CollectorCheck implements Examination {

    private static final int MOST_LEASE = 4096;

    private final BucketCheck bucket;

    private final ObjectStore store;

    private final Clock clock;

    /** In {@code store}, if {@code bucket} says that it can be read. */
    public CollectorCheck(BucketCheck bucket, ObjectStore store, Clock clock) {
        this.bucket = bucket;
        this.store = store;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "retain";
    }

    @Override
    public void examine(Findings findings) throws CaravanException {
        if (!bucket.isReadable(findings)) {
            return;
        }
        Optional<StoredObject> lease = store.read(BucketPaths.lease(), MOST_LEASE);
        Optional<Set<Digest>> condemned = DigestList.read(
                store,
                BucketPaths.condemned(),
                "the collector's list is damaged; nothing may be reused until it is right");
        int doomed = condemned.map(Set::size).orElse(0);
        if (lease.isPresent()) {
            String[] lines = new String(lease.get().bytes(), US_ASCII).split("\n", -1);
            say(lines[0], lines.length > 1 ? lines[1] : "", doomed, findings);
        } else if (doomed > 0) {
            findings.note(
                    "a collection ended before it had deleted the " + doomed
                            + " chunks that it condemned; publications send them again if they need them",
                    "the next caravan retain --confirm goes on");
        } else {
            findings.ok("no collection is under way, and none was broken off");
        }
    }

    private void say(String holder, String until, int doomed, Findings findings) {
        Instant end;
        try {
            end = Instant.parse(until);
        } catch (DateTimeException e) {
            findings.wrong(
                    Findings.FAILED,
                    BucketPaths.lease() + " in the bucket is no lease of a collector, so nothing can be collected",
                    "look who writes to the bucket; remove it if no collector is at work");
            return;
        }
        if (clock.instant().isBefore(end)) {
            findings.ok("the collector " + holder + " is at work, or was killed in the last hour");
        } else {
            findings.note(
                    "the collector " + holder + " was killed: its right ended "
                            + Span.of(Duration.between(end, clock.instant())) + " ago, with " + doomed
                            + " chunks condemned",
                    "the next caravan retain --confirm takes over");
        }
    }
}
