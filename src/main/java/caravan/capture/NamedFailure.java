package caravan.capture;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseName;

/**
 * A failure that says which database it is of, and which setting is meant: below this, where stores, nodes and commands
 * are handled, nobody knows by which name they are published.
 */
final class NamedFailure {

    private static final String LOUD = "CRITICAL: ";

    private NamedFailure() {}

    /** The same as {@code failure}, which is its cause, in words about {@code database}. */
    static CaravanException of(DatabaseName database, CaravanException failure) {
        String said = failure.getMessage().replace("<name>", database.value());
        String message = said.startsWith(LOUD)
                ? LOUD + database + ": " + said.substring(LOUD.length())
                : "capture " + database + ": " + said;
        String hint = failure.hint().replace("<name>", database.value());
        if (failure instanceof NodeDownException) {
            return new NodeDownException(message, hint, failure);
        } else if (failure instanceof RefusedException) {
            return new RefusedException(message, hint, failure);
        } else if (failure instanceof DamagedException) {
            return new DamagedException(message, hint, failure);
        } else if (failure instanceof TransientException passing) {
            return new TransientException(message, hint, failure, passing.retryAfter());
        } else if (failure instanceof WrongUsageException) {
            return new WrongUsageException(message, hint, failure);
        }
        return new FailedException(message, hint, failure);
    }
}
