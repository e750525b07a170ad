package caravan.app.command;

import caravan.restore.target.Space;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import caravan.warm.WarmCost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What warming measured, as a table and bars for a terminal: of each region the first look, which was cold, and the
 * second.
 */
final class RegionsTable {

    private static final int BAR = 40;

    private static final double MEGA = 1e6;

    private final RegionsReport report;

    RegionsTable(RegionsReport report) {
        this.report = report;
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%d objects, %s, of %s",
                report.objects(),
                Space.shown(report.bytes()),
                Words.of(report.snapshot(), report.database())));
        lines.add(String.format(
                "%-16s %-5s %-10s %-9s %9s %6s %9s %9s %9s %7s",
                "region", "pass", "place", "state", "objects", "hits", "p50 ms", "p95 ms", "MB/s", "errors"));
        for (RegionReport region : report.regions()) {
            lines.add(line(region, "cold", region.cold()));
            lines.add(line(region, "warm", region.warm()));
        }
        lines.add("");
        lines.add("throughput, MB/s");
        double longest = report.regions().stream()
                .flatMap(region -> List.of(region.cold(), region.warm()).stream())
                .mapToLong(PassReport::bytesPerSecond)
                .max()
                .orElse(0);
        for (RegionReport region : report.regions()) {
            lines.add(bar(region.region(), "cold", region.cold(), longest));
            lines.add(bar("", "warm", region.warm(), longest));
            if (!region.reason().isEmpty()) {
                lines.add("  " + region.region() + ": " + region.reason());
            }
        }
        return String.join("\n", lines);
    }

    private static String line(RegionReport region, String pass, PassReport look) {
        boolean first = pass.equals("cold");
        return String.format(
                Locale.ROOT,
                "%-16s %-5s %-10s %-9s %9d %5.0f%% %9.1f %9.1f %9.1f %7s",
                first ? region.region() : "",
                pass,
                first ? String.join(" ", region.pops()) : "",
                first ? region.state().wireName() : "",
                look.objects(),
                100 * look.hitRatio(),
                look.firstByteP50Micros() / 1000.0,
                look.firstByteP95Micros() / 1000.0,
                look.bytesPerSecond() / MEGA,
                first ? Long.toString(region.errors()) : "");
    }

    private static String bar(String region, String pass, PassReport look, double longest) {
        int marks = longest == 0 ? 0 : (int) Math.round(BAR * look.bytesPerSecond() / longest);
        return String.format(
                Locale.ROOT, "%-16s %-5s %-40s %.1f", region, pass, "#".repeat(marks), look.bytesPerSecond() / MEGA);
    }

    /** The same of one region, for machines. */
    static Map<String, Object> facts(RegionReport region, Optional<WarmCost> cost) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("region", region.region());
        facts.put("via", region.via());
        facts.put("state", region.state().wireName());
        facts.put("reason", region.reason());
        facts.put("pops", String.join(" ", region.pops()));
        facts.put("errors", region.errors());
        facts.put("elsewhere", region.elsewhere());
        addLook(facts, "cold", region.cold());
        addLook(facts, "warm", region.warm());
        cost.ifPresent(sum -> facts.put("costMicros", sum.of(region.region())));
        return facts;
    }

    private static void addLook(Map<String, Object> facts, String pass, PassReport look) {
        facts.put(pass + "Objects", look.objects());
        facts.put(pass + "Bytes", look.bytes());
        facts.put(pass + "Hits", look.hits());
        facts.put(pass + "Misses", look.misses());
        facts.put(pass + "Millis", look.millis());
        facts.put(pass + "FirstByteP50Micros", look.firstByteP50Micros());
        facts.put(pass + "FirstByteP95Micros", look.firstByteP95Micros());
        facts.put(pass + "BytesPerSecond", look.bytesPerSecond());
    }
}
