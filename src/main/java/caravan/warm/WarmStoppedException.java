package caravan.warm;

/** The warm-up of a region has ended while an object was being fetched. That is nobody's fault. */
public final class WarmStoppedException extends Exception {

    private static final long serialVersionUID = 1L;

    WarmStoppedException(String region, String reason) {
        super("warm " + region + ": ended, " + reason);
    }
}
