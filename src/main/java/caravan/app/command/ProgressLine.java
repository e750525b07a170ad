package caravan.app.command;

import caravan.restore.Progress;
import caravan.restore.Progress.Phase;
import caravan.restore.target.Space;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How far a restore is, as a line for people and as facts for machines. For one thread. */
final class ProgressLine {

    private static final int BAR = 30;

    private final Progress progress;
    private final RecentRate arriving = new RecentRate();
    private final RecentRate done = new RecentRate();
    private final RecentRate checking = new RecentRate();

    ProgressLine(Progress progress) {
        this.progress = progress;
    }

    /** Looks at the progress; to be called at each showing. */
    void look(long nanoTime) {
        arriving.add(nanoTime, progress.arrivedBytes());
        done.add(nanoTime, doneBytes());
        checking.add(nanoTime, progress.checkedBytes());
    }

    /**
     * For example {@code fetching [######      ] 21% 1.2 GiB of 5.7 GiB, 85.0 MiB/s, 54 s left; checking your disk: 1.2
     * GiB of 2.4 GiB, 40 s left}.
     */
    String text() {
        Phase phase = progress.phase();
        long total = progress.totalBytes();
        if (total == 0 || phase == Phase.PROBING) {
            return words(phase);
        }
        long bytes = doneBytes();
        int marks = (int) (BAR * (double) bytes / total);
        String rate = phase == Phase.FETCHING ? ", " + Space.shown((long) arriving.perSecond()) + "/s" : "";
        return String.format(
                        Locale.ROOT,
                        "%s [%s%s] %d%% %s of %s",
                        words(phase),
                        "#".repeat(marks),
                        " ".repeat(BAR - marks),
                        (int) (100.0 * bytes / total),
                        Space.shown(bytes),
                        Space.shown(total))
                + rate
                + left(total - bytes, done.perSecond())
                + besides();
    }

    /** The same for machines; {@code secondsLeft} is -1 where it is not known. */
    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("phase", progress.phase().name().toLowerCase(Locale.ROOT));
        facts.put("bytes", progress.totalBytes());
        facts.put("bytesKept", progress.keptBytes());
        facts.put("bytesPlaced", progress.placedBytes());
        facts.put("bytesToCheck", progress.bytesToCheck());
        facts.put("bytesChecked", progress.checkedBytes());
        facts.put("bytesFetched", progress.arrivedBytes());
        facts.put("bytesPerSecond", (long) arriving.perSecond());
        double rate = done.perSecond();
        facts.put("secondsLeft", rate <= 0 ? -1 : Math.round((progress.totalBytes() - doneBytes()) / rate));
        return facts;
    }

    private long doneBytes() {
        return Math.min(progress.totalBytes(), progress.keptBytes() + progress.placedBytes());
    }

    private static String words(Phase phase) {
        return switch (phase) {
            case FINDING -> "finding the snapshot";
            case CHECKING -> "checking";
            case PROBING -> "measuring what the sources deliver";
            case FETCHING -> "fetching";
            case SYNCING -> "waiting for your disk";
            case DONE -> "done";
        };
    }

    /** What is hashed beside the downloads. */
    private String besides() {
        long left = progress.bytesToCheck() - progress.checkedBytes();
        return left <= 0
                ? ""
                : "; checking your disk: " + Space.shown(progress.checkedBytes()) + " of "
                        + Space.shown(progress.bytesToCheck()) + left(left, checking.perSecond());
    }

    private static String left(long bytes, double rate) {
        return rate <= 0 || bytes <= 0 ? "" : ", " + Words.roughly(bytes / rate) + " left";
    }
}
