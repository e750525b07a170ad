package caravan.doctor;

import caravan.doctor.Finding.Weight;
import caravan.failure.CaravanException;
import java.util.ArrayList;
import java.util.List;

/** What one examination found so far. Safe for many threads; what is told after {@link #end} is lost. */
public final class Findings {

    /** Exit status of what failed and is not more precisely known. */
    public static final int FAILED = 1;

    /** Exit status of a wrong setting. */
    public static final int WRONG_SETTING = 2;

    /** Exit status of data that is not what it claims to be. */
    public static final int DAMAGED = 3;

    /** Exit status of what is refused for safety. */
    public static final int REFUSED = 4;

    /** Exit status of what may be right again later. */
    public static final int PASSING = 75;

    private final String subject;

    private final String about;

    private final List<Finding> all = new ArrayList<>();

    private boolean ended;

    Findings(String subject, String about) {
        this.subject = subject;
        this.about = about;
    }

    /** It is as it should be. */
    public void ok(String what) {
        add(new Finding(Weight.OK, subject, about, what, "", 0));
    }

    /** Nothing is wrong, but worth to know. */
    public void note(String what, String hint) {
        add(new Finding(Weight.NOTE, subject, about, what, hint, 0));
    }

    /** It has to be put right. */
    public void wrong(int exitStatus, String what, String hint) {
        add(new Finding(Weight.WRONG, subject, about, what, hint, exitStatus));
    }

    /** It has to be put right, as {@code failure} says. */
    public void wrong(CaravanException failure) {
        wrong(failure.exitStatus(), failure.getMessage(), failure.hint());
    }

    private synchronized void add(Finding finding) {
        if (!ended) {
            all.add(finding);
        }
    }

    synchronized List<Finding> end() {
        ended = true;
        return List.copyOf(all);
    }
}
