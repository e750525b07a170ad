package caravan.manifest;

/** An object is of a format that a later version of this program may know. */
final class NewerFormatException extends IllegalArgumentException {

    /** What to do about it. */
    static final String HINT = "use a newer version of this program";

    private static final long serialVersionUID = 1;

    NewerFormatException(String message) {
        super(message);
    }
}
