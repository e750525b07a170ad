package caravan.manifest;

/** The field {@code format}, which every object begins with. */
final class FormatNumber {

    private FormatNumber() {}

    static void check(String found, String known) {
        if (found.equals(known)) {
            return;
        }
        String family = known.substring(0, known.lastIndexOf('-') + 1);
        throw new IllegalArgumentException(
                found.startsWith(family)
                        ? "its format is " + found + ", this version knows only " + known + "; a newer one is needed"
                        : "its format is \"" + found + "\", not " + known);
    }
}
