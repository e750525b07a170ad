package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What an edge says of itself in the headers of an answer.
 *
 * @param cache whether it had the object
 * @param pop name of the place, as CloudFront, Cloudflare and Fastly tell it; empty if it says none
 */
public record EdgeAnswer(Cache cache, String pop) {

    private static final Pattern POP = Pattern.compile("[A-Z0-9][A-Z0-9-]{0,15}");

    /** Headers that say in words what the cache did, the plainest first. */
    private static final List<String> WORDS = List.of("CF-Cache-Status", "X-Cache-Status", "X-Cache", "Cache-Status");

    /** What a cache did. */
    public enum Cache {
        /** The object was there. */
        HIT,
        /** It was fetched from further back. */
        MISS,
        /** The answer does not say. */
        UNKNOWN
    }

    /** Checks that nothing is null. */
    public EdgeAnswer {
        requireNonNull(cache, "cache");
        requireNonNull(pop, "pop");
    }

    /** Reads the headers that {@code header} gives by name; null for one that is not there. */
    public static EdgeAnswer of(UnaryOperator<String> header) {
        return new EdgeAnswer(cacheIn(header), popIn(header));
    }

    private static Cache cacheIn(UnaryOperator<String> header) {
        for (String name : WORDS) {
            Cache said = meaningOf(header.apply(name));
            if (said != Cache.UNKNOWN) {
                return said;
            }
        }
        String age = header.apply("Age");
        return age != null && age.strip().matches("0*[1-9][0-9]{0,9}") ? Cache.HIT : Cache.UNKNOWN;
    }

    /** Of several caches on the way the last word is that of the nearest. */
    private static Cache meaningOf(String text) {
        if (text == null) {
            return Cache.UNKNOWN;
        }
        String all = text.toUpperCase(Locale.ROOT);
        String nearest = all.substring(all.lastIndexOf(',') + 1).strip();
        if (nearest.startsWith("HIT")
                || nearest.startsWith("REFRESHHIT")
                || nearest.startsWith("REVALIDATED")
                || nearest.startsWith("UPDATING")
                || nearest.startsWith("STALE")
                || nearest.endsWith("; HIT")
                || nearest.contains("; HIT;")) {
            return Cache.HIT;
        }
        boolean miss = nearest.contains("MISS")
                || nearest.startsWith("EXPIRED")
                || nearest.startsWith("BYPASS")
                || nearest.startsWith("DYNAMIC")
                || nearest.contains("; FWD");
        return miss ? Cache.MISS : Cache.UNKNOWN;
    }

    private static String popIn(UnaryOperator<String> header) {
        for (String said : new String[] {
            header.apply("X-Amz-Cf-Pop"), lastPart(header.apply("CF-Ray")), lastPart(header.apply("X-Served-By"))
        }) {
            String name = said == null ? "" : said.strip().toUpperCase(Locale.ROOT);
            if (POP.matcher(name).matches()) {
                return name;
            }
        }
        return "";
    }

    private static String lastPart(String text) {
        return text == null || text.indexOf('-') < 0 ? null : text.substring(text.lastIndexOf('-') + 1);
    }
}
