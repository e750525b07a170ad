package caravan.app.command;

import caravan.publish.Milestone;
import caravan.publish.Publication;
import caravan.restore.target.Space;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows how far a publication is: a bar with rate and time left on a terminal, a line every 10 s elsewhere, an event
 * every second for machines.
 */
final class PublicationProgress implements AutoCloseable {

    /** Who looks. */
    enum Watcher {
        PERSON(500),
        LOG(10_000),
        MACHINE(1_000);

        private final long everyMillis;

        Watcher(long everyMillis) {
            this.everyMillis = everyMillis;
        }
    }

    private static final int BAR = 30;

    /** Erases the line, as every terminal since the VT100 does. */
    private static final String CLEAR = "\r\u001b[K";

    private final Watcher watcher;

    private final PrintStream out;

    private final Supplier<Optional<Publication>> current;

    private final long begin = System.nanoTime();

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "progress");
        thread.setDaemon(true);
        return thread;
    });

    private PublicationProgress(Watcher watcher, PrintStream out, Supplier<Optional<Publication>> current) {
        this.watcher = watcher;
        this.out = out;
        this.current = current;
    }

    /** Shows the publication that {@code current} gives on {@code out} until closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with its clock
    static PublicationProgress start(Watcher watcher, PrintStream out, Supplier<Optional<Publication>> current) {
        PublicationProgress progress = new PublicationProgress(watcher, out, current);
        progress.clock.scheduleAtFixedRate(
                progress::show, watcher.everyMillis, watcher.everyMillis, TimeUnit.MILLISECONDS);
        return progress;
    }

    private synchronized void show() {
        Optional<Publication> publication = current.get();
        if (publication.isEmpty() || clock.isShutdown()) {
            return;
        }
        Numbers numbers = Numbers.of(publication.get(), Duration.ofNanos(System.nanoTime() - begin));
        switch (watcher) {
            case PERSON -> out.print(CLEAR + numbers.line());
            case LOG -> out.println(numbers.line());
            case MACHINE -> out.println(numbers.json());
        }
        out.flush();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        synchronized (this) {
            if (watcher == Watcher.PERSON) {
                out.print(CLEAR);
                out.flush();
            }
        }
    }

    /**
     * How far it is.
     *
     * @param database name
     * @param phase what it does
     * @param bytesDone of chunks that are stored
     * @param bytesTotal of the capture; 0 before it is made
     * @param elapsed since the command began
     */
    record Numbers(
            String database,
            String phase,
            long bytesDone,
            long bytesTotal,
            long chunksDone,
            long chunksTotal,
            long bytesSent,
            Duration elapsed) {

        private static final String CHECK = "check";

        private static final Map<Milestone, String> PHASE_AFTER = Map.of(
                Milestone.CAPTURED, CHECK,
                Milestone.CHECKED, "upload",
                Milestone.STORED, "prove",
                Milestone.PROVEN, "publish",
                Milestone.VISIBLE, "publish");

        static Numbers of(Publication publication, Duration elapsed) {
            return new Numbers(
                    publication.database().name().value(),
                    phase(publication.report().durations()),
                    publication.report().bytesNew() + publication.report().bytesUnchanged(),
                    publication.bytes(),
                    publication.chunksStored(),
                    publication.chunkCount(),
                    publication.report().bytesSent(),
                    elapsed);
        }

        private static String phase(Map<Milestone, Duration> reached) {
            return reached.keySet().stream()
                    .max(Comparator.naturalOrder())
                    .map(PHASE_AFTER::get)
                    .orElse("capture");
        }

        /** For example {@code demo: upload [######      ] 21% 1.2 GiB of 5.7 GiB, 85.0 MiB/s, 0:53 left}. */
        String line() {
            if (bytesTotal == 0 || phase.equals(CHECK)) {
                return database + ": " + phase;
            }
            double share = Math.min(1, (double) bytesDone / bytesTotal);
            int marks = (int) (BAR * share);
            return String.format(
                    Locale.ROOT,
                    "%s: %s [%s%s] %d%% %s of %s, %s/s%s",
                    database,
                    phase,
                    "#".repeat(marks),
                    " ".repeat(BAR - marks),
                    (int) (100 * share),
                    Space.shown(bytesDone),
                    Space.shown(bytesTotal),
                    Space.shown((long) (bytesDone / seconds())),
                    left());
        }

        private String left() {
            if (!phase.equals("upload") || bytesDone == 0) {
                return "";
            }
            long seconds = (long) ((bytesTotal - bytesDone) * seconds() / bytesDone);
            return seconds < 3600
                    ? String.format(Locale.ROOT, ", %d:%02d left", seconds / 60, seconds % 60)
                    : String.format(Locale.ROOT, ", %d:%02d h left", seconds / 3600, seconds / 60 % 60);
        }

        /** Names of databases and phases need no escapes. */
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"event\":\"progress\",\"database\":\"%s\",\"phase\":\"%s\",\"bytesDone\":%d,\"bytes\":%d,"
                            + "\"chunksDone\":%d,\"chunks\":%d,\"bytesSent\":%d}",
                    database,
                    phase,
                    bytesDone,
                    bytesTotal,
                    chunksDone,
                    chunksTotal,
                    bytesSent);
        }

        private double seconds() {
            return Math.max(0.001, elapsed.toMillis() / 1000.0);
        }
    }
}
