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

    /** What is said of a body of the right length and of other bytes. */
    static final String WRONG_BYTES = "wrong bytes";

    /** How it begins what is said of an answer from another place than was meant. */
    static final String ELSEWHERE = "answered by ";

    /** Checks that nothing is null. */
    public WarmFault {
        requireNonNull(path, "path");
        requireNonNull(pop, "pop");
        requireNonNull(what, "what");
    }

    /** Whether the edge serves something else under the object's name. */
    public boolean isDamage() {
        return what.equals(WRONG_BYTES);
    }

    /** Whether another place answered than the one that was meant. */
    boolean isElsewhere() {
        return what.startsWith(ELSEWHERE);
    }

    @Override
    public String toString() {
        return path + (pop.isEmpty() ? "" : " from " + pop) + ": " + what;
    }
}
