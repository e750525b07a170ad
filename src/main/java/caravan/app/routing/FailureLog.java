package caravan.app.routing;

import caravan.failure.CaravanException;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Writes down each failure of a publication once: one line and its hint. Bean {@code failureLog}. */
public final class FailureLog {

    private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);

    private static final String WRITTEN = "caravanFailureWritten";

    private final Function<Throwable, CaravanException> words;

    private final Level level;

    /**
     * Finds the words for a failure with {@code words}.
     *
     * @param level {@code ERROR} for a daemon, whose log is all that people see; less for a command that says at its end
     *     what failed
     */
    public FailureLog(Function<Throwable, CaravanException> words, Level level) {
        this.words = words;
        this.level = level;
    }

    /** Called by every error policy; a failure that passes through several routes is written once. */
    public void write(Exchange exchange) {
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (failure == null || failure.equals(exchange.getProperty(WRITTEN))) {
            return;
        }
        exchange.setProperty(WRITTEN, failure);
        CaravanException said = words.apply(failure);
        LOG.atLevel(level).log("{}{}", said.getMessage(), said.hint().isEmpty() ? "" : " HINT: " + said.hint());
        LOG.debug("where it failed", failure);
    }
}
