package caravan.alert;

import static java.util.Objects.requireNonNull;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.lock.ExclusiveLock;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Hands the alerts that wait to their channels, each channel for itself: oldest first, one at a time, and after a
 * failure later, with pauses that double. It owns the retry of alerts. A crash between sending and writing that down
 * sends an alert twice, with the same id. Bean {@code alertDelivery}; safe for many threads and several processes.
 */
public final class AlertDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(AlertDelivery.class);

    private final Alerts alerts;

    private final Clock clock;

    private final Map<String, ChannelPace> paces = new HashMap<>();

    /** Why it could not be found out what waits, when that was said last. */
    private String unreadable = "";

    /** Keep others away from a channel while an alert is on its way. */
    private final Map<String, ExclusiveLock> held = new HashMap<>();

    /** Delivers what {@code alerts} wrote down. */
    public AlertDelivery(Alerts alerts, Clock clock) {
        this.alerts = requireNonNull(alerts, "alerts");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * The alert that {@code channel} should get now, or {@code null}: nothing waits, it is too early, or another thread
     * or process is at it. One of the other methods must be told how it went. Called by the routes {@code deliver-…}.
     */
    public synchronized PendingAlert next(String channel) throws CaravanException {
        if (!paceOf(channel).isDue(clock.instant()) || alerts.waitingFor(channel) == 0 || !hold(channel)) {
            return null;
        }
        Optional<PendingAlert> pending = Optional.empty();
        try {
            pending = alerts.oldest(channel);
        } finally {
            if (pending.isEmpty()) {
                release(channel);
            }
        }
        return pending.orElse(null);
    }

    /** The channel has taken it. Returns the next one, as {@link #next}. */
    public synchronized PendingAlert delivered(PendingAlert pending) throws CaravanException {
        try {
            alerts.delivered(pending);
        } finally {
            release(pending.channel());
        }
        paceOf(pending.channel()).succeeded();
        LOG.debug("alert {} was delivered to {}", pending.id(), pending.channel());
        return next(pending.channel());
    }

    /**
     * The channel has not taken it: it goes out later, or never if the channel refuses this very alert. Called by
     * policy {@code deliver-later}.
     *
     * @param pending {@code null} if it could not even be found out what waits
     */
    public synchronized void postpone(PendingAlert pending, Throwable failure) throws CaravanException {
        String why = wordsFor(failure);
        if (pending == null) {
            LOG.atLevel(why.equals(unreadable) ? Level.DEBUG : Level.WARN).log("cannot look what alerts wait: {}", why);
            unreadable = why;
            return;
        }
        try {
            if (failure instanceof FailedException) {
                alerts.refuse(pending, why);
                return;
            }
        } finally {
            release(pending.channel());
        }
        boolean first = paceOf(pending.channel()).isFresh();
        Duration asked = failure instanceof TransientException passing ? passing.retryAfter() : Duration.ZERO;
        Duration wait = paceOf(pending.channel()).failed(clock.instant(), asked);
        String line = "alerts wait for " + pending.channel() + " (" + alerts.waitingFor(pending.channel()) + "): " + why
                + "; next attempt in " + wait.toSeconds() + " s";
        if (first) {
            LOG.warn(line);
        } else {
            LOG.debug(line);
        }
    }

    /** Nothing was tried: another may have it. */
    synchronized void giveBack(PendingAlert pending) {
        release(pending.channel());
    }

    private ChannelPace paceOf(String channel) {
        return paces.computeIfAbsent(channel, name -> new ChannelPace());
    }

    private boolean hold(String channel) throws CaravanException {
        try {
            Optional<ExclusiveLock> lock = ExclusiveLock.tryTake(alerts.lockOf(channel), PrivateFiles.FILE_MODE);
            lock.ifPresent(taken -> held.put(channel, taken));
            return lock.isPresent();
        } catch (IOException e) {
            throw new FailedException(
                    "locking " + alerts.lockOf(channel) + ": " + e,
                    "caravan.state-directory must be writable by this user",
                    e);
        }
    }

    private void release(String channel) {
        try (ExclusiveLock lock = held.remove(channel)) {
            LOG.trace("{} is free", lock == null ? "nothing" : channel);
        } catch (IOException e) {
            LOG.debug("the lock of {} ends with the process", channel, e);
        }
    }

    /** The first line that says something; those of our own say everything. */
    private static String wordsFor(Throwable failure) {
        String said = "";
        for (Throwable at = failure; at != null; at = at.getCause() == at ? null : at.getCause()) {
            if (at instanceof CaravanException ours) {
                return ours.getMessage() + (ours.hint().isEmpty() ? "" : " HINT: " + ours.hint());
            }
            if (at.getMessage() != null) {
                said = at.getClass().getSimpleName() + ": "
                        + at.getMessage().replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
            }
        }
        return said.isEmpty() ? failure.getClass().getSimpleName() : said;
    }
}
