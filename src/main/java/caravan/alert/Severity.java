package caravan.alert;

/** How much an alert matters. */
public enum Severity {
    /** Good to know; nothing to do. */
    NOTICE,
    /** Something did not work, and the rest goes on. */
    WARNING,
    /** Something that people rely on did not happen. */
    ERROR,
    /** A node does not run that ran before: somebody must look at once. */
    CRITICAL
}
