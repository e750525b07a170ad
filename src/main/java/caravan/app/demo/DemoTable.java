package caravan.app.demo;

import caravan.publish.PublicationReport;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** What the demo prints: one line for each thing that was done, and the numbers under one another. */
final class DemoTable {

    private static final double MEGA = 1e6;

    private final PrintWriter out;

    DemoTable(PrintWriter out) {
        this.out = out;
    }

    void say(String line, Object... values) {
        out.printf(Locale.ROOT, line + "%n", values);
        out.flush();
    }

    void headOfPublications() {
        say(
                "%n%-22s %-26s %8s %14s %14s %12s %8s",
                "", "snapshot", "seconds", "bytes sent", "reused", "chunks new", "pause");
    }

    void publication(String what, DemoPublications.Ended.Well ended) {
        PublicationReport report = ended.publication().report();
        say(
                "%-22s %-26s %8.1f %,14d %,14d %12s %5d ms",
                what,
                ended.publication().snapshot(),
                seconds(Duration.between(ended.publication().startedAt(), ended.at())),
                report.bytesSent(),
                report.bytesReused(),
                report.chunksSent() + " of " + (report.chunksSent() + report.chunksReused()),
                ended.publication().pauseMillis());
    }

    void restored(String what, Object snapshot, Duration took, long bytes) {
        say("%-22s %-26s %8.1f %,14d bytes, each one verified", what, snapshot, seconds(took), bytes);
    }

    /** How it was in each region: the first look brings the objects there, the second one finds them there. */
    void regions(RegionsReport report) {
        say(
                "%nThe %d objects (%,d bytes) of %s at the edges, first look and second:",
                report.objects(), report.bytes(), report.snapshot());
        say("%-16s %-10s %6s %13s %17s %15s", "region", "place", "state", "hits", "first byte, ms", "MB/s");
        for (RegionReport region : report.regions()) {
            say(
                    "%-16s %-10s %6s %13s %17s %15s",
                    region.region(),
                    String.join(" ", region.pops()),
                    region.state().name().toLowerCase(Locale.ROOT),
                    percent(region.cold()) + " > " + percent(region.warm()),
                    millis(region.cold()) + " > " + millis(region.warm()),
                    megabytes(region.cold()) + " > " + megabytes(region.warm()));
        }
    }

    private static String percent(PassReport look) {
        return String.format(Locale.ROOT, "%.0f%%", look.hitRatio() * 100);
    }

    private static String millis(PassReport look) {
        return String.format(Locale.ROOT, "%.1f", look.firstByteP50Micros() / 1000.0);
    }

    private static String megabytes(PassReport look) {
        return String.format(Locale.ROOT, "%.0f", look.bytesPerSecond() / MEGA);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
