package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** One snapshot in the JSON of a catalog. */
final class CatalogSnapshotFormat {

    private CatalogSnapshotFormat() {}

    static void write(JsonGenerator json, CatalogSnapshot snapshot) throws IOException {
        json.writeStartObject();
        json.writeStringField("snapshot", snapshot.id().toString());
        CompactJson.writeText(json, "network", snapshot.network());
        CompactJson.writeText(json, "role", snapshot.role());
        CompactJson.writeText(json, "pruning", snapshot.pruning());
        RecordFormat.writeEngines(json, snapshot.engines());
        CompactJson.writeText(json, "nodeVersion", snapshot.nodeVersion());
        CompactJson.writeNumber(json, "height", snapshot.height());
        json.writeStringField("createdAt", CompactJson.format(snapshot.createdAt()));
        json.writeStringField("retainUntil", CompactJson.format(snapshot.retainUntil()));
        RecordFormat.writeCapture(json, snapshot.captureMode(), snapshot.pauseMillis());
        CompactJson.writeText(json, "verification", snapshot.verification());
        CompactJson.writeText(json, "drill", snapshot.drill());
        CompactJson.writeTotals(json, snapshot.totals());
        for (SnapshotChange change : snapshot.change()) {
            json.writeObjectFieldStart("change");
            json.writeStringField(
                    "since",
                    change.since().stream()
                            .map(SnapshotId::toString)
                            .findFirst()
                            .orElse(""));
            CompactJson.writeNumber(json, "newBytes", change.newBytes());
            CompactJson.writeNumber(json, "reusedBytes", change.reusedBytes());
            json.writeEndObject();
        }
        json.writeStringField("record", pathOf(snapshot.id(), BucketPaths.RECORD));
        json.writeStringField("regions", pathOf(snapshot.id(), BucketPaths.REGIONS));
        json.writeEndObject();
    }

    static CatalogSnapshot read(StrictJson json) throws IOException {
        Fields fields = new Fields();
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "snapshot" -> fields.id = SnapshotId.parse(json.text());
                case "network" -> fields.network = json.plainText();
                case "role" -> fields.role = json.plainText();
                case "pruning" -> fields.pruning = json.plainText();
                case "engines" -> fields.engines = RecordFormat.readEngines(json);
                case "nodeVersion" -> fields.nodeVersion = json.plainText();
                case "height" -> fields.height = json.number();
                case "createdAt" -> fields.createdAt = json.time();
                case "retainUntil" -> fields.retainUntil = json.time();
                case "capture" -> fields.capture = RecordFormat.readCapture(json);
                case "verification" -> fields.verification = json.plainText();
                case "drill" -> fields.drill = json.plainText();
                case "totals" -> fields.totals = TotalsFormat.read(json);
                case "change" -> fields.change = List.of(readChange(json));
                case "record" -> fields.record = json.text();
                case "regions" -> fields.regions = json.text();
                default -> json.skip();
            }
        }
        return fields.toSnapshot();
    }

    private static SnapshotChange readChange(StrictJson json) throws IOException {
        String since = null;
        Long newBytes = null;
        Long reusedBytes = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "since" -> since = json.text();
                case "newBytes" -> newBytes = json.number();
                case "reusedBytes" -> reusedBytes = json.number();
                default -> json.skip();
            }
        }
        return new SnapshotChange(
                require(since, "change.since").isEmpty() ? List.of() : List.of(SnapshotId.parse(since)),
                require(newBytes, "change.newBytes"),
                require(reusedBytes, "change.reusedBytes"));
    }

    private static String pathOf(SnapshotId id, String name) {
        return id + "/" + name;
    }

    private static final class Fields {
        private SnapshotId id;
        private String network;
        private String role;
        private String pruning;
        private List<Engine> engines;
        private String nodeVersion;
        private Long height;
        private Instant createdAt;
        private Instant retainUntil;
        private RecordFormat.Capture capture;
        private String verification;
        private String drill;
        private ManifestTotals totals;
        private List<SnapshotChange> change = List.of();
        private String record;
        private String regions;

        private CatalogSnapshot toSnapshot() {
            require(id, "snapshot");
            requirePath(record, "record", BucketPaths.RECORD);
            requirePath(regions, "regions", BucketPaths.REGIONS);
            require(capture, "capture");
            return new CatalogSnapshot(
                    id,
                    require(network, "network"),
                    require(role, "role"),
                    require(pruning, "pruning"),
                    require(engines, "engines"),
                    require(nodeVersion, "nodeVersion"),
                    require(height, "height"),
                    require(createdAt, "createdAt"),
                    require(retainUntil, "retainUntil"),
                    capture.mode(),
                    capture.pauseMillis(),
                    require(verification, "verification"),
                    require(drill, "drill"),
                    require(totals, "totals"),
                    change);
        }

        private void requirePath(String path, String field, String name) {
            if (!require(path, field).equals(pathOf(id, name))) {
                throw new IllegalArgumentException("\"" + field + "\" is not " + pathOf(id, name));
            }
        }
    }
}
