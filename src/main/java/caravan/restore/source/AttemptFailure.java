package caravan.restore.source;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * One attempt to read an object did not work, and not for a reason of this machine. Says how often another attempt
 * makes sense, and what it amounts to once nobody tries again.
 */
public final class AttemptFailure extends IOException {

    private static final long serialVersionUID = 1L;

    /** What came back, by what to do next. */
    public enum Kind {
        /** Nothing, or a server that is busy: wait and try again. */
        UNAVAILABLE(6),
        /** Other bytes than expected: try again, then past the caches. */
        DAMAGED(3),
        /** No such object; a CDN may remember an absence for a while: try again, then past the caches. */
        ABSENT(3),
        /** No such object, and asking again would be of no use. */
        MISSING(1),
        /** An answer that stays the same however often one asks. */
        FINAL(1);

        private final int attempts;

        Kind(int attempts) {
            this.attempts = attempts;
        }

        /** Attempts that may end this way before the object is given up. */
        int attempts() {
            return attempts;
        }
    }

    private final Kind kind;
    private final String hint;
    private final Duration retryAfter;
    private final boolean another;
    private final String object;

    /** A failure after which the server did not ask for a pause. */
    public AttemptFailure(Kind kind, String message, String hint, Throwable cause) {
        this(kind, message, hint, Duration.ZERO, cause);
    }

    /**
     * A failure with all it says.
     *
     * @param message what was tried, on what, what came back
     * @param retryAfter pause the server asked for; zero if it did not
     */
    public AttemptFailure(Kind kind, String message, String hint, Duration retryAfter, Throwable cause) {
        this(kind, message, hint, retryAfter, cause, false, "");
    }

    private AttemptFailure(
            Kind kind,
            String message,
            String hint,
            Duration retryAfter,
            Throwable cause,
            boolean another,
            String object) {
        super(message, cause);
        this.kind = requireNonNull(kind, "kind");
        this.hint = requireNonNull(hint, "hint");
        this.retryAfter = requireNonNull(retryAfter, "retryAfter");
        this.another = another;
        this.object = requireNonNull(object, "object");
    }

    /** The object that {@code failure} is about in the end, and what came back for it; none if it is about none. */
    public static Optional<AttemptFailure> in(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause() == at ? null : at.getCause()) {
            if (at instanceof AttemptFailure attempt && !attempt.object.isEmpty()) {
                return Optional.of(attempt);
            }
        }
        return Optional.empty();
    }

    /** The same, known to be about the object with this path. */
    public AttemptFailure about(String path) {
        return new AttemptFailure(kind, getMessage(), hint, retryAfter, this, another, path);
    }

    /** Path of the object that it is about, below the base; empty if it is not known. */
    public String object() {
        return object;
    }

    /** Whether there is no such object. */
    public boolean isAbsent() {
        return kind == Kind.ABSENT || kind == Kind.MISSING;
    }

    /** The same, and another source is there to be asked at once. */
    AttemptFailure another() {
        return new AttemptFailure(kind, getMessage(), hint, retryAfter, this, true, object);
    }

    /** The same in other words. */
    AttemptFailure saying(String message) {
        return new AttemptFailure(kind, message, hint, retryAfter, this, false, object);
    }

    /** Whether another source is there to be asked at once, so that this failure does not count. */
    boolean hasAnother() {
        return another;
    }

    /** What came back. */
    public Kind kind() {
        return kind;
    }

    /** Pause the server asked for; zero if it did not. */
    public Duration retryAfter() {
        return retryAfter;
    }

    /** The failure to report when nobody tries again. */
    public CaravanException verdict(int attempts) {
        String message = attempts > 1 ? getMessage() + " (after " + attempts + " attempts)" : getMessage();
        return switch (kind) {
            case UNAVAILABLE -> new TransientException(message, hint, this);
            case DAMAGED -> new DamagedException(message, hint, this);
            case ABSENT, MISSING, FINAL -> new FailedException(message, hint, this);
        };
    }
}
