package caravan.app.command;

import caravan.failure.CaravanException;
import caravan.restore.FoundSnapshot;
import caravan.restore.source.SourceReport;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotRecord;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One JSON object a line, for machines. Safe for use by several threads. */
final class JsonReport implements Report {

    private final JsonFactory json = new JsonFactory();
    private final PrintStream out;

    JsonReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void found(FoundSnapshot found, ProgressPrinter printer) {
        write("found", facts(found));
    }

    @Override
    public void sources(List<SourceReport> sources) {
        for (SourceReport source : sources) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("source", source.name());
            facts.put("state", source.state().name().toLowerCase(Locale.ROOT));
            facts.put("bytes", source.bytes());
            facts.put("objects", source.objects());
            facts.put("failures", source.failures());
            facts.put("bytesPerSecond", source.bytesPerSecond());
            facts.put("remark", source.remark());
            write("source", facts);
        }
    }

    @Override
    public void fault(boolean published, String fault) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("where", published ? "published" : "disk");
        facts.put("fault", fault);
        write("fault", facts);
    }

    @Override
    public void failed(CaravanException failure) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("exitStatus", failure.exitStatus());
        facts.put("message", failure.getMessage());
        facts.put("hint", failure.hint());
        write("failed", facts);
    }

    @Override
    public void result(String event, String line, Map<String, Object> facts) {
        write(event, new TreeMap<>(facts));
    }

    /** What a record and its pointer say. */
    static Map<String, Object> facts(FoundSnapshot found) {
        SnapshotRecord record = found.record();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("database", record.database().value());
        if (!found.unheard().isEmpty()) {
            facts.put("unheard", String.join(" ", found.unheard()));
        }
        facts.put("snapshot", record.snapshot().toString());
        facts.put("network", record.network());
        facts.put("genesis", record.genesis());
        facts.put("role", record.role());
        facts.put("pruning", record.pruning());
        facts.put("height", record.height());
        facts.put("nodeVersion", record.nodeVersion());
        facts.put("files", record.totals().files());
        facts.put("bytes", record.totals().bytes());
        facts.put("createdAt", record.createdAt().toString());
        facts.put("retainUntil", record.retainUntil().toString());
        facts.put("captureMode", record.captureMode());
        facts.put("pauseMillis", record.pauseMillis());
        facts.put("verification", record.verification());
        facts.put("drill", record.drill());
        facts.put("signer", found.signer());
        for (Pointer pointer : found.pointers()) {
            facts.put("sequence", pointer.sequence());
            facts.put("publishedAt", pointer.publishedAt().toString());
            facts.put("expiresAt", pointer.expiresAt().toString());
            facts.put("overdue", found.overdue());
        }
        return facts;
    }

    synchronized void write(String event, Map<String, Object> facts) {
        StringWriter line = new StringWriter();
        try (JsonGenerator generator = json.createGenerator(line)) {
            generator.writeStartObject();
            generator.writeStringField("event", event);
            for (Map.Entry<String, Object> fact : facts.entrySet()) {
                generator.writeFieldName(fact.getKey());
                if (fact.getValue() instanceof Number number) {
                    generator.writeNumber(number.longValue());
                } else if (fact.getValue() instanceof Boolean flag) {
                    generator.writeBoolean(flag);
                } else {
                    generator.writeString(fact.getValue().toString());
                }
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a string takes all", e);
        }
        out.println(line);
    }
}
