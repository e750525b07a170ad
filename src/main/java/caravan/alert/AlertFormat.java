package caravan.alert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;

/** Alerts as JSON in the state directory. */
final class AlertFormat {

    private static final ObjectMapper JSON = new ObjectMapper();

    private AlertFormat() {}

    static ObjectNode toJson(Alert alert) {
        return JSON.createObjectNode()
                .put("event", alert.event())
                .put("severity", alert.severity().name())
                .put("lasts", alert.lasts().name())
                .put("database", alert.database())
                .put("source", alert.source())
                .put("what", alert.what())
                .put("hint", alert.hint())
                .put("runId", alert.runId())
                .put("at", alert.at().toString());
    }

    static Alert alertOf(JsonNode json) throws IOException {
        try {
            return new Alert(
                    text(json, "event"),
                    Severity.valueOf(text(json, "severity")),
                    Alert.Lasts.valueOf(text(json, "lasts")),
                    text(json, "database"),
                    text(json, "source"),
                    text(json, "what"),
                    text(json, "hint"),
                    text(json, "runId"),
                    Instant.parse(text(json, "at")));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("not an alert: " + e.getMessage(), e);
        }
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts and numbers is JSON", e);
        }
    }

    static JsonNode read(byte[] bytes) throws IOException {
        JsonNode json = JSON.readTree(bytes);
        if (json == null || !json.isObject()) {
            throw new IOException("not a JSON object");
        }
        return json;
    }

    static String text(JsonNode json, String field) throws IOException {
        JsonNode value = json.get(field);
        if (value == null || !value.isTextual()) {
            throw new IOException("the field " + field + " is missing");
        }
        return value.textValue();
    }

    static Instant instant(JsonNode json, String field) throws IOException {
        try {
            return Instant.parse(text(json, field));
        } catch (DateTimeException e) {
            throw new IOException("the field " + field + " is no time", e);
        }
    }
}
