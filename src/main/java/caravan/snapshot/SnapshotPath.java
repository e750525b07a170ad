package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Path of a file or directory inside a snapshot: relative to the database's root, {@code /} between names.
 *
 * <p>One rule serves capture and restore, so that what is captured can be restored on any system and nothing in a
 * manifest can point outside the target: well-formed Unicode in NFC, no empty name, no {@code .} or {@code ..}, no
 * control, invisible or bidirectional character, no backslash, no drive letter, no name that ends in a dot or a space,
 * at most {@value #MAX_NAME_BYTES} bytes a name and {@value #MAX_PATH_BYTES} bytes in all. A first name that begins
 * with {@code .caravan} is ours and never part of a snapshot.
 *
 * <p>Order is that of the UTF-8 bytes, unsigned.
 *
 * @param value the path as text
 */
public record SnapshotPath(String value) implements Comparable<SnapshotPath> {

    /** Longest name between two slashes, in UTF-8 bytes. */
    public static final int MAX_NAME_BYTES = 255;

    /** Longest path, in UTF-8 bytes. */
    public static final int MAX_PATH_BYTES = 4096;

    private static final String RESERVED = ".caravan";

    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:");

    /** Checks the rule; the message of the {@link IllegalArgumentException} says which part is broken. */
    public SnapshotPath {
        requireNonNull(value, "value");
        String fault = faultOf(value);
        if (!fault.isEmpty()) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** This path below {@code directory}. */
    public Path under(Path directory) {
        return directory.resolve(value);
    }

    /** The last name. */
    public String fileName() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    /** The path as UTF-8, which is its order and its form in every file of the bucket. */
    public byte[] utf8() {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(SnapshotPath other) {
        return Arrays.compareUnsigned(utf8(), other.utf8());
    }

    @Override
    public String toString() {
        return value;
    }

    private static String faultOf(String path) {
        int bytes = utf8Length(path);
        if (bytes < 0) {
            return "a path is not well-formed Unicode";
        }
        if (bytes > MAX_PATH_BYTES) {
            return "a path of " + bytes + " bytes is longer than " + MAX_PATH_BYTES;
        }
        String shown = printable(path);
        if (path.startsWith(RESERVED)) {
            return "the path \"" + shown + "\" begins with the reserved name " + RESERVED;
        }
        for (int at = 0; at < path.length(); ) {
            int character = path.codePointAt(at);
            if (isForbidden(character)) {
                return String.format("the path \"%s\" has the forbidden character U+%04X", shown, character);
            }
            at += Character.charCount(character);
        }
        if (!Normalizer.isNormalized(path, Normalizer.Form.NFC)) {
            return "the path \"" + shown + "\" is not in Unicode normal form C";
        }
        if (DRIVE.matcher(path).lookingAt()) {
            return "the path \"" + shown + "\" begins with a drive letter";
        }
        for (String name : path.split("/", -1)) {
            if (name.isEmpty()) {
                return "the path \"" + shown + "\" is absolute, empty or has an empty name";
            }
            if (name.endsWith(".") || name.endsWith(" ")) {
                return "the path \"" + shown + "\" has the name \"" + printable(name)
                        + "\", which ends in a dot or a space";
            }
            if (utf8Length(name) > MAX_NAME_BYTES) {
                return "the path \"" + shown + "\" has a name longer than " + MAX_NAME_BYTES + " bytes";
            }
        }
        return "";
    }

    /** A fixed list, because a category asked of the platform would change with its Unicode version. */
    private static boolean isForbidden(int character) {
        return character < 0x20
                || character == '\\'
                || isIn(character, 0x7F, 0x9F)
                || isIn(character, 0x200B, 0x200F)
                || isIn(character, 0x2028, 0x202E)
                || isIn(character, 0x2060, 0x206F)
                || character == 0xFEFF
                || isIn(character, 0xFFF0, 0xFFFF)
                || isIn(character, 0xE0000, 0xE0FFF);
    }

    private static boolean isIn(int character, int first, int last) {
        return first <= character && character <= last;
    }

    private static int utf8Length(String text) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return encoded.remaining();
        } catch (CharacterCodingException e) {
            return -1;
        }
    }

    /** The text with everything but plain printable characters written as an escape, cut after 200 characters. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(200).forEach(character -> {
            if (isForbidden(character) && character != '\\') {
                shown.append(String.format("\\u%04x", character));
            } else {
                shown.appendCodePoint(character);
            }
        });
        return shown.toString();
    }
}
