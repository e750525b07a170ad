package caravan.capture.rocksdb;

/** An engine file is intact but uses something whose meaning we do not know; the message is the reason alone. */
final class UnsupportedFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    UnsupportedFormatException(String reason) {
        super(reason);
    }
}
