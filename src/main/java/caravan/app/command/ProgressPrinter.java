package caravan.app.command;

import caravan.restore.Progress;
import java.io.PrintStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a long command is: a bar on a terminal, a line every 10 s elsewhere, an event every second for
 * machines.
 */
final class ProgressPrinter implements AutoCloseable {

    /** Erases the line, as every terminal since the VT100 does. */
    private static final String CLEAR = "\r\u001b[K";

    private final ProgressLine line;
    private final Style style;
    private final PrintStream err = System.err;
    private final JsonReport events = new JsonReport(System.out);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });
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
        this.line = new ProgressLine(progress);
        line.look(System.nanoTime());
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
        line.look(System.nanoTime());
        if (style == Style.EVENTS) {
            events.write("progress", line.facts());
            return;
        }
        String text = line.text();
        if (style == Style.BAR) {
            err.print(CLEAR + text);
            err.flush();
        } else {
            err.println(text);
        }
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
