package caravan.app.settings;

import static java.util.Objects.requireNonNull;

/**
 * A value somebody set, and where.
 *
 * @param text as written, trimmed
 * @param origin for error messages, for example {@code config/application.properties line 12}
 * @param inFile whether it stands in the properties file
 */
record Value(String text, String origin, boolean inFile) {

    Value {
        text = text.strip();
        requireNonNull(origin, "origin");
    }
}
