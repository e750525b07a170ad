package caravan.watch;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides for one database whether an occasion is one to publish: something must have changed since the snapshot that
 * was published last, and, off schedule, nothing since then. Safe for use by many threads.
 */
public final class DatabaseWatch {

    /** After a publication that came to nothing, quiet alone is no reason to try again before this has passed. */
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(10);

    private final DatabaseSight sight;

    private final WatchRules rules;

    private final Supplier<Optional<Appearance>> published;

    private final Clock clock;

    private Appearance lastLook;

    private Instant changedAt;

    private Instant attemptedAt = Instant.EPOCH;

    /**
     * Watches what {@code sight} shows.
     *
     * @param published how the database looked when the snapshot was captured that was published last; nothing if that
     *     is not known
     */
    public DatabaseWatch(DatabaseSight sight, WatchRules rules, Supplier<Optional<Appearance>> published, Clock clock) {
        this.sight = requireNonNull(sight, "sight");
        this.rules = requireNonNull(rules, "rules");
        this.published = requireNonNull(published, "published");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Whether to publish, and why or why not.
     *
     * @param publish yes or no
     * @param reason for the log
     */
    public record Decision(boolean publish, String reason) {}

    /** Decides about an occasion that comes up now. */
    public synchronized Decision decide(Occasion occasion) {
        Decision decision =
                switch (occasion) {
                    case TRIGGER -> new Decision(true, "a trigger file asks for it");
                    case SCHEDULE -> onSchedule();
                    case QUIET -> onLook();
                };
        if (decision.publish()) {
            attemptedAt = clock.instant();
        }
        return decision;
    }

    private Decision onSchedule() {
        Optional<Appearance> last = published.get();
        if (last.isEmpty()) {
            return new Decision(true, "nothing was published from here yet");
        }
        if (!rules.publishUnchanged() && isSame(last.get())) {
            return new Decision(
                    false,
                    "nothing changed since the snapshot of " + shown(last.get().seenAt()));
        }
        Instant earliest = last.get().seenAt().plus(rules.minInterval());
        if (clock.instant().isBefore(earliest)) {
            return new Decision(false, "it may be published again at " + shown(earliest));
        }
        return new Decision(
                true, "it changed since the snapshot of " + shown(last.get().seenAt()));
    }

    private boolean isSame(Appearance last) {
        try {
            return note(sight.look()).looksLike(last);
        } catch (IOException e) {
            // The publication will say what is wrong with the directory, and to more people than a log does.
            return false;
        }
    }

    private Decision onLook() {
        if (!rules.waitsForQuiet()) {
            return new Decision(false, "it is published on schedule only");
        }
        Appearance now;
        try {
            now = note(sight.look());
        } catch (IOException e) {
            return new Decision(false, "cannot look at it: " + e);
        }
        Optional<Appearance> last = published.get();
        if (last.isPresent() && now.looksLike(last.get())) {
            return new Decision(
                    false,
                    "nothing changed since the snapshot of " + shown(last.get().seenAt()));
        }
        Instant earliest = later(changedAt.plus(rules.quiet()), earliestAfter(last));
        if (now.seenAt().isBefore(earliest)) {
            return new Decision(false, "it changed; published if it is quiet until " + shown(earliest));
        }
        return new Decision(true, "it changed and has been quiet since " + shown(changedAt));
    }

    /** From when on it may be published again, after a publication that succeeded or one that did not. */
    private Instant earliestAfter(Optional<Appearance> last) {
        Instant captured = last.map(Appearance::seenAt).orElse(Instant.EPOCH);
        boolean failed = captured.isBefore(attemptedAt.truncatedTo(ChronoUnit.MILLIS));
        return later(captured.plus(rules.minInterval()), failed ? attemptedAt.plus(AFTER_FAILURE) : Instant.EPOCH);
    }

    /** Keeps the time of the last change: of the first look that showed it. */
    private Appearance note(Appearance now) {
        if (lastLook == null || !now.looksLike(lastLook)) {
            changedAt = now.seenAt();
        }
        lastLook = now;
        return now;
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private static String shown(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
