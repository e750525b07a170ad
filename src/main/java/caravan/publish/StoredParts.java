package caravan.publish;

import caravan.failure.FailedException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps {@code latest} from moving to a snapshot that is not complete in the bucket, whatever the routes leave out. One
 * thread at a time, as stages follow one another.
 */
final class StoredParts {

    /** What must be in the bucket before {@code latest} may lead to it. */
    enum Part {
        ANNOUNCEMENT,
        MANIFEST,
        EXPORTS,
        RECORD
    }

    private final Set<Part> stored = EnumSet.noneOf(Part.class);

    /** Notes that one part is in the bucket. */
    void note(Part part) {
        stored.add(part);
    }

    /**
     * Returns if every part was noted.
     *
     * @param refusal what cannot be done, for people
     * @throws FailedException that names those that were not
     */
    void requireAll(String refusal) throws FailedException {
        Set<Part> missing = EnumSet.allOf(Part.class);
        missing.removeAll(stored);
        if (!missing.isEmpty()) {
            throw new FailedException(
                    refusal + " without its "
                            + missing.stream()
                                    .map(part -> part.name().toLowerCase(Locale.ROOT))
                                    .collect(Collectors.joining(", ")),
                    Publication.ROUTES_ARE_WRONG);
        }
    }
}
