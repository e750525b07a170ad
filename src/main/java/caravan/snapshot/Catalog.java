package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What there is under one public URL: every database, and its snapshots. It is for people and pages; whoever restores
 * follows pointer and record.
 *
 * @param publisher who publishes, in words; empty if that is not said
 * @param generatedAt when this was put together
 * @param publicUrl where clients find the bucket's prefix, without a slash at the end; only characters that mean
 *     nothing to a shell
 * @param databases sorted by name, no two with the same
 */
public record Catalog(String publisher, Instant generatedAt, String publicUrl, List<CatalogDatabase> databases) {

    /** Value of the field {@code format}. */
    public static final String FORMAT = "caravan-catalog-1";

    private static final int MAX_URL = 1000;

    private static final Pattern URL = Pattern.compile(
            "https?://(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~%+=@:,-]+)*");

    /** Checks the address and the order; copies the list. */
    public Catalog {
        requireNonNull(publisher, "publisher");
        requireNonNull(generatedAt, "generatedAt");
        databases = List.copyOf(databases);
        if (publicUrl.length() > MAX_URL || !URL.matcher(publicUrl).matches()) {
            throw new IllegalArgumentException(
                    "a public URL is http(s)://host/path, without user, query, fragment, a slash at its end or"
                            + " characters that a shell might act upon");
        }
        for (int at = 1; at < databases.size(); at++) {
            String before = databases.get(at - 1).name().value();
            String name = databases.get(at).name().value();
            if (before.compareTo(name) >= 0) {
                throw new IllegalArgumentException(
                        "databases are sorted by name and no two have the same, but " + name + " follows " + before);
            }
        }
    }
}
