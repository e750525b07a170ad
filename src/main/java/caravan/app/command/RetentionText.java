package caravan.app.command;

import caravan.retain.RetentionReport;
import caravan.retain.Verdict;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/** What a collection did, in one JSON object on one line. */
final class RetentionText {

    private RetentionText() {}

    static String json(RetentionReport report, boolean isConfirmed) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("event", isConfirmed ? "collected" : "planned");
            json.writeArrayFieldStart("snapshots");
            for (Verdict verdict : report.verdicts()) {
                json.writeStartObject();
                json.writeStringField("database", verdict.database().value());
                json.writeStringField("snapshot", verdict.snapshot().toString());
                json.writeBooleanField("kept", verdict.reason().keeps());
                json.writeStringField(
                        "reason",
                        verdict.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
                if (verdict.retainUntil().isPresent()) {
                    json.writeStringField(
                            "retainUntil", verdict.retainUntil().get().toString());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            write(json, "chunks", report.chunks());
            write(json, "unneeded", report.unneeded());
            write(json, "due", report.due());
            write(json, "deleted", report.collected());
            json.writeArrayFieldStart("postponedFor");
            for (String session : report.postponedFor()) {
                json.writeString(session);
            }
            json.writeEndArray();
            json.writeStringField("token", report.token());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String field, RetentionReport.Amount amount) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("objects", amount.objects());
        json.writeNumberField("bytes", amount.bytes());
        json.writeEndObject();
    }
}
