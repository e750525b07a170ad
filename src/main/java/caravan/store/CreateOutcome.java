package caravan.store;

/** What came of creating an object under a name that must be free. */
public enum CreateOutcome {

    /** It is stored, and this call stored it. */
    CREATED,

    /**
     * The name was taken, and what is there was left alone. It may be there because an earlier attempt of the same
     * caller arrived and only its answer was lost; {@link ObjectHead#compare} tells.
     */
    ALREADY_THERE
}
