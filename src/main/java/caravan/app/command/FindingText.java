package caravan.app.command;

import caravan.doctor.Finding;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;

/** A finding as it is printed. */
final class FindingText {

    private static final ObjectMapper JSON = new ObjectMapper();

    private FindingText() {}

    /** One line, and one for the hint; for people. */
    static String lines(Finding finding) {
        String weight =
                finding.weight() == Finding.Weight.OK ? "ok" : finding.weight().name();
        String line = String.format(
                Locale.ROOT,
                "%-9s %-6s %s%s",
                finding.subject(),
                weight,
                finding.about().isEmpty() ? "" : finding.about() + ": ",
                finding.what());
        return finding.hint().isEmpty()
                ? line
                : line + System.lineSeparator() + "                 HINT: " + finding.hint();
    }

    /** One object on one line, for machines. */
    static String json(Finding finding) {
        return JSON.createObjectNode()
                .put("subject", finding.subject())
                .put("about", finding.about())
                .put("weight", finding.weight().name().toLowerCase(Locale.ROOT))
                .put("what", finding.what())
                .put("hint", finding.hint())
                .put("exitStatus", finding.exitStatus())
                .toString();
    }
}
