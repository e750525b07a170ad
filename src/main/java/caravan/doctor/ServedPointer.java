package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.snapshot.Pointer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** A {@code latest} that came from a cache, beside that of the bucket. */
public final class ServedPointer {

    /** Caches keep it for a minute, and the bucket may just have been written to. */
    private static final Duration KEPT_FOR = Duration.ofMinutes(3);

    private ServedPointer() {}

    /**
     * Says how what was served is.
     *
     * @param note the bytes that came
     * @param what names them
     * @throws CaravanException if it is not signed by who should have
     */
    public static void compare(byte[] note, String what, BucketPointer latest, Clock clock, Findings findings)
            throws CaravanException {
        Pointer served = latest.verify(note, what);
        Optional<Pointer> stored = latest.readIfRight();
        Instant now = clock.instant();
        long newest = stored.map(Pointer::sequence).orElse(0L);
        if (served.sequence() > newest && stored.isPresent()) {
            findings.wrong(
                    Findings.REFUSED,
                    what + " has sequence " + served.sequence() + ", and the bucket only " + newest,
                    "it leads to another bucket than caravan.s3.bucket, or somebody put back an older latest");
        } else if (served.sequence() < newest) {
            stale(served, stored.get(), what, now, findings);
        } else if (!now.isBefore(served.expiresAt())) {
            findings.wrong(
                    Findings.FAILED,
                    what + " expired at " + served.expiresAt() + ", so nobody can restore from there",
                    "see what is said of latest");
        } else {
            findings.ok(what + " is " + (stored.isPresent() ? "what the bucket has" : "right") + ": sequence "
                    + served.sequence());
        }
    }

    private static void stale(Pointer served, Pointer stored, String what, Instant now, Findings findings) {
        Duration since = Duration.between(stored.publishedAt(), now);
        String words = what + " still has sequence " + served.sequence() + "; the bucket has " + stored.sequence()
                + " since " + Span.of(since);
        if (since.compareTo(KEPT_FOR) > 0) {
            findings.wrong(
                    Findings.FAILED,
                    words + ": a cache keeps it for longer than the minute that it may",
                    "invalidate that path by hand, and set the CDN to respect Cache-Control of the origin; docs/operations.md,"
                            + " \"What may be kept, and for how long\"");
        } else {
            findings.note(words, "nothing yet: caches may keep it for a minute");
        }
    }
}
