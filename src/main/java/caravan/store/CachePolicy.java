package caravan.store;

/** How long a CDN and a browser may keep an object, told to them by {@code Cache-Control}. */
public enum CachePolicy {

    /** For a name whose content never changes: a year, and no proxy may recompress it. */
    IMMUTABLE("public, max-age=31536000, immutable, no-transform"),

    /** For a name that is replaced: a minute. */
    MUTABLE("max-age=60");

    private final String header;

    CachePolicy(String header) {
        this.header = header;
    }

    /** Value of the {@code Cache-Control} header. */
    public String header() {
        return header;
    }
}
