package caravan.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.doctor.Finding.Weight;
import java.util.List;

/** What examinations told, for assertions. */
public record Told(Diagnosis diagnosis) {

    /** Makes {@code examinations}. */
    public static Told by(Examination... examinations) throws InterruptedException {
        return by(List.of(examinations));
    }

    /** The same for a list. */
    public static Told by(List<Examination> examinations) throws InterruptedException {
        return new Told(Doctor.examine(examinations, finding -> {}));
    }

    /** Fails unless there is a finding that something is wrong, with these parts in its texts. */
    public Told wrong(int status, String what, String hint) {
        return has(Weight.WRONG, status, what, hint);
    }

    /** Fails unless there is a finding that is worth to know, with these parts in its texts. */
    public Told note(String what, String hint) {
        return has(Weight.NOTE, 0, what, hint);
    }

    /** Fails unless there is a finding that something is well. */
    public Told ok(String what) {
        return has(Weight.OK, 0, what, "");
    }

    /** Fails if anything is wrong, or worth to know. */
    public Told onlyOk() {
        assertThat(diagnosis.findings()).isNotEmpty().allMatch(finding -> finding.weight() == Weight.OK);
        return this;
    }

    /** Fails if anything else is wrong than {@code count} things. */
    public Told wrongInAll(int count) {
        assertThat(diagnosis.count(Weight.WRONG)).as("%s", diagnosis).isEqualTo(count);
        return this;
    }

    private Told has(Weight weight, int status, String what, String hint) {
        assertThat(diagnosis.findings())
                .as("%s %d \"%s\" \"%s\"", weight, status, what, hint)
                .anyMatch(finding -> finding.weight() == weight
                        && finding.exitStatus() == status
                        && finding.what().contains(what)
                        && finding.hint().contains(hint));
        return this;
    }
}
