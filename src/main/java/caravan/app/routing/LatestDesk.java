package caravan.app.routing;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.publish.PointerRenewal;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Pointer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.Body;

/**
 * Looks after {@code latest} between publications: gives it a new life in time, and says so when it has grown too old.
 * Bean {@code latestDesk}; safe for many threads.
 */
public final class LatestDesk {

    /** Event of an alert: what {@code latest} names has grown too old. */
    public static final String TOO_OLD = "latest-too-old";

    private final PointerRenewal renewal;

    private final Map<DatabaseName, Duration> maxAges;

    private final Consumer<Pointer> listener;

    private final Alerts alerts;

    private final Clock clock;

    /**
     * Looks after the databases of {@code maxAges}.
     *
     * @param maxAges how old the snapshot that {@code latest} names may become; zero for any age
     * @param listener hears what {@code latest} is
     * @param alerts hear when one is no longer too old
     */
    public LatestDesk(
            PointerRenewal renewal,
            Map<DatabaseName, Duration> maxAges,
            Consumer<Pointer> listener,
            Alerts alerts,
            Clock clock) {
        this.renewal = renewal;
        this.maxAges = Map.copyOf(maxAges);
        this.listener = listener;
        this.alerts = alerts;
        this.clock = clock;
    }

    /** Signs the pointer again if half of its life is over. Called by route {@code renew-latest}. */
    public void renew(@Body String database) throws CaravanException {
        renewal.renewIfDue(new DatabaseName(database));
    }

    /**
     * Tells what {@code latest} is. Returns what people should know if it is older than it may be, else {@code null},
     * and then such a trouble is over. Called by route {@code check-age-of-latest}.
     */
    public Alert checkAge(@Body String database) throws CaravanException {
        DatabaseName name = new DatabaseName(database);
        Optional<Pointer> latest = renewal.latest(name);
        latest.ifPresent(listener);
        Duration most = maxAges.getOrDefault(name, Duration.ZERO);
        Instant now = clock.instant();
        Duration age = latest.map(pointer -> Duration.between(pointer.snapshot().createdAt(), now))
                .orElse(Duration.ZERO);
        if (most.isZero() || age.compareTo(most) <= 0) {
            alerts.over(TOO_OLD, database);
            return null;
        }
        return new Alert(
                TOO_OLD,
                Severity.WARNING,
                Alert.Lasts.UNTIL_SAID,
                database,
                "",
                "latest of " + name + " is " + latest.orElseThrow().snapshot() + ", which is " + words(age)
                        + " old and may be " + words(most),
                "look why nothing was published since, or change caravan.database." + name + ".max-age",
                "",
                now);
    }

    private static String words(Duration age) {
        return age.truncatedTo(ChronoUnit.MINUTES).toString().substring(2);
    }
}
