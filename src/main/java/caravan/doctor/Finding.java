package caravan.doctor;

import static java.util.Objects.requireNonNull;

/**
 * One thing that was looked at, and how it is.
 *
 * @param weight what it means for the person who asked
 * @param subject one word for what was looked at, for example {@code disk}
 * @param about which of several, for example the name of a database; empty if there is but one
 * @param what one line: what was looked at, and what was found; never a secret
 * @param hint what to do; empty if nothing
 * @param exitStatus of a command that would fail for it; 0 if nothing is wrong
 */
public record Finding(Weight weight, String subject, String about, String what, String hint, int exitStatus) {

    /** What a finding means. */
    public enum Weight {
        /** It is as it should be. */
        OK,
        /** Nothing is wrong, but an operator wants to know. */
        NOTE,
        /** It has to be put right. */
        WRONG
    }

    /** Makes lines of the texts, and refuses what says that something is wrong and not what to do. */
    public Finding {
        requireNonNull(weight, "weight");
        requireNonNull(subject, "subject");
        requireNonNull(about, "about");
        what = line(what);
        hint = line(hint);
        if ((weight == Weight.WRONG) != (exitStatus != 0)) {
            throw new IllegalArgumentException("a status belongs to what is wrong, and to nothing else");
        }
        if (weight == Weight.WRONG && hint.isEmpty()) {
            throw new IllegalArgumentException("what is wrong has a hint: " + what);
        }
    }

    private static String line(String text) {
        return requireNonNull(text, "text").replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    }
}
