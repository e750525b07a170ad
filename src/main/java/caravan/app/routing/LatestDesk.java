package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.publish.PointerRenewal;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.camel.Body;

/**
 * Looks after {@code latest} between publications: gives it a new life in time, and says so when it has grown too old.
 * Bean {@code latestDesk}; safe for many threads.
 */
public final class LatestDesk {

    /** A database that stays too old is complained about once in this time. */
    private static final Duration AGAIN = Duration.ofDays(1);

    private final PointerRenewal renewal;

    private final Map<DatabaseName, Duration> maxAges;

    private final Consumer<Pointer> listener;

    private final Clock clock;

    private final Map<DatabaseName, Instant> complained = new ConcurrentHashMap<>();

    /**
     * Looks after the databases of {@code maxAges}.
     *
     * @param maxAges how old the snapshot that {@code latest} names may become; zero for any age
     * @param listener hears what {@code latest} is
     */
    public LatestDesk(
            PointerRenewal renewal, Map<DatabaseName, Duration> maxAges, Consumer<Pointer> listener, Clock clock) {
        this.renewal = renewal;
        this.maxAges = Map.copyOf(maxAges);
        this.listener = listener;
        this.clock = clock;
    }

    /** Signs the pointer again if half of its life is over. Called by route {@code look-after-latest}. */
    public void renew(@Body String database) throws CaravanException {
        renewal.renewIfDue(new DatabaseName(database));
    }

    /**
     * Tells what {@code latest} is, and complains if it is older than it may be, once a day. Called by route {@code
     * look-after-latest}.
     *
     * @throws FailedException to complain
     */
    public void checkAge(@Body String database) throws CaravanException {
        DatabaseName name = new DatabaseName(database);
        Optional<Pointer> latest = renewal.latest(name);
        latest.ifPresent(listener);
        Duration most = maxAges.getOrDefault(name, Duration.ZERO);
        if (most.isZero() || latest.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        Duration age = Duration.between(latest.get().snapshot().createdAt(), now);
        if (age.compareTo(most) <= 0) {
            complained.remove(name);
            return;
        }
        Instant before = complained.get(name);
        if (before == null || !now.isBefore(before.plus(AGAIN))) {
            complained.put(name, now);
            throw new FailedException(
                    "latest of " + name + " is " + latest.get().snapshot() + ", which is "
                            + age.truncatedTo(ChronoUnit.MINUTES).toString().substring(2) + " old and may be "
                            + most.toString().substring(2),
                    "look why nothing was published since, or change caravan.database." + name + ".max-age");
        }
    }
}
