package caravan.doctor;

import caravan.doctor.Finding.Weight;
import java.util.List;

/**
 * All that was found.
 *
 * @param findings in the order in which the examinations were given
 */
public record Diagnosis(List<Finding> findings) {

    /** The gravest first: what users get is wrong; then what keeps anything from being right; at last what may pass. */
    private static final List<Integer> GRAVEST_FIRST = List.of(3, 2, 4, 1, 75);

    /** Copies the list. */
    public Diagnosis {
        findings = List.copyOf(findings);
    }

    /** Of a command that ends with it: 0 if nothing is wrong, else that of the gravest finding. */
    public int exitStatus() {
        return GRAVEST_FIRST.stream()
                .filter(status -> findings.stream().anyMatch(finding -> finding.exitStatus() == status))
                .findFirst()
                .orElse(0);
    }

    /** How many have this weight. */
    public long count(Weight weight) {
        return findings.stream().filter(finding -> finding.weight() == weight).count();
    }
}
