package caravan.publish;

/** What a publication has come to, in this order. The time between two of them is that of one stage. */
public enum Milestone {
    /** It has its lock, and knows what is published. */
    BEGUN,
    /** The node was asked, and the database captured. */
    CAPTURED,
    /** Every chunk is stored. */
    STORED,
    /** The manifest is written and proven. */
    PROVEN,
    /** {@code latest} names the snapshot. */
    VISIBLE
}
