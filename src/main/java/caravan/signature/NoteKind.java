package caravan.signature;

/** What a signed note says. A signature of one kind is worth nothing under another. */
public enum NoteKind {
    /** What a publisher states about one snapshot. */
    RECORD("caravan-record"),
    /** Which record is the latest of a database. */
    POINTER("caravan-pointer"),
    /** Which databases and snapshots there are. */
    CATALOG("caravan-catalog");

    private final String namespace;

    NoteKind(String namespace) {
        this.namespace = namespace;
    }

    /** Namespace of the signature, as in {@code ssh-keygen -Y sign -n}. */
    public String namespace() {
        return namespace;
    }
}
