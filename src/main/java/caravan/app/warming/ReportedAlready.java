package caravan.app.warming;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a consumer does with a failure that an error policy has reported: nothing. Left to itself it would write it down
 * once more, with its stack. Bean {@code reportedAlready}; safe for many threads.
 *
 * <p>A failure that no exchange carries went through no error policy, as that of a poll: it is written down here, but
 * not each time while it stays the same.
 */
public final class ReportedAlready implements ExceptionHandler {

    /** How long nothing is said of a failure that goes on. */
    static final Duration SILENCE = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ReportedAlready.class);

    private final LongSupplier nanos;

    /** What failed, and how it did last. */
    private final Map<String, Said> said = new HashMap<>();

    /** With the clock of the machine. */
    public ReportedAlready() {
        this(System::nanoTime);
    }

    ReportedAlready(LongSupplier nanos) {
        this.nanos = nanos;
    }

    @Override
    public void handleException(Throwable exception) {
        handleException("", null, exception);
    }

    @Override
    public void handleException(String message, Throwable exception) {
        handleException(message, null, exception);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable exception) {
        if (exchange != null && exception != null && exchange.getException() == exception) {
            LOG.debug("reported already: {}", message, exception);
        } else if (isNews(String.valueOf(message), exception)) {
            LOG.warn("{}: {}", message, String.valueOf(exception));
        }
    }

    private synchronized boolean isNews(String what, Throwable exception) {
        // Not by its message: that of AWS has the number of the request.
        String kind = exception == null ? "" : exception.getClass().getName();
        Said now = new Said(kind, nanos.getAsLong());
        Said before = said.get(what);
        if (before != null && now.repeats(before)) {
            return false;
        }
        said.put(what, now);
        return true;
    }

    private record Said(String kind, long at) {
        boolean repeats(Said before) {
            return kind.equals(before.kind) && at - before.at < SILENCE.toNanos();
        }
    }
}
