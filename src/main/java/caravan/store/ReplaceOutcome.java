package caravan.store;

/** What came of replacing an object that the caller has read before. */
public enum ReplaceOutcome {

    /** The new content is stored. */
    REPLACED,

    /**
     * The object is no longer what the caller read, or is gone; it was left alone. It may have changed because an
     * earlier attempt of the same caller arrived and only its answer was lost; reading it again tells.
     */
    CONFLICT
}
