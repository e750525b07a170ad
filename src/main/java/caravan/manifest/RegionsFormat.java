package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import caravan.warm.WarmCost;
import caravan.warm.WarmFault;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
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
            writeRegion(json, region, report.cost());
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

    private static void writeRegion(JsonGenerator json, RegionReport region, Optional<WarmCost> cost)
            throws IOException {
        json.writeStartObject();
        CompactJson.writeText(json, "region", region.region());
        CompactJson.writeText(json, "via", region.via());
        json.writeStringField("state", region.state().wireName());
        CompactJson.writeText(json, "reason", region.reason());
        json.writeArrayFieldStart("pops");
        for (String pop : region.pops()) {
            json.writeString(PlainText.check("pops", pop));
        }
        json.writeEndArray();
        CompactJson.writeNumber(json, "errors", region.errors());
        CompactJson.writeNumber(json, "elsewhere", region.elsewhere());
        json.writeArrayFieldStart("faults");
        for (WarmFault fault : region.faults()) {
            json.writeStartObject();
            CompactJson.writeText(json, "path", fault.path());
            CompactJson.writeText(json, "pop", fault.pop());
            CompactJson.writeText(json, "what", fault.what());
            json.writeEndObject();
        }
        json.writeEndArray();
        writePass(json, "cold", region.cold());
        writePass(json, "warm", region.warm());
        if (!region.later().isEmpty()) {
            writeLooks(json, region.later());
        }
        if (cost.isPresent()) {
            CompactJson.writeNumber(json, "costMicros", cost.get().of(region.region()));
        }
        json.writeEndObject();
    }

    private static void writeLooks(JsonGenerator json, List<LaterLook> looks) throws IOException {
        json.writeArrayFieldStart("looks");
        for (LaterLook look : looks) {
            json.writeStartObject();
            CompactJson.writeNumber(json, "afterSeconds", look.after().toSeconds());
            json.writeStringField("at", CompactJson.format(look.at()));
            CompactJson.writeNumber(json, "objects", look.objects());
            CompactJson.writeNumber(json, "hits", look.hits());
            CompactJson.writeNumber(json, "misses", look.misses());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writePass(JsonGenerator json, String name, PassReport pass) throws IOException {
        json.writeObjectFieldStart(name);
        CompactJson.writeNumber(json, "objects", pass.objects());
        CompactJson.writeNumber(json, "bytes", pass.bytes());
        CompactJson.writeNumber(json, "hits", pass.hits());
        CompactJson.writeNumber(json, "misses", pass.misses());
        CompactJson.writeNumber(json, "millis", pass.millis());
        CompactJson.writeNumber(json, "firstByteP50Micros", pass.firstByteP50Micros());
        CompactJson.writeNumber(json, "firstByteP95Micros", pass.firstByteP95Micros());
        json.writeEndObject();
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
            regions.add(readRegion(json, costs));
        }
        return regions;
    }

    private static RegionReport readRegion(StrictJson json, Map<String, Long> costs) throws IOException {
        String region = null;
        String via = null;
        RegionState state = null;
        String reason = null;
        List<String> pops = null;
        Long errors = null;
        Long elsewhere = null;
        List<WarmFault> faults = null;
        PassReport cold = null;
        PassReport warm = null;
        // Publishers before these fields have neither.
        List<LaterLook> later = List.of();
        Long cost = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "region" -> region = json.plainText();
                case "via" -> via = json.plainText();
                case "state" -> state = RegionState.of(json.text());
                case "reason" -> reason = json.plainText();
                case "pops" -> pops = readPops(json);
                case "errors" -> errors = json.number();
                case "elsewhere" -> elsewhere = json.number();
                case "faults" -> faults = readFaults(json);
                case "cold" -> cold = readPass(json, "cold");
                case "warm" -> warm = readPass(json, "warm");
                case "looks" -> later = readLooks(json);
                case "costMicros" -> cost = json.number();
                default -> json.skip();
            }
        }
        if (cost != null) {
            costs.put(require(region, "region"), cost);
        }
        return new RegionReport(
                require(region, "region"),
                require(via, "via"),
                require(state, "state"),
                require(reason, "reason"),
                require(pops, "pops"),
                require(errors, "errors"),
                require(elsewhere, "elsewhere"),
                require(faults, "faults"),
                require(cold, "cold"),
                require(warm, "warm"),
                later);
    }

    private static List<LaterLook> readLooks(StrictJson json) throws IOException {
        List<LaterLook> looks = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            requireRoom(looks, "looks");
            looks.add(readLook(json));
        }
        return looks;
    }

    private static LaterLook readLook(StrictJson json) throws IOException {
        Long after = null;
        Instant at = null;
        Long objects = null;
        Long hits = null;
        Long misses = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "afterSeconds" -> after = json.number();
                case "at" -> at = json.time();
                case "objects" -> objects = json.number();
                case "hits" -> hits = json.number();
                case "misses" -> misses = json.number();
                default -> json.skip();
            }
        }
        return new LaterLook(
                Duration.ofSeconds(require(after, "afterSeconds")),
                require(at, "at"),
                require(objects, "objects"),
                require(hits, "hits"),
                require(misses, "misses"));
    }

    private static List<String> readPops(StrictJson json) throws IOException {
        List<String> pops = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            requireRoom(pops, "pops");
            pops.add(PlainText.check("pops", json.text()));
        }
        return pops;
    }

    private static List<WarmFault> readFaults(StrictJson json) throws IOException {
        List<WarmFault> faults = new ArrayList<>();
        json.beginArray();
        while (json.nextElement()) {
            requireRoom(faults, "faults");
            faults.add(readFault(json));
        }
        return faults;
    }

    private static WarmFault readFault(StrictJson json) throws IOException {
        String path = null;
        String pop = null;
        String what = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "path" -> path = json.plainText();
                case "pop" -> pop = json.plainText();
                case "what" -> what = json.plainText();
                default -> json.skip();
            }
        }
        return new WarmFault(require(path, "path"), require(pop, "pop"), require(what, "what"));
    }

    private static PassReport readPass(StrictJson json, String name) throws IOException {
        Long objects = null;
        Long bytes = null;
        Long hits = null;
        Long misses = null;
        Long millis = null;
        Long median = null;
        Long slowest = null;
        json.beginObject();
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "objects" -> objects = json.number();
                case "bytes" -> bytes = json.number();
                case "hits" -> hits = json.number();
                case "misses" -> misses = json.number();
                case "millis" -> millis = json.number();
                case "firstByteP50Micros" -> median = json.number();
                case "firstByteP95Micros" -> slowest = json.number();
                default -> json.skip();
            }
        }
        return new PassReport(
                require(objects, name + ".objects"),
                require(bytes, name + ".bytes"),
                require(hits, name + ".hits"),
                require(misses, name + ".misses"),
                require(millis, name + ".millis"),
                require(median, name + ".firstByteP50Micros"),
                require(slowest, name + ".firstByteP95Micros"));
    }

    private static void requireRoom(List<?> listed, String name) {
        if (listed.size() == RegionReport.MAX_LISTED) {
            throw new IllegalArgumentException("\"" + name + "\" lists more than " + RegionReport.MAX_LISTED);
        }
    }
}
