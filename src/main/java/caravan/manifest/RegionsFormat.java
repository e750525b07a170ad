package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import caravan.warm.WarmCost;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@code regions.json}: one JSON object, advisory and not signed. */
public final class RegionsFormat {

    /** No such object is longer. */
    public static final int MAX_BYTES = 1 << 20;

    private RegionsFormat() {}

    /** The object in one line that ends with a newline. Times lose what is finer than a second. */
    public static byte[] write(RegionsReport report) {
        byte[] line = NoteLine.write(json -> writeFields(json, report));
        byte[] text = Arrays.copyOf(line, line.length + 1);
        text[line.length] = '\n';
        return text;
    }

    /**
     * Reads what {@link #write} writes, and later versions of it that only add fields.
     *
     * @param what the URL or path, for messages
     * @throws DamagedException if it is not of this format
     */
    public static RegionsReport read(byte[] text, String what) throws DamagedException {
        return NoteLine.read(
                text, "regions " + what, "it is advisory: nothing but a page depends on it", RegionsFormat::readFields);
    }

    private static void writeFields(JsonGenerator json, RegionsReport report) throws IOException {
        json.writeStringField("format", RegionsReport.FORMAT);
        json.writeStringField("database", report.database().value());
        json.writeStringField("snapshot", report.snapshot().toString());
        json.writeStringField("measuredAt", CompactJson.format(report.measuredAt()));
        CompactJson.writeNumber(json, "objects", report.objects());
        CompactJson.writeNumber(json, "bytes", report.bytes());
        json.writeArrayFieldStart("regions");
        for (RegionReport region : report.regions()) {
            RegionReportFormat.write(json, region, report.cost());
        }
        json.writeEndArray();
        if (report.cost().isPresent()) {
            WarmCost cost = report.cost().get();
            json.writeObjectFieldStart("cost");
            CompactJson.writeText(json, "provider", cost.provider());
            json.writeStringField("pricesOf", cost.pricesOf().toString());
            CompactJson.writeNumber(json, "micros", cost.total());
            json.writeEndObject();
        }
    }

    private static RegionsReport readFields(StrictJson json) throws IOException {
        String format = null;
        DatabaseName database = null;
        SnapshotId snapshot = null;
        Instant measuredAt = null;
        Long objects = null;
        Long bytes = null;
        List<RegionReport> regions = null;
        Map<String, Long> costs = new TreeMap<>();
        WarmCost cost = null;
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "format" -> format = FormatNumber.read(json, RegionsReport.FORMAT);
                case "database" -> database = new DatabaseName(json.text());
                case "snapshot" -> snapshot = SnapshotId.parse(json.text());
                case "measuredAt" -> measuredAt = json.time();
                case "objects" -> objects = json.number();
                case "bytes" -> bytes = json.number();
                case "regions" -> regions = readRegions(json, costs);
                case "cost" -> cost = readCost(json);
                default -> json.skip();
            }
        }
        require(format, "format");
        return new RegionsReport(
                require(database, "database"),
                require(snapshot, "snapshot"),
                require(measuredAt, "measuredAt"),
                require(objects, "objects"),
                require(bytes, "bytes"),
                require(regions, "regions"),
                Optional.ofNullable(cost).map(of -> new WarmCost(of.provider(), of.pricesOf(), costs)));
    }

    private static WarmCost readCost(StrictJson json) throws IOException {
        String provider = null;
        String pricesOf = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "provider" -> provider = json.plainText();
                case "pricesOf" -> pricesOf = json.text();
                default -> json.skip();
            }
        }
        try {
            return new WarmCost(
                    require(provider, "provider"), LocalDate.parse(require(pricesOf, "pricesOf")), Map.of());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("\"pricesOf\" is no date", e);
        }
    }

    private static List<RegionReport> readRegions(StrictJson json, Map<String, Long> costs) throws IOException {
        List<RegionReport> regions = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            if (regions.size() == RegionsReport.MAX_REGIONS) {
                throw new IllegalArgumentException("there are at most " + RegionsReport.MAX_REGIONS + " regions");
            }
            regions.add(RegionReportFormat.read(json, costs));
        }
        return regions;
    }
}
