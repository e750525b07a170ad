package caravan.app.command;

import caravan.restore.FoundSnapshot;
import caravan.restore.target.Space;
import caravan.snapshot.SnapshotRecord;
import java.io.PrintStream;
import java.util.Map;

/** Sentences for people. */
final class TextReport implements Report {

    private final PrintStream out;

    TextReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void found(FoundSnapshot found, ProgressPrinter printer) {
        SnapshotRecord record = found.record();
        printer.interrupt(() -> out.println("snapshot " + record.snapshot() + " of " + record.database() + ", "
                + record.network() + " " + record.role() + ", "
                + record.totals().files() + " files, "
                + Space.shown(record.totals().bytes()) + ", signed by " + found.signer()));
    }

    @Override
    public void result(String event, String line, Map<String, Object> facts) {
        out.println(line);
    }
}
