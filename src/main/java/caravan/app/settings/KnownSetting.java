package caravan.app.settings;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One setting that exists.
 *
 * @param name key, in which {@code <name>} stands for the name of a database
 * @param kind form of its value
 * @param fallback value if it is not set; empty means "not set"
 * @param choices the words of a {@link Kind#CHOICE}
 */
record KnownSetting(String name, Kind kind, String fallback, List<String> choices) {

    private static final String DATABASE = "<name>";

    KnownSetting {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(fallback, "fallback");
        choices = List.copyOf(choices);
    }

    static KnownSetting setting(String name, Kind kind, String fallback) {
        return new KnownSetting(name, kind, fallback, List.of());
    }

    static KnownSetting choice(String name, String fallback, String... choices) {
        return new KnownSetting(name, Kind.CHOICE, fallback, List.of(choices));
    }

    boolean isPerDatabase() {
        return name.contains(DATABASE);
    }

    /** The key of this setting for {@code database}, or the key itself if it is not one per database. */
    String keyFor(String database) {
        return name.replace(DATABASE, database);
    }

    boolean matches(String key) {
        if (!isPerDatabase()) {
            return name.equals(key);
        }
        int at = name.indexOf(DATABASE);
        String form =
                Pattern.quote(name.substring(0, at)) + "[^.]+" + Pattern.quote(name.substring(at + DATABASE.length()));
        return key.matches(form);
    }

    /** Name of the environment variable that overrides {@code key}. */
    static String variableOf(String key) {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
