package caravan.app.warming;

import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a consumer does with a failure that an error policy has reported: nothing. Left to itself it would write it down
 * once more, with its stack. Bean {@code reportedAlready}.
 */
public final class ReportedAlready implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ReportedAlready.class);

    @Override
    public void handleException(Throwable exception) {
        handleException("", exception);
    }

    @Override
    public void handleException(String message, Throwable exception) {
        LOG.debug("reported already: {}", message, exception);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable exception) {
        handleException(message, exception);
    }
}
