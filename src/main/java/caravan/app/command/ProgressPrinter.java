package caravan.app.command;

import caravan.restore.Progress;
import caravan.restore.target.Space;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a long command is: a bar on a terminal, a line every 10 s elsewhere, an event every second for
 * machines.
 */
final class ProgressPrinter implements AutoCloseable {

    private static final int BAR = 30;

    /** Erases the line, as every terminal since the VT100 does. */
    private static final String CLEAR = "\r\u001b[K";

    private final Progress progress;
    private final Style style;
    private final PrintStream err = System.err;
    private final JsonReport events = new JsonReport(System.out);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });
    private final long begin = System.nanoTime();
    private ScheduledFuture<?> shows;

    private enum Style {
        BAR(500),
        LINES(10_000),
        EVENTS(1_000);

        private final long everyMillis;

        Style(long everyMillis) {
            this.everyMillis = everyMillis;
        }
    }

    private ProgressPrinter(Progress progress, Style style) {
        this.progress = progress;
        this.style = style;
    }

    /** Shows {@code progress} until closed. */
    static ProgressPrinter start(Progress progress, boolean json) {
        Style style = json ? Style.EVENTS : Terminal.isWatched() ? Style.BAR : Style.LINES;
        ProgressPrinter printer = new ProgressPrinter(progress, style);
        printer.shows = printer.clock.scheduleAtFixedRate(
                printer::show, style.everyMillis, style.everyMillis, TimeUnit.MILLISECONDS);
        return printer;
    }

    /** Runs {@code writing} while no bar stands in its line. */
    synchronized void interrupt(Runnable writing) {
        clear();
        writing.run();
    }

    private synchronized void show() {
        double seconds = Math.max(0.001, (System.nanoTime() - begin) / 1e9);
        if (style == Style.EVENTS) {
            events.write(
                    "progress",
                    Map.of(
                            "phase", progress.phase().name().toLowerCase(Locale.ROOT),
                            "bytes", progress.totalBytes(),
                            "bytesKept", progress.keptBytes(),
                            "bytesPlaced", progress.placedBytes(),
                            "bytesToCheck", progress.bytesToCheck(),
                            "bytesChecked", progress.checkedBytes(),
                            "bytesFetched", progress.arrivedBytes()));
            return;
        }
        String line = line(progress, seconds);
        if (style == Style.BAR) {
            err.print(CLEAR + line);
            err.flush();
        } else {
            err.println(line);
        }
    }

    /** For example {@code fetching [######      ] 21% 1.2 GiB of 5.7 GiB, 85.0 MiB/s}. */
    static String line(Progress progress, double seconds) {
        String phase = progress.phase().name().toLowerCase(Locale.ROOT);
        long total = progress.totalBytes();
        if (total == 0) {
            return phase;
        }
        long done = Math.min(total, progress.keptBytes() + progress.placedBytes());
        int marks = (int) (BAR * (double) done / total);
        return String.format(
                        Locale.ROOT,
                        "%s [%s%s] %d%% %s of %s, %s/s",
                        phase,
                        "#".repeat(marks),
                        " ".repeat(BAR - marks),
                        (int) (100.0 * done / total),
                        Space.shown(done),
                        Space.shown(total),
                        Space.shown((long) (progress.arrivedBytes() / seconds)))
                + checking(progress, seconds);
    }

    /** What is hashed beside the downloads, for example {@code ; checking 1.2 GiB of 2.4 GiB, 40 s left}. */
    private static String checking(Progress progress, double seconds) {
        long left = progress.bytesToCheck() - progress.checkedBytes();
        if (left <= 0) {
            return "";
        }
        return "; checking " + Space.shown(progress.checkedBytes()) + " of " + Space.shown(progress.bytesToCheck())
                + left(left, progress.checkedBytes() / seconds);
    }

    private static String left(long bytes, double rate) {
        return rate <= 0 ? "" : String.format(Locale.ROOT, ", %.0f s left", bytes / rate);
    }

    private void clear() {
        if (style == Style.BAR) {
            err.print(CLEAR);
            err.flush();
        }
    }

    @Override
    public void close() {
        shows.cancel(false);
        clock.shutdownNow();
        synchronized (this) {
            clear();
        }
    }
}
