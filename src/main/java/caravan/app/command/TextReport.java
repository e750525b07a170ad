package caravan.app.command;

import caravan.failure.CaravanException;
import caravan.restore.FoundSnapshot;
import caravan.restore.source.SourceReport;
import caravan.restore.target.Space;
import caravan.snapshot.SnapshotRecord;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
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
        printer.interrupt(() -> out.println(Words.known(
                Words.of(record),
                (record.network() + " " + record.role()).strip(),
                record.totals().files() + " files",
                Space.shown(record.totals().bytes()),
                "signed by " + found.signer())));
        if (found.overdue()) {
            found.pointers()
                    .forEach(pointer -> printer.interrupt(() -> out.println("note: latest was to be signed again by "
                            + pointer.halfTime() + ", and will be refused from " + pointer.expiresAt()
                            + " on; has its publisher stopped?")));
        }
        found.unheard()
                .forEach(source -> printer.interrupt(() -> out.println("note: " + source
                        + " did not say which snapshot is its latest; it may have a newer one than this")));
    }

    /** A single source is what the last line speaks of anyway. */
    @Override
    public void sources(List<SourceReport> sources) {
        if (sources.size() < 2) {
            return;
        }
        for (SourceReport source : sources) {
            String rate =
                    source.bytesPerSecond() == 0 ? "" : ", " + Space.shown(source.bytesPerSecond()) + "/s a connection";
            String failed = source.failures() == 0
                    ? ""
                    : ", " + Words.count(source.failures(), "failed attempt", "failed attempts");
            String state = source.state() == SourceReport.State.USED
                    ? ""
                    : "; " + source.state().name().toLowerCase(Locale.ROOT);
            String remark = source.remark().isEmpty() ? "" : (state.isEmpty() ? "; " : ": ") + source.remark();
            out.println("source " + source.name() + ": " + Space.shown(source.bytes()) + " in "
                    + Words.count(source.objects(), "object", "objects") + rate + failed + state + remark);
        }
    }

    @Override
    public void fault(boolean published, String fault) {
        System.err.println(fault);
    }

    @Override
    public void failed(CaravanException failure) {
        // the program says it when it ends
    }

    @Override
    public void result(String event, String line, Map<String, Object> facts) {
        out.println(line);
    }
}
