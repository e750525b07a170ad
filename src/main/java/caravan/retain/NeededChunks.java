package caravan.retain;

import caravan.failure.CaravanException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import java.util.HashSet;
import java.util.Set;

/** Which chunks the snapshots of a survey need, by their manifests. One that cannot be believed fails. */
final class NeededChunks {

    private final SignedSnapshots signed;

    NeededChunks(SignedSnapshots signed) {
        this.signed = signed;
    }

    /** Of all snapshots, also of those that are about to go. */
    Set<Digest> ofAll(BucketSurvey survey, Verdicts verdicts) throws CaravanException {
        Set<Digest> digests = ofKept(survey, verdicts);
        addOfRetired(survey, verdicts, digests);
        return digests;
    }

    /** Of those snapshots that stay. */
    Set<Digest> ofKept(BucketSurvey survey, Verdicts verdicts) throws CaravanException {
        Set<Digest> digests = new HashSet<>();
        add(survey, verdicts, true, digests);
        return digests;
    }

    /** Adds what those need that go. */
    void addOfRetired(BucketSurvey survey, Verdicts verdicts, Set<Digest> digests) throws CaravanException {
        add(survey, verdicts, false, digests);
    }

    private void add(BucketSurvey survey, Verdicts verdicts, boolean kept, Set<Digest> digests)
            throws CaravanException {
        for (Verdict verdict : verdicts.all()) {
            ListedDatabase database = survey.databases().get(verdict.database().value());
            // One without a manifest, and without a record that asks for one, needs nothing yet.
            if (verdict.reason().keeps() == kept
                    && (verdicts.record(verdict).isPresent()
                            || database.has(verdict.snapshot(), BucketPaths.MANIFEST))) {
                signed.addChunks(verdict.database(), verdict.snapshot(), verdicts.record(verdict), digests);
            }
        }
    }
}
