package caravan.store;

import caravan.failure.RefusedException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a store was seen to do; stores that speak S3 differ, and some accept a condition and ignore it.
 *
 * @param createOnly {@code If-None-Match: *} keeps what is there, so no publisher can replace a published object
 * @param compareAndReplace {@code If-Match} keeps what has changed meanwhile, so of two publishers one notices
 * @param checksumsHonoured bytes that do not match the SHA-256 sent with them are refused
 * @param checksumsTold the SHA-256 comes back with a HEAD, so that an object can be compared without reading it
 */
public record StoreAbilities(
        boolean createOnly, boolean compareAndReplace, boolean checksumsHonoured, boolean checksumsTold) {

    private static final String DECLARATION = "caravan.s3.single-writer=true";

    /** What follows, one sentence each, for the operator; empty if the store does all. */
    public List<String> consequences() {
        List<String> words = new ArrayList<>();
        if (!createOnly) {
            words.add("the store ignores If-None-Match: nothing but the promise of a single publisher keeps published"
                    + " objects from being replaced");
        }
        if (!compareAndReplace) {
            words.add(
                    "the store ignores If-Match: two publishers of one database would overwrite each other's pointer");
        }
        if (!checksumsHonoured) {
            words.add("the store does not compare SHA-256 checksums: every new chunk is read back before a manifest"
                    + " names it, which costs its size in downloads");
        }
        if (!checksumsTold) {
            words.add("the store does not tell SHA-256 checksums: an object that is already there is compared by size"
                    + " only, or read");
        }
        return List.copyOf(words);
    }

    /**
     * Lets pass a store on which several publishers cannot harm each other, or an operator who has declared that there
     * is only one.
     *
     * @param singleWriter whether that is declared
     */
    public void requireSafe(boolean singleWriter) throws RefusedException {
        if (!singleWriter && !(createOnly && compareAndReplace)) {
            String ignored =
                    createOnly ? "If-Match" : compareAndReplace ? "If-None-Match" : "If-None-Match and If-Match";
            throw new RefusedException(
                    "cannot publish safely: the store ignores " + ignored
                            + ", so a second publisher could replace what is published",
                    "make sure that only one process ever publishes to this bucket and prefix, and declare it with "
                            + DECLARATION);
        }
    }
}
