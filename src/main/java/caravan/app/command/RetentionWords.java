package caravan.app.command;

import caravan.retain.Collected;
import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import caravan.retain.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a collection did or would do, in lines for people. */
final class RetentionWords {

    private RetentionWords() {}

    static String planned(RetentionReport report) {
        List<String> lines = new ArrayList<>();
        report.verdicts()
                .forEach(verdict -> lines.add(line(verdict, verdict.reason().keeps() ? "keep" : "goes")));
        addPins(report, lines);
        addChunks(report, lines);
        if (report.unclearPins().isEmpty()) {
            if (!report.token().isEmpty()) {
                lines.add("Much: " + report.large().why());
            }
            lines.add("Nothing was changed. To do it: caravan retain --confirm"
                    + (report.token().isEmpty() ? "" : "=" + report.token()));
        }
        return String.join("\n", lines);
    }

    static String ended(EndedCollection ended, Caches caches) {
        List<String> lines = new ArrayList<>();
        Collected collected = ended.collected();
        Optional<RetentionReport> report = ended.reported();
        if (report.isPresent()) {
            report.get()
                    .verdicts()
                    .forEach(verdict -> lines.add(line(verdict, verdict.reason().keeps() ? "keep" : "gone")));
            addChunks(report.get(), lines);
            lines.add("  deleted         " + text(collected.chunks()));
            addPostponed(report.get(), lines);
        } else {
            collected.snapshots().forEach(verdict -> lines.add(line(verdict, "gone")));
            lines.add("deleted before it ended " + text(collected.chunks()));
        }
        if (!caches.fault().isEmpty()) {
            lines.add("The CDN may still have what is gone, and is not asked again: " + caches.fault());
        }
        return String.join("\n", lines);
    }

    private static void addPins(RetentionReport report, List<String> lines) {
        report.unclearPins().forEach(pin -> lines.add("pin     " + pin + "  no snapshot is called so"));
    }

    private static void addChunks(RetentionReport report, List<String> lines) {
        lines.add("chunks            " + text(report.chunks()));
        lines.add("  nobody needs    " + text(report.unneeded()));
        lines.add("  may go now      " + text(report.due()));
    }

    private static void addPostponed(RetentionReport report, List<String> lines) {
        if (!report.postponedFor().isEmpty()) {
            lines.add("No chunk was deleted, since a publication is under way or was killed: "
                    + String.join("; ", report.postponedFor()));
            lines.add(
                    "HINT: call it again when it has ended; a publisher ends what it left behind when it begins the next one, else that is over"
                            + " after five days");
        }
    }

    private static String line(Verdict verdict, String fate) {
        return String.format(
                Locale.ROOT,
                "%-6s  %s/%s  %s%s",
                fate,
                verdict.database(),
                verdict.snapshot(),
                verdict.reason().words(),
                verdict.retainUntil().map(until -> "; promised until " + until).orElse(""));
    }

    private static String text(RetentionReport.Amount amount) {
        return String.format(Locale.ROOT, "%,d (%,d bytes)", amount.objects(), amount.bytes());
    }
}
