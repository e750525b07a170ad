package caravan.app.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.FailedException;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What warming measured, as a picture that needs nothing else: bars of the cold and the warm pass in each region. */
final class RegionsChart {

    private static final int WIDTH = 880;

    private static final int LEFT = 150;

    private static final int LONGEST = 600;

    private static final int ROW = 44;

    private static final int HEAD = 76;

    private final RegionsReport report;

    RegionsChart(RegionsReport report) {
        this.report = report;
    }

    /** Writes it to {@code file}: SVG, or a page that holds it if the name says HTML. */
    void write(Path file) throws FailedException {
        boolean page = file.toString().toLowerCase(Locale.ROOT).matches(".*\\.html?");
        String text = page
                ? "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + title() + "</title>\n" + svg()
                        + "</html>\n"
                : svg();
        try {
            Files.writeString(file, text, UTF_8);
        } catch (IOException e) {
            throw new FailedException("write the chart " + file + ": " + e, "give a file that can be written", e);
        }
    }

    private String svg() {
        int panel = HEAD + ROW * report.regions().size();
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\""
                        + " font-family=\"sans-serif\" font-size=\"13\">%n<title>%s</title>%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH,
                2 * panel,
                WIDTH,
                title()));
        svg.append(text(16, 26, 16, title()));
        panel(svg, 0, "throughput, MB/s", look -> look.bytesPerSecond() / 1e6);
        panel(svg, panel, "time to first byte, median, ms", look -> look.firstByteP50Micros() / 1000.0);
        return svg.append("</svg>\n").toString();
    }

    private void panel(StringBuilder svg, int top, String what, ToDoubleFunction<PassReport> value) {
        double longest = report.regions().stream()
                .flatMap(region -> List.of(region.cold(), region.warm()).stream())
                .mapToDouble(value)
                .max()
                .orElse(0);
        svg.append(text(16, top + 54, 13, what + " (upper bar cold, lower bar warm)"));
        int y = top + HEAD - 8;
        for (RegionReport region : report.regions()) {
            svg.append(text(16, y + 22, 13, region.region()));
            bar(svg, y, "#56789a", value.applyAsDouble(region.cold()), longest);
            bar(svg, y + 17, "#e08214", value.applyAsDouble(region.warm()), longest);
            y += ROW;
        }
    }

    private static void bar(StringBuilder svg, int y, String color, double value, double longest) {
        double length = longest == 0 ? 0 : LONGEST * value / longest;
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"15\" fill=\"%s\"/>%n",
                LEFT,
                y,
                length,
                color));
        svg.append(text(LEFT + (int) length + 6, y + 12, 11, String.format(Locale.ROOT, "%.1f", value)));
    }

    /** Names of databases and regions hold no character that means something to XML. */
    private String title() {
        return Words.of(report.snapshot(), report.database()) + ", " + report.objects() + " objects through the CDN";
    }

    private static String text(int x, int y, int size, String words) {
        return String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" font-size=\"%d\">%s</text>%n", x, y, size, words);
    }
}
