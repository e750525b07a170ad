package caravan.publish;

import caravan.snapshot.DatabaseName;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
record SessionNote(String runId, DatabaseName database, Instant startedAt, Instant expiresAt, boolean ended) {

    private static final String FORMAT = "caravan-session-1";

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
