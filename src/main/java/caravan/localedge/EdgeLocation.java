package caravan.localedge;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where an edge stands.
 *
 * @param region as AWS names it, for example {@code sa-east-1}
 * @param pop the edge's own name, for example {@code GRU3-P2}
 * @param distance to the origin
 */
public record EdgeLocation(String region, String pop, Distance distance) {

    // Above the constants that need them.
    private static final Pattern REGION = Pattern.compile("[a-z]{2}-[a-z]+-[0-9]");

    private static final Pattern POP = Pattern.compile("[A-Z]{3}[0-9]+-[A-Z][0-9]+");

    /**
     * The five regions of Caravan's users, as far away as from a bucket in Frankfurt: round trips of the public
     * Internet, and what one connection gets over them.
     */
    public static final List<EdgeLocation> FIVE = List.of(
            new EdgeLocation("us-east-1", "IAD89-P1", Distance.of(90, 40)),
            new EdgeLocation("sa-east-1", "GRU3-P2", Distance.of(200, 20)),
            new EdgeLocation("ap-southeast-2", "SYD62-P1", Distance.of(250, 16)),
            new EdgeLocation("eu-central-1", "FRA60-P3", Distance.of(5, 100)),
            new EdgeLocation("ap-northeast-1", "NRT57-P1", Distance.of(220, 18)));

    /** Checks both names; they become parts of paths and headers. */
    public EdgeLocation {
        if (!REGION.matcher(region).matches() || !POP.matcher(pop).matches()) {
            throw new IllegalArgumentException("no edge stands in \"" + region + "\" and is called \"" + pop + "\"");
        }
        requireNonNull(distance, "distance");
    }

    /** The same place with the origin at another distance. */
    public EdgeLocation at(Distance other) {
        return new EdgeLocation(region, pop, other);
    }
}
