package caravan.app.command;

import caravan.restore.target.Space;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogSnapshot;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** Shows a catalog: one line for each snapshot. */
final class CatalogReport {

    private static final String ROW = "%-24s %-34s %12s  %-10s  %-20s  %s%n";

    private final PrintStream out;

    CatalogReport(PrintStream out) {
        this.out = out;
    }

    /** Writes everything in {@code catalog}, for machines or for people. */
    void show(Catalog catalog, boolean json) {
        if (!json) {
            out.printf(ROW, "DATABASE", "SNAPSHOT", "SIZE", "NETWORK", "KEPT UNTIL", "SIGNED BY");
        }
        for (CatalogDatabase database : catalog.databases()) {
            for (CatalogSnapshot snapshot : database.snapshots()) {
                if (json) {
                    new JsonReport(out).write("listed", facts(database, snapshot));
                } else {
                    out.printf(
                            ROW,
                            database.name(),
                            snapshot.id(),
                            Space.shown(snapshot.totals().bytes()),
                            snapshot.network().isEmpty() ? "unknown" : snapshot.network(),
                            snapshot.retainUntil(),
                            database.key());
                }
            }
        }
    }

    private static Map<String, Object> facts(CatalogDatabase database, CatalogSnapshot snapshot) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("database", database.name().value());
        facts.put("snapshot", snapshot.id().toString());
        facts.put("network", snapshot.network());
        facts.put("role", snapshot.role());
        facts.put("pruning", snapshot.pruning());
        facts.put("height", snapshot.height());
        facts.put("nodeVersion", snapshot.nodeVersion());
        facts.put("files", snapshot.totals().files());
        facts.put("bytes", snapshot.totals().bytes());
        facts.put("createdAt", snapshot.createdAt().toString());
        facts.put("retainUntil", snapshot.retainUntil().toString());
        facts.put("captureMode", snapshot.captureMode());
        facts.put("pauseMillis", snapshot.pauseMillis());
        facts.put("verification", snapshot.verification());
        facts.put("drill", snapshot.drill());
        facts.put("key", database.key());
        return facts;
    }
}
