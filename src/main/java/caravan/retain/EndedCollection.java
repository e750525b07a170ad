package caravan.retain;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import java.util.Optional;

/**
 * A collection that is over, however it ended.
 *
 * @param collected what it took away
 * @param outcome the whole report, or why there is none
 */
public record EndedCollection(Collected collected, Outcome outcome) {

    /** Checks both. */
    public EndedCollection {
        requireNonNull(collected, "collected");
        requireNonNull(outcome, "outcome");
    }

    /** How a collection ended. */
    public sealed interface Outcome {

        /** It got through, or changed nothing because {@link RetentionReport#token} would have to be said. */
        record Reported(RetentionReport report) implements Outcome {}

        /** It ended early. */
        record Failed(CaravanException failure) implements Outcome {}
    }

    /** The report, if there is one. */
    public Optional<RetentionReport> reported() {
        return outcome instanceof Outcome.Reported reported ? Optional.of(reported.report()) : Optional.empty();
    }

    /**
     * The report.
     *
     * @throws CaravanException with which the collection ended early
     */
    public RetentionReport report() throws CaravanException {
        if (outcome instanceof Outcome.Failed failed) {
            throw failed.failure();
        }
        return reported().orElseThrow();
    }
}
