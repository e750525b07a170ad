package caravan.app.reload;

import static java.util.Objects.requireNonNull;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a set of routes, and another one after somebody edited the files.
 *
 * <p>An edit is looked at when the files have stopped changing. They are loaded as a whole into a set of their own,
 * beside the one that runs, with the checks of a start. If they are not right the edit is refused, people hear of it
 * once, and what runs keeps running. If they are, the new set waits until no publication is under way; then nothing new
 * begins in the old set, the new one begins, and the old one is closed. What was checked is what runs. Should the new
 * set not begin, the old one goes on.
 */
public final class HotEdit implements AutoCloseable {

    /** Event of an alert: an edit of the routes was refused. */
    public static final String REFUSED = "routes-refused";

    private static final Logger LOG = LoggerFactory.getLogger(HotEdit.class);

    /** Looks in which the files must be the same; more if one is empty, as one is while it is written. */
    private static final int LOOKS = 2;

    private static final int LOOKS_WITH_AN_EMPTY_FILE = 5;

    private final RouteDirectory directory;

    private final RouteSet.Loader loader;

    private final Alerts alerts;

    private final Clock clock;

    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "hot-edit");
        thread.setDaemon(true);
        return thread;
    });

    private RouteSet running;

    private RouteDirectory.Contents applied;

    /** What was looked at last: refused, or loaded and waiting. */
    private RouteDirectory.Contents judged;

    private RouteDirectory.Contents seen;

    private int looks;

    /** Loaded from {@link #judged}, and waiting for its turn; {@code null} if there is none. */
    private RouteSet waiting;

    private boolean waitingSaid;

    private boolean closed;

    private HotEdit(RouteDirectory directory, RouteSet.Loader loader, Alerts alerts, Clock clock) {
        this.directory = requireNonNull(directory, "directory");
        this.loader = requireNonNull(loader, "loader");
        this.alerts = requireNonNull(alerts, "alerts");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Loads the files as they are.
     *
     * @throws CaravanException if the routes are not right
     */
    public static HotEdit load(RouteDirectory directory, RouteSet.Loader loader, Alerts alerts, Clock clock)
            throws CaravanException {
        HotEdit edit = new HotEdit(directory, loader, alerts, clock);
        edit.applied = edit.read();
        edit.judged = edit.applied;
        edit.seen = edit.applied;
        edit.running = loader.load();
        return edit;
    }

    /**
     * Starts the routes, and looks for edits from now on.
     *
     * @param period how often
     */
    public synchronized void begin(Duration period) throws CaravanException {
        running.begin();
        alerts.over(REFUSED, "");
        LOG.info("routes {} run", applied.shortName());
        // A look never fails, so there is nothing to hear of it.
        var unused = looking.scheduleWithFixedDelay(
                this::lookWithoutFail, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Looks once, and does what there is to do. */
    synchronized void look() throws CaravanException {
        if (closed) {
            return;
        }
        RouteDirectory.Contents now = read();
        looks = now.equals(seen) ? looks + 1 : 1;
        seen = now;
        if (!now.equals(judged)) {
            discard();
            if (looks >= (now.hasEmptyFile() ? LOOKS_WITH_AN_EMPTY_FILE : LOOKS)) {
                judge(now);
            }
        }
        if (waiting != null) {
            apply();
        }
    }

    /** Ends what runs, and what waits. */
    @Override
    public void close() {
        looking.shutdownNow();
        synchronized (this) {
            closed = true;
            discard();
            if (running != null) {
                running.close();
            }
        }
    }

    private void judge(RouteDirectory.Contents now) throws CaravanException {
        judged = now;
        if (now.equals(applied)) {
            LOG.info("the edit was taken back; routes {} run on", applied.shortName());
            alerts.over(REFUSED, "");
            return;
        }
        String changes = now.changesSince(applied);
        RouteSet loaded;
        try {
            loaded = loader.load();
        } catch (CaravanException e) {
            if (read().equals(now)) {
                refuse(changes, e);
            } else {
                judged = applied;
            }
            return;
        }
        if (read().equals(now)) {
            waiting = loaded;
            waitingSaid = false;
        } else {
            // Files changed while they were loaded: what was loaded may be neither the one nor the other.
            loaded.close();
            judged = applied;
        }
    }

    private void apply() throws CaravanException {
        String changes = judged.changesSince(applied);
        Instant lastMoment = clock.instant();
        if (!running.pause()) {
            if (!waitingSaid) {
                LOG.info("checked {}: it is right, and is applied when no publication is under way", changes);
                waitingSaid = true;
            }
            return;
        }
        RouteSet next = waiting;
        waiting = null;
        try {
            next.begin();
            next.makeUpFor(lastMoment);
        } catch (CaravanException e) {
            next.close();
            running.resume();
            refuse(changes, e);
            return;
        }
        RouteSet old = running;
        running = next;
        applied = judged;
        old.close();
        LOG.info("applied {}; routes {} run", changes, applied.shortName());
        alerts.over(REFUSED, "");
    }

    private void refuse(String changes, CaravanException reason) throws CaravanException {
        LOG.error(
                "refused {}: {}{}; routes {} run on",
                changes,
                reason.getMessage(),
                reason.hint().isEmpty() ? "" : " HINT: " + reason.hint(),
                applied.shortName());
        alerts.take(new Alert(
                REFUSED,
                Severity.WARNING,
                Alert.Lasts.UNTIL_SAID,
                "",
                "",
                "refused " + changes + ": " + reason.getMessage(),
                reason.hint(),
                "",
                clock.instant()));
    }

    private void discard() {
        if (waiting != null) {
            waiting.close();
            waiting = null;
        }
    }

    private RouteDirectory.Contents read() throws CaravanException {
        try {
            return directory.read();
        } catch (IOException e) {
            throw new FailedException("cannot read the routes: " + e, "the installation has a directory routes", e);
        }
    }

    /** A look that fails must not be the last one. */
    private void lookWithoutFail() {
        try {
            look();
        } catch (CaravanException e) {
            LOG.warn("looking for edits of the routes: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("looking for edits of the routes", e);
        }
    }
}
