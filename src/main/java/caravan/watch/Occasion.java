package caravan.watch;

/** What makes a publication come up. */
public enum Occasion {
    /** The schedule says so: publish if something changed. */
    SCHEDULE,
    /** The database was looked at: publish if something changed and it has been quiet since for long enough. */
    QUIET,
    /** A person asked for it with a trigger file: publish, whatever changed. */
    TRIGGER
}
