package caravan.manifest;

import caravan.snapshot.Digest;
import caravan.snapshot.ObjectRef;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.Reader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * Reads one JSON object from front to back and believes nothing: no duplicate names, no fractions, no numbers that some
 * reader would round, no deep nesting, no long names or texts, nothing after the end.
 *
 * <p>What breaks a rule is an {@link IllegalArgumentException} or a Jackson exception. Values are read where the parser
 * stands: {@link #nextField} and {@link #nextElement} go to the next one.
 */
final class StrictJson implements AutoCloseable {

    /** Largest whole number that every JSON reader keeps exactly. */
    static final long MAX_NUMBER = (1L << 53) - 1;

    static final int MAX_TEXT = 4096;

    private static final Pattern TIME =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z");

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNameLength(256)
                    .maxNumberLength(32)
                    .maxStringLength(MAX_TEXT)
                    .build())
            .build();

    private final JsonParser parser;

    /** Reads the object that {@code text} begins with; {@code text} is left open. */
    StrictJson(Reader text) throws IOException {
        parser = FACTORY.createParser(text);
        parser.nextToken();
    }

    void beginObject() {
        expect(JsonToken.START_OBJECT, "an object");
    }

    /** Goes to the value of the next field and gives its name; null at the end of the object. */
    String nextField() throws IOException {
        String name = parser.nextFieldName();
        if (name != null) {
            parser.nextToken();
        }
        return name;
    }

    void beginArray() {
        expect(JsonToken.START_ARRAY, "an array");
    }

    /** Goes to the next element; false at the end of the array. */
    boolean nextElement() throws IOException {
        return parser.nextToken() != JsonToken.END_ARRAY;
    }

    String text() throws IOException {
        expect(JsonToken.VALUE_STRING, "a text");
        String text = parser.getText();
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("a text is longer than " + MAX_TEXT + " characters");
        }
        return text;
    }

    /** A text for people. */
    String plainText() throws IOException {
        return PlainText.check(parser.currentName(), text());
    }

    /** A whole number from 0 to {@link #MAX_NUMBER}. */
    long number() throws IOException {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        long number = parser.getLongValue();
        if (number < 0 || number > MAX_NUMBER || parser.getTextCharacters()[parser.getTextOffset()] == '-') {
            throw new IllegalArgumentException(place() + " is not between 0 and " + MAX_NUMBER);
        }
        return number;
    }

    Digest digest() throws IOException {
        return Digest.fromHex(text());
    }

    /** A time in UTC and whole seconds, {@code 2026-11-22T08:33:00Z}. */
    Instant time() throws IOException {
        String text = text();
        if (!TIME.matcher(text).matches()) {
            throw new IllegalArgumentException(place() + " is not a time as 2026-11-22T08:33:00Z");
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(place() + " is no time that there is", e);
        }
    }

    ObjectRef objectRef() throws IOException {
        String path = null;
        Long size = null;
        Digest digest = null;
        String here = parser.currentName();
        beginObject();
        for (String field = nextField(); field != null; field = nextField()) {
            switch (field) {
                case "path" -> path = text();
                case "size" -> size = number();
                case "sha256" -> digest = digest();
                default -> skip();
            }
        }
        return new ObjectRef(
                require(path, here + ".path"), require(size, here + ".size"), require(digest, here + ".sha256"));
    }

    /** Passes over a value that this version does not know. */
    void skip() throws IOException {
        parser.skipChildren();
    }

    /** Checks that nothing follows. */
    void end() throws IOException {
        if (parser.nextToken() != null) {
            throw new IllegalArgumentException("something follows the end of the object");
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    /** The value of a field that must be there. */
    static <T> T require(T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("\"" + name + "\" is missing");
        }
        return value;
    }

    private void expect(JsonToken token, String what) {
        if (parser.currentToken() != token) {
            throw new IllegalArgumentException(place() + " is not " + what);
        }
    }

    private String place() {
        try {
            String name = parser.currentName();
            return name == null ? "a value" : "\"" + name + "\"";
        } catch (IOException e) {
            return "a value";
        }
    }
}
