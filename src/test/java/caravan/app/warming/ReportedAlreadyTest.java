package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class ReportedAlreadyTest {

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final AtomicLong nanos = new AtomicLong();

    private final ReportedAlready handler = new ReportedAlready(nanos::get);

    @BeforeEach
    void listen() {
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        logger().detachAppender(log);
    }

    @Test
    void failureThatAnExchangeCarriesIsNotSaidAgain() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        IOException failure = new IOException("reported");
        exchange.setException(failure);
        handler.handleException("process", exchange, failure);
        assertThat(warnings()).isZero();
        handler.handleException("delete the message", exchange, new IOException("another"));
        assertThat(warnings()).isOne();
    }

    @Test
    void failedPollIsSaidOnceUntilItChangesOrGoesOnForLong() {
        handler.handleException("poll jobs", new IOException("request 1"));
        handler.handleException("poll jobs", new IOException("request 2"));
        assertThat(warnings()).isOne();
        handler.handleException("poll jobs", new IllegalStateException("closed"));
        assertThat(warnings()).isEqualTo(2);
        handler.handleException("poll results", new IllegalStateException("closed"));
        assertThat(warnings()).isEqualTo(3);
        nanos.addAndGet(ReportedAlready.SILENCE.toNanos());
        handler.handleException("poll jobs", new IllegalStateException("closed"));
        assertThat(warnings()).isEqualTo(4);
    }

    private long warnings() {
        return log.list.stream().filter(event -> event.getLevel() == Level.WARN).count();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(ReportedAlready.class);
    }
}
