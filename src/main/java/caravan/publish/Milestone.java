package caravan.publish;

import java.util.List;
import java.util.Optional;

/** What a publication has come to, in this order. The time between two of them is that of one stage. */
public enum Milestone {
    /** It has its lock, and knows what is published. */
    BEGUN,
    /** The node was asked, and the database captured. */
    CAPTURED,
    /** The checksums of its tables are right, or nobody wanted to know. */
    CHECKED,
    /** Every chunk is stored. */
    STORED,
    /** The manifest is written and proven. */
    PROVEN,
    /** {@code latest} names the snapshot. */
    VISIBLE;

    private static final List<Milestone> ORDER = List.of(values());

    /** The one before; none before the first. */
    Optional<Milestone> before() {
        int at = ORDER.indexOf(this);
        return at == 0 ? Optional.empty() : Optional.of(ORDER.get(at - 1));
    }
}
