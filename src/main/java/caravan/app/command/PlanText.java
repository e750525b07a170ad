package caravan.app.command;

import caravan.restore.PlannedFetch;
import caravan.restore.target.Space;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan in a few lines for people. */
final class PlanText {

    private final PlannedFetch planned;

    PlanText(PlannedFetch planned) {
        this.planned = planned;
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        boolean nothing = planned.chunksToFetch() == 0 && planned.room().inodes() == 0 && planned.filesAside() == 0;
        lines.add(nothing ? "to fetch  nothing" + how() : fetching());
        if (!nothing) {
            lines.add(files());
            lines.add(room());
            lines.add(time());
        }
        return String.join("\n", lines);
    }

    private String fetching() {
        return String.format(
                Locale.ROOT,
                "to fetch  %s (%,d bytes) in %s; %s of %s are there%s",
                Space.shown(planned.bytesToFetch()),
                planned.bytesToFetch(),
                Words.count(planned.chunksToFetch(), "chunk", "chunks"),
                Space.shown(planned.bytesKept()),
                Space.shown(planned.record().totals().bytes()),
                how());
    }

    private String how() {
        if (planned.bytesKept() == 0) {
            return "";
        }
        return planned.byHash()
                ? ", every byte hashed"
                : ", as far as names, sizes and what is remembered tell; --rehash looks at every byte";
    }

    private String files() {
        String aside = planned.filesAside() == 0
                ? ""
                : "; " + planned.filesAside() + " that the snapshot does not have are moved aside";
        return "files     " + planned.filesNew() + " new, " + planned.filesChanged() + " changed, "
                + planned.filesKept() + " kept" + aside;
    }

    private String room() {
        String free = planned.room().bytesFree() < 0
                ? ""
                : ", " + Space.shown(planned.room().bytesFree()) + " free";
        return "room      " + Space.shown(planned.room().bytes()) + " and "
                + Words.count(planned.room().inodes(), "file or directory", "files and directories") + " more" + free;
    }

    private String time() {
        PlannedFetch.Probe probe = planned.probe();
        if (!probe.isKnown()) {
            return "time      not known" + (probe.failure().isEmpty() ? "" : ": " + probe.failure());
        }
        return "time      about " + Words.roughly(planned.seconds()) + " at " + Space.shown((long) probe.rate())
                + "/s, which is what came in " + Words.seconds(Duration.ofNanos(probe.nanos()))
                + "; a cold cache or another hour gives another figure"
                + (probe.failure().isEmpty() ? "" : " (" + probe.failure() + ")");
    }
}
