package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;

/** The JSON line of a pointer. */
public final class PointerFormat {

    private PointerFormat() {}

    /**
     * The line without its newline, as {@link caravan.signature.SignedNote#sign} takes it. Times lose what is finer
     * than a second.
     *
     * @throws IllegalArgumentException if a text is too long or has control characters
     */
    public static byte[] write(Pointer pointer) {
        return NoteLine.write(json -> writeFields(json, pointer));
    }

    /**
     * Reads a line whose signature was found good. Does not look at the clock.
     *
     * @param what the URL or path of the pointer, for messages
     * @throws DamagedException if it is no pointer of this format
     */
    public static Pointer read(byte[] line, String what) throws DamagedException {
        return NoteLine.read(line, "pointer " + what, PointerFormat::readFields);
    }

    private static void writeFields(JsonGenerator json, Pointer pointer) throws IOException {
        json.writeStringField("format", Pointer.FORMAT);
        json.writeStringField("database", pointer.database().value());
        json.writeNumberField("sequence", pointer.sequence());
        CompactJson.writeText(json, "runId", pointer.runId());
        json.writeStringField("publishedAt", CompactJson.format(pointer.publishedAt()));
        json.writeStringField("expiresAt", CompactJson.format(pointer.expiresAt()));
        CompactJson.writeObjectRef(json, "record", pointer.record());
    }

    private static Pointer readFields(StrictJson json) throws IOException {
        String format = null;
        DatabaseName database = null;
        Long sequence = null;
        String runId = null;
        Instant publishedAt = null;
        Instant expiresAt = null;
        ObjectRef record = null;
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> format = FormatNumber.read(json, Pointer.FORMAT);
                case "database" -> database = new DatabaseName(json.text());
                case "sequence" -> sequence = json.number();
                case "runId" -> runId = json.plainText();
                case "publishedAt" -> publishedAt = json.time();
                case "expiresAt" -> expiresAt = json.time();
                case "record" -> record = json.objectRef();
                default -> json.skip();
            }
        }
        require(format, "format");
        Pointer pointer = new Pointer(
                require(database, "database"),
                require(sequence, "sequence"),
                require(runId, "runId"),
                require(publishedAt, "publishedAt"),
                require(expiresAt, "expiresAt"),
                require(record, "record"));
        pointer.snapshot();
        return pointer;
    }
}
