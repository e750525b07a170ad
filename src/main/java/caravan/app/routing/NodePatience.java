package caravan.app.routing;

import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Decides for policy {@code retry-node} whether a node is asked again, and waits before it is. Bean {@code
 * nodePatience}; safe for many threads.
 */
public final class NodePatience implements Processor {

    /** What answers but is no node seldom becomes one; a node that starts may have something else before it. */
    private static final int MOST_AFTER_ODD_ANSWERS = 2;

    private final Patience patience;

    private final Duration pause;

    /** Waits for {@code pause} each time. */
    public NodePatience(Patience patience, Duration pause) {
        this.patience = patience;
        this.pause = pause;
    }

    /** Whether the question that was not answered is asked again. */
    public boolean mayAskAgain(Exchange exchange) {
        if (!patience.mayPass()) {
            return false;
        }
        Throwable failure = exchange.getException() != null
                ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof NodeAnswerException answer) {
                int failed = exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class);
                return switch (answer.kind()) {
                    case NONE -> true;
                    case ODD -> failed < MOST_AFTER_ODD_ANSWERS;
                    case NOT_ASKED -> false;
                };
            }
        }
        return true;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        patience.process(exchange);
    }

    /**
     * Gives a node that is not ready some time. Returns at once when the program is told to stop; the node is not asked
     * again then.
     */
    public void giveTime() {
        try {
            patience.sleep(pause);
        } catch (InterruptedException e) {
            if (patience.mayPass()) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
