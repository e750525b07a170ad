package caravan.manifest;

/** Texts that people will read on a terminal. */
final class PlainText {

    static final int MAX_LENGTH = 1000;

    private PlainText() {}

    /** The text itself, if it is short, well-formed Unicode and cannot play tricks on a terminal. */
    static String check(String name, String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" has " + text.length() + " characters, more than " + MAX_LENGTH);
        }
        text.codePoints().filter(PlainText::isForbidden).findFirst().ifPresent(character -> {
            throw new IllegalArgumentException(
                    String.format("\"%s\" has the forbidden character U+%04X", name, character));
        });
        return text;
    }

    /** The text with everything that could play tricks on a terminal written as an escape. */
    static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(character -> {
            if (isForbidden(character)) {
                shown.append(String.format("\\u%04x", character));
            } else {
                shown.appendCodePoint(character);
            }
        });
        return shown.toString();
    }

    /** Controls, line separators, bidirectional marks and lone surrogates. */
    private static boolean isForbidden(int character) {
        return character < 0x20
                || isIn(character, 0x7F, 0x9F)
                || isIn(character, 0x200E, 0x200F)
                || isIn(character, 0x2028, 0x202E)
                || isIn(character, 0x2066, 0x2069)
                || isIn(character, Character.MIN_SURROGATE, Character.MAX_SURROGATE)
                || character == 0xFEFF;
    }

    private static boolean isIn(int character, int first, int last) {
        return first <= character && character <= last;
    }
}
