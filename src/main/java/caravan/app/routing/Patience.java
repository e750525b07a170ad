package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.pace.StoppableWaiting;
import java.time.Duration;
import java.util.function.BiFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits before a call that failed is made again, and writes one line for each, in our words. Error policies name it as
 * {@code onRedeliveryRef}, with no delay of their own: theirs could not be ended when the program is told to stop.
 * Beans {@code edgePatience} and {@code queuePatience}; safe for many threads.
 */
public final class Patience implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    private static final int MOST_DOUBLINGS = 30;

    private final BiFunction<Throwable, String, CaravanException> words;

    private final Duration first;

    private final Duration longest;

    private final StoppableWaiting waiting;

    /**
     * Waits for {@code first} after one failure, twice as long after each further one, and never for more than {@code
     * longest}.
     *
     * @param words for a failure in a route
     * @param waiting is stopped when the program is told to stop
     */
    public Patience(
            BiFunction<Throwable, String, CaravanException> words,
            Duration first,
            Duration longest,
            StoppableWaiting waiting) {
        this.words = words;
        this.first = first;
        this.longest = longest;
        this.waiting = waiting;
    }

    /** Whether a call may be made again: not once the program was told to stop. */
    public boolean mayPass() {
        return !waiting.isStopped();
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        int attempt = exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 1, Integer.class);
        Duration pause = first.multipliedBy(1L << Math.min(attempt - 1, MOST_DOUBLINGS));
        say(exchange, words);
        sleep(pause.compareTo(longest) < 0 ? pause : longest);
    }

    /** Returns after {@code pause}, or throws at once when the program is told to stop. */
    void sleep(Duration pause) throws InterruptedException {
        waiting.sleep(pause.toNanos());
    }

    /** One line: what failed, and which attempt of how many comes now. */
    static void say(Exchange exchange, BiFunction<Throwable, String, CaravanException> words) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure == null) {
            return;
        }
        String route = exchange.getProperty(Exchange.FAILURE_ROUTE_ID, "", String.class);
        LOG.warn(
                "{}. It is tried again, {} of {}",
                words.apply(failure, route).getMessage(),
                exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 1, Integer.class),
                exchange.getMessage().getHeader(Exchange.REDELIVERY_MAX_COUNTER, "?", String.class));
    }
}
