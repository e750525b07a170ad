package caravan.snapshot;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * Name under which a database is published: one level of the bucket's keys and of every URL.
 *
 * @param value {@code [a-z0-9][a-z0-9-]{0,62}}, but not {@code chunks} or {@code files}
 */
public record DatabaseName(String value) {

    private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private static final Set<String> TAKEN = Set.of("chunks", "files");

    /** Checks the form; the message of the {@link IllegalArgumentException} is fit for an operator. */
    public DatabaseName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("a database name has 1 to 63 of a-z, 0-9 and -, does not begin with -,"
                    + " and is neither \"chunks\" nor \"files\"");
        }
    }

    /** Whether a database may have the name {@code value}. */
    public static boolean isValid(String value) {
        return FORM.matcher(value).matches() && !TAKEN.contains(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
