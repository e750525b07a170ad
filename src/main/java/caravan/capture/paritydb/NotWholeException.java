package caravan.capture.paritydb;

/** A file of a ParityDB is not what its engine writes. */
final class NotWholeException extends Exception {

    private static final long serialVersionUID = 1L;

    NotWholeException(String reason) {
        super(reason);
    }
}
