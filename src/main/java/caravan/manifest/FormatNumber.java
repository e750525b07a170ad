package caravan.manifest;

import java.io.IOException;

/** The field {@code format}, which every object begins with. */
final class FormatNumber {

    private FormatNumber() {}

    /**
     * Reads the field's text, and ends the reading of the object if it is not {@code known}: the fields after it may have
     * another form then, and whatever is wrong with them says less than that.
     */
    static String read(StrictJson json, String known) throws IOException {
        String found = json.text();
        if (found.equals(known)) {
            return found;
        }
        String family = known.substring(0, known.lastIndexOf('-') + 1);
        if (found.startsWith(family)) {
            throw new NewerFormatException(
                    "its format is " + found + ", this version knows only " + known + "; a newer one is needed");
        }
        throw new IllegalArgumentException("its format is \"" + found + "\", not " + known);
    }
}
