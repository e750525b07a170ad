package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * A region whose caches are warmed.
 *
 * @param name as in {@code caravan.warm.regions}, for example {@code eu-central-1}
 * @param vantage how its edge is reached
 */
public record Region(String name, Vantage vantage) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** Checks the name. */
    public Region {
        requireNonNull(vantage, "vantage");
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a region is called by 1 to 63 of a-z, 0-9 and -, as eu-central-1, not \"" + name + "\"");
        }
    }
}
