package caravan.manifest;

import static caravan.manifest.StrictJson.require;

import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.WarmCost;
import caravan.warm.WarmFault;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One region of {@code regions.json}: its passes, its faults, and the looks at it later. */
final class RegionReportFormat {

    private RegionReportFormat() {}

    /** Writes {@code region}, with what it cost if that is known. */
    static void write(JsonGenerator json, RegionReport region, Optional<WarmCost> cost) throws IOException {
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

    /** Reads one, and puts what it cost into {@code costs} under its name. */
    static RegionReport read(StrictJson json, Map<String, Long> costs) throws IOException {
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
