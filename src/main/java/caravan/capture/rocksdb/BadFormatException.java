package caravan.capture.rocksdb;

/** Bytes of an engine file are not what the format says; the message is the reason alone, without the file. */
final class BadFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    BadFormatException(String reason) {
        super(reason);
    }
}
