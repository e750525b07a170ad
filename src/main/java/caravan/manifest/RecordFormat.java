package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The JSON line of a record. */
public final class RecordFormat {

    /** More than there can be stores. */
    private static final int MAX_ENGINES = ManifestRules.MAX_STORES;

    private RecordFormat() {}

    /**
     * The line without its newline, as {@link caravan.signature.SignedNote#sign} takes it. Times lose what is finer
     * than a second.
     *
     * @throws IllegalArgumentException if a text is too long or has control characters, or a number is too large
     */
    public static byte[] write(SnapshotRecord record) {
        return NoteLine.write(json -> writeFields(json, record));
    }

    /**
     * Reads a line whose signature was found good.
     *
     * @param what the URL or path of the record, for messages
     * @throws DamagedException if it is no record of this format
     */
    public static SnapshotRecord read(byte[] line, String what) throws DamagedException {
        return NoteLine.read(line, "record " + what, RecordFormat::readFields);
    }

    private static void writeFields(JsonGenerator json, SnapshotRecord record) throws IOException {
        json.writeStringField("format", SnapshotRecord.FORMAT);
        json.writeStringField("database", record.database().value());
        json.writeStringField("snapshot", record.snapshot().toString());
        CompactJson.writeText(json, "network", record.network());
        CompactJson.writeText(json, "genesis", record.genesis());
        CompactJson.writeText(json, "role", record.role());
        CompactJson.writeText(json, "pruning", record.pruning());
        writeEngines(json, record.engines());
        CompactJson.writeText(json, "nodeVersion", record.nodeVersion());
        CompactJson.writeNumber(json, "height", record.height());
        CompactJson.writeText(json, "heightSource", record.heightSource());
        CompactJson.writeText(json, "blockHash", record.blockHash());
        json.writeStringField("createdAt", CompactJson.format(record.createdAt()));
        json.writeStringField("retainUntil", CompactJson.format(record.retainUntil()));
        writeCapture(json, record.captureMode(), record.pauseMillis());
        CompactJson.writeText(json, "verification", record.verification());
        CompactJson.writeText(json, "drill", record.drill());
        CompactJson.writeTotals(json, record.totals());
        CompactJson.writeObjectRef(json, "manifest", record.manifest());
        CompactJson.writeObjectRef(json, "chunks", record.chunks());
    }

    static void writeEngines(JsonGenerator json, List<Engine> engines) throws IOException {
        json.writeArrayFieldStart("engines");
        for (Engine engine : engines) {
            json.writeString(engine.wireName());
        }
        json.writeEndArray();
    }

    static void writeCapture(JsonGenerator json, String mode, long pauseMillis) throws IOException {
        json.writeObjectFieldStart("capture");
        CompactJson.writeText(json, "mode", mode);
        CompactJson.writeNumber(json, "pauseMillis", pauseMillis);
        json.writeEndObject();
    }

    private static SnapshotRecord readFields(StrictJson json) throws IOException {
        Fields fields = new Fields();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> fields.format = FormatNumber.read(json, SnapshotRecord.FORMAT);
                case "database" -> fields.database = new DatabaseName(json.text());
                case "snapshot" -> fields.snapshot = SnapshotId.parse(json.text());
                case "network" -> fields.network = json.plainText();
                case "genesis" -> fields.genesis = json.plainText();
                case "role" -> fields.role = json.plainText();
                case "pruning" -> fields.pruning = json.plainText();
                case "engines" -> fields.engines = readEngines(json);
                case "nodeVersion" -> fields.nodeVersion = json.plainText();
                case "height" -> fields.height = json.number();
                case "heightSource" -> fields.heightSource = json.plainText();
                case "blockHash" -> fields.blockHash = json.plainText();
                case "createdAt" -> fields.createdAt = json.time();
                case "retainUntil" -> fields.retainUntil = json.time();
                case "capture" -> fields.capture = readCapture(json);
                case "verification" -> fields.verification = json.plainText();
                case "drill" -> fields.drill = json.plainText();
                case "totals" -> fields.totals = TotalsFormat.read(json);
                case "manifest" -> fields.manifest = json.objectRef();
                case "chunks" -> fields.chunks = json.objectRef();
                default -> json.skip();
            }
        }
        return fields.toRecord();
    }

    static List<Engine> readEngines(StrictJson json) throws IOException {
        List<Engine> engines = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            if (engines.size() == MAX_ENGINES) {
                throw new IllegalArgumentException("there are more than " + MAX_ENGINES + " engines");
            }
            engines.add(Engine.fromWireName(json.text()));
        }
        return engines;
    }

    /** The object {@code capture}: how it was captured, and how long the node stood still for it. */
    record Capture(String mode, long pauseMillis) {}

    static Capture readCapture(StrictJson json) throws IOException {
        String mode = null;
        Long pauseMillis = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "mode" -> mode = json.plainText();
                case "pauseMillis" -> pauseMillis = json.number();
                default -> json.skip();
            }
        }
        return new Capture(require(mode, "capture.mode"), require(pauseMillis, "capture.pauseMillis"));
    }

    private static final class Fields {
        private String format;
        private DatabaseName database;
        private SnapshotId snapshot;
        private String network;
        private String genesis;
        private String role;
        private String pruning;
        private List<Engine> engines;
        private String nodeVersion;
        private Long height;
        private String heightSource;
        private String blockHash;
        private Instant createdAt;
        private Instant retainUntil;
        private Capture capture;
        private String verification;
        private String drill;
        private ManifestTotals totals;
        private ObjectRef manifest;
        private ObjectRef chunks;

        private SnapshotRecord toRecord() {
            require(format, "format");
            return new SnapshotRecord(
                    require(database, "database"),
                    require(snapshot, "snapshot"),
                    require(network, "network"),
                    require(genesis, "genesis"),
                    require(role, "role"),
                    require(pruning, "pruning"),
                    require(engines, "engines"),
                    require(nodeVersion, "nodeVersion"),
                    require(height, "height"),
                    require(heightSource, "heightSource"),
                    require(blockHash, "blockHash"),
                    require(createdAt, "createdAt"),
                    require(retainUntil, "retainUntil"),
                    require(capture, "capture").mode(),
                    capture.pauseMillis(),
                    require(verification, "verification"),
                    require(drill, "drill"),
                    require(totals, "totals"),
                    require(manifest, "manifest"),
                    require(chunks, "chunks"));
        }
    }
}
