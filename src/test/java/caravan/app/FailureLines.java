package caravan.app;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What the log says about failures, from the time this is made until it is closed. */
public final class FailureLines implements AutoCloseable {

    private final Logger logger = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    public FailureLines() {
        lines.start();
        logger.addAppender(lines);
    }

    /** Failures that were written down, in order. */
    public List<String> failures() {
        return lines.list.stream()
                .filter(line -> line.getLoggerName().endsWith("FailureLog"))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** Everything that was logged. */
    public List<String> all() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Override
    public void close() {
        logger.detachAppender(lines);
    }
}
