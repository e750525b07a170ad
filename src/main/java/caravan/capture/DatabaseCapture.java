package caravan.capture;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.util.List;

/**
 * Makes a consistent copy of a database.
 *
 * <p>Whatever the outcome, the node's directory is as it was: no content, mode or time in it is changed.
 * Implementations are safe for use by many threads; two captures with the same stage at the same time are refused.
 */
public interface DatabaseCapture {

    /**
     * Captures every store of {@code request}. The caller closes the result; after a failure nothing is left to close.
     *
     * @throws RefusedException if a rule that makes the copy provably right does not hold: the engine, an option of it,
     *     a file, the file system or a right. Trying again changes nothing until somebody changes that
     * @throws DamagedException if the copy was made by the rules and yet is not whole, which means that the node's own
     *     database is damaged
     * @throws TransientException if the database changed too fast for the time allowed, or the thread was interrupted
     * @throws FailedException if reading or linking failed for another reason
     */
    CapturedDatabase capture(CaptureRequest request) throws CaravanException;

    /**
     * Checks as much of {@link #capture} as can be checked without changing anything, not even the stage.
     *
     * @return one line about each store that would be captured
     * @throws CaravanException as {@link #capture} does
     */
    List<String> check(CaptureRequest request) throws CaravanException;
}
