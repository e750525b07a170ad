package caravan.publish;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * What a publication leaves under {@code _control/sessions} before its first question about a chunk: a collector
 * deletes nothing that was condemned after a session began, while the session is alive.
 *
 * @param runId of the publication
 * @param database that it publishes
 * @param startedAt when it began
 * @param expiresAt from when on the session counts as dead; equal to {@code startedAt} or later
 * @param ended whether the publication is over
 */
public record SessionNote(String runId, DatabaseName database, Instant startedAt, Instant expiresAt, boolean ended) {

    private static final String FORMAT = "caravan-session-1";

    /**
     * Reads what {@link #toJson} writes.
     *
     * @param what names the object in a failure
     * @throws DamagedException if it is anything else
     */
    public static SessionNote read(byte[] json, String what) throws DamagedException {
        try {
            JsonNode note = new ObjectMapper().readTree(json);
            if (note == null || !FORMAT.equals(note.path("format").textValue())) {
                throw new IllegalArgumentException("its format is not " + FORMAT);
            }
            return new SessionNote(
                    textOf(note, "runId"),
                    new DatabaseName(textOf(note, "database")),
                    Instant.parse(textOf(note, "startedAt")),
                    Instant.parse(textOf(note, "expiresAt")),
                    note.path("ended").booleanValue());
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new DamagedException(
                    "read " + what + ": it is no session of a publication: " + e.getMessage(),
                    "a newer version of this program may have written it, or somebody else; nothing is deleted until it is"
                            + " understood, or removed by hand",
                    e);
        }
    }

    private static String textOf(JsonNode note, String field) {
        String text = note.path(field).textValue();
        if (text == null) {
            throw new IllegalArgumentException("it has no " + field);
        }
        return text;
    }

    byte[] toJson() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeStringField("runId", runId);
            json.writeStringField("database", database.value());
            json.writeStringField(
                    "startedAt", startedAt.truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeStringField(
                    "expiresAt", expiresAt.truncatedTo(ChronoUnit.SECONDS).toString());
            json.writeBooleanField("ended", ended);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }
}
