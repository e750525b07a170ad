package caravan.app.settings;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One setting that exists.
 *
 * @param name key, in which {@code <name>} stands for the name of a database and {@code <region>} for that of a region
 * @param kind form of its value
 * @param fallback value if it is not set; empty means "not set"
 * @param choices the words of a {@link Kind#CHOICE}
 * @param range of its value; every number, size and duration has one
 */
record KnownSetting(String name, Kind kind, String fallback, List<String> choices, Optional<Range> range) {

    /** Kinds whose values are in a range. */
    static final Set<Kind> IN_A_RANGE = Set.of(Kind.COUNT, Kind.SIZE, Kind.DURATION, Kind.DURATIONS);

    private static final String DATABASE = "<name>";

    private static final String REGION = "<region>";

    KnownSetting {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(fallback, "fallback");
        choices = List.copyOf(choices);
        if (range.isPresent() != IN_A_RANGE.contains(kind)) {
            throw new IllegalArgumentException(name + ": a number has a range, and nothing else has");
        }
    }

    static KnownSetting setting(String name, Kind kind, String fallback) {
        return new KnownSetting(name, kind, fallback, List.of(), Optional.empty());
    }

    static KnownSetting number(String name, Kind kind, String fallback, Range range) {
        return new KnownSetting(name, kind, fallback, List.of(), Optional.of(range));
    }

    static KnownSetting choice(String name, String fallback, String... choices) {
        return new KnownSetting(name, Kind.CHOICE, fallback, List.of(choices), Optional.empty());
    }

    boolean isPerDatabase() {
        return name.contains(DATABASE);
    }

    boolean isPerRegion() {
        return name.contains(REGION);
    }

    /** Whether there is one value of it, whatever databases and regions there are. */
    boolean isSingle() {
        return !isPerDatabase() && !isPerRegion();
    }

    /** The key of this setting for the database or region called {@code owner}, or the key itself if it is single. */
    String keyFor(String owner) {
        return name.replace(DATABASE, owner).replace(REGION, owner);
    }

    /** The key of this setting for the database or region that stands at the same place in {@code key}. */
    String keyLike(String key) {
        String[] ours = name.split("\\.", -1);
        String[] theirs = key.split("\\.", -1);
        for (int at = 0; at < ours.length; at++) {
            if (ours[at].startsWith("<") && at < theirs.length) {
                return keyFor(theirs[at]);
            }
        }
        return name;
    }

    boolean matches(String key) {
        if (isSingle()) {
            return name.equals(key);
        }
        String slot = isPerDatabase() ? DATABASE : REGION;
        int at = name.indexOf(slot);
        String form =
                Pattern.quote(name.substring(0, at)) + "[^.]+" + Pattern.quote(name.substring(at + slot.length()));
        return key.matches(form);
    }

    /** Name of the environment variable that overrides {@code key}. */
    static String variableOf(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
