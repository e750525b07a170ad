package caravan.app.command;

import caravan.restore.target.Space;
import caravan.warm.RegionReport;
import caravan.warm.RegionsReport;
import caravan.warm.WarmRun;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Says how far a warm-up is until it is closed: a line that stays in its place on a terminal, events for machines. */
final class WarmProgress {

    private static final String CLEAR = "\r\u001b[K";

    private final WarmRun run;

    private final boolean json;

    private final boolean watched = Terminal.isWatched();

    private final PrintStream err = System.err;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    private ScheduledFuture<?> shows;

    private WarmProgress(WarmRun run, boolean json) {
        this.run = run;
        this.json = json;
    }

    static WarmProgress show(WarmRun run, boolean json) {
        WarmProgress progress = new WarmProgress(run, json);
        long millis = json ? 1_000 : progress.watched ? 500 : 10_000;
        progress.shows = progress.clock.scheduleAtFixedRate(progress::show, millis, millis, TimeUnit.MILLISECONDS);
        return progress;
    }

    private synchronized void show() {
        RegionsReport report = run.report(Instant.now());
        long all = report.objects() * report.regions().size();
        long came = report.regions().stream()
                .mapToLong(region -> region.cold().objects())
                .sum();
        long again = report.regions().stream()
                .mapToLong(region -> region.warm().objects())
                .sum();
        long bytes = report.regions().stream()
                .mapToLong(region -> region.cold().bytes() + region.warm().bytes())
                .sum();
        long errors = report.regions().stream().mapToLong(RegionReport::errors).sum();
        if (json) {
            new JsonReport(System.out)
                    .write(
                            "progress",
                            Map.of("objects", all, "came", came, "again", again, "bytes", bytes, "errors", errors));
            return;
        }
        String line = String.format(
                Locale.ROOT,
                "warming: %d of %d fetches, %d second looks, %s, %d errors",
                came,
                all,
                again,
                Space.shown(bytes),
                errors);
        if (watched) {
            err.print(CLEAR + line);
            err.flush();
        } else {
            err.println(line);
        }
    }

    void close() {
        shows.cancel(false);
        clock.shutdownNow();
        synchronized (this) {
            if (watched && !json) {
                err.print(CLEAR);
                err.flush();
            }
        }
    }
}
