package caravan.app.routing;

import caravan.failure.CaravanException;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes down each failure once: one line and its hint. Bean {@code failureLog}; safe for many threads. */
public final class FailureLog {

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    /** Failures by identity, since a throwable equals itself only. */
    private final Set<Throwable> written = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final BiFunction<Throwable, String, CaravanException> words;

    private final Level level;

    /**
     * Finds the words for a failure in a route with {@code words}.
     *
     * @param level of what fails a publication: {@code ERROR} for a daemon, whose log is all that people see; less for
     *     a command that says at its end what failed
     */
    public FailureLog(BiFunction<Throwable, String, CaravanException> words, Level level) {
        this.words = words;
        this.level = level;
    }

    /** Called by every error policy; a failure that passes through several routes is written once. */
    public void write(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure == null || !written.add(failure)) {
            return;
        }
        FailedRoute route = FailedRoute.of(exchange);
        CaravanException said = words.apply(failure, route.id());
        LOG.atLevel(route.callerGoesOn() ? Level.WARN : level)
                .log(
                        "{}{}{}",
                        route.callerGoesOn() ? route.id() + " failed, and what called it goes on: " : "",
                        said.getMessage(),
                        said.hint().isEmpty() ? "" : " HINT: " + said.hint());
        LOG.debug("where it failed", failure);
    }
}
