package caravan.warm;

import static java.util.Objects.requireNonNull;

/**
 * Something an edge did wrong, in words that everybody may read: no address of ours is in them.
 *
 * @param path of the object
 * @param pop that answered; empty if it said none or there was no answer
 * @param what went wrong, for example {@code status 503}
 */
public record WarmFault(String path, String pop, String what) {

    /** Checks that nothing is null. */
    public WarmFault {
        requireNonNull(path, "path");
        requireNonNull(pop, "pop");
        requireNonNull(what, "what");
    }

    @Override
    public String toString() {
        return path + (pop.isEmpty() ? "" : " from " + pop) + ": " + what;
    }
}
