package caravan.app.command;

import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import caravan.retain.Verdict;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a collection did or would do, in one JSON object on one line. */
final class RetentionText {

    private RetentionText() {}

    /** Writes the fields of an object. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    static String planned(RetentionReport report) {
        return object("planned", json -> {
            writeReport(json, report);
            writeAmount(json, "deleted", report.collected());
        });
    }

    /** {@code ended-early} where there is no report: with what was taken away until then, and no more. */
    static String ended(EndedCollection ended, Caches caches) {
        Optional<RetentionReport> report = ended.reported();
        return object(report.isPresent() ? "collected" : "ended-early", json -> {
            if (report.isPresent()) {
                writeReport(json, report.get());
            } else {
                writeSnapshots(json, ended.collected().snapshots());
            }
            writeAmount(json, "deleted", ended.collected().chunks());
            json.writeStringField("cdn", word(caches.state()));
            json.writeStringField("cdnFault", caches.fault());
        });
    }

    private static void writeReport(JsonGenerator json, RetentionReport report) throws IOException {
        writeSnapshots(json, report.verdicts());
        writeStrings(json, "unclearPins", report.unclearPins());
        writeAmount(json, "chunks", report.chunks());
        writeAmount(json, "unneeded", report.unneeded());
        writeAmount(json, "due", report.due());
        writeStrings(json, "postponedFor", report.postponedFor());
        json.writeStringField("token", report.token());
        json.writeStringField("tokenFor", report.large().why());
    }

    private static void writeSnapshots(JsonGenerator json, List<Verdict> verdicts) throws IOException {
        json.writeArrayFieldStart("snapshots");
        for (Verdict verdict : verdicts) {
            json.writeStartObject();
            json.writeStringField("database", verdict.database().value());
            json.writeStringField("snapshot", verdict.snapshot().toString());
            json.writeBooleanField("kept", verdict.reason().keeps());
            json.writeStringField("reason", word(verdict.reason()));
            if (verdict.retainUntil().isPresent()) {
                json.writeStringField("retainUntil", verdict.retainUntil().get().toString());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeStrings(JsonGenerator json, String field, List<String> values) throws IOException {
        json.writeArrayFieldStart(field);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private static void writeAmount(JsonGenerator json, String field, RetentionReport.Amount amount)
            throws IOException {
        json.writeObjectFieldStart(field);
        json.writeNumberField("objects", amount.objects());
        json.writeNumberField("bytes", amount.bytes());
        json.writeEndObject();
    }

    private static String object(String event, Fields fields) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("event", event);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
