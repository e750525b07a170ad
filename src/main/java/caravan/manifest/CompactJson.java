package caravan.manifest;

import caravan.snapshot.Digest;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes JSON without spaces, in UTF-8, with no escape that JSON does not demand. */
final class CompactJson {

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .rootValueSeparator("")
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .build();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private CompactJson() {}

    /** A generator that buffers, and leaves {@code out} open. */
    static JsonGenerator to(OutputStream out) throws IOException {
        return FACTORY.createGenerator(out);
    }

    /** {@code 2026-11-22T08:33:00Z}; what is finer than a second is dropped. */
    static String format(Instant time) {
        String text = TIME.format(time);
        if (text.length() != "2026-11-22T08:33:00Z".length()) {
            throw new IllegalArgumentException("a time is in a year from 0 to 9999, not " + time);
        }
        return text;
    }

    static void writeText(JsonGenerator json, String name, String text) throws IOException {
        json.writeStringField(name, PlainText.check(name, text));
    }

    static void writeNumber(JsonGenerator json, String name, long number) throws IOException {
        if (number > StrictJson.MAX_NUMBER) {
            throw new IllegalArgumentException("\"" + name + "\" is not between 0 and " + StrictJson.MAX_NUMBER);
        }
        json.writeNumberField(name, number);
    }

    static void writeObjectRef(JsonGenerator json, String name, ObjectRef object) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("path", object.path());
        writeNumber(json, "size", object.size());
        writeDigest(json, object.digest());
        json.writeEndObject();
    }

    static void writeDigest(JsonGenerator json, Digest digest) throws IOException {
        json.writeStringField("sha256", digest.hex());
    }

    static void writeTotals(JsonGenerator json, ManifestTotals totals) throws IOException {
        json.writeObjectFieldStart("totals");
        writeNumber(json, "files", totals.files());
        writeNumber(json, "directories", totals.directories());
        writeNumber(json, "chunks", totals.chunks());
        writeNumber(json, "bytes", totals.bytes());
        json.writeEndObject();
    }
}
