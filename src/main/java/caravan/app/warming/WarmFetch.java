package caravan.app.warming;

import caravan.warm.BodyCheck;
import caravan.warm.EdgeAnswer;
import caravan.warm.EdgeFaultException;
import caravan.warm.WarmStoppedException;
import caravan.warm.WarmTask;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** What is done before and after an edge is asked for one object. Bean {@code warmFetch}; safe for many threads. */
public final class WarmFetch {

    private static final String ATTEMPT = "attempt";

    private final BodyCheck check;

    /** Reads what comes with {@code check}. */
    public WarmFetch(BodyCheck check) {
        this.check = check;
    }

    /**
     * Waits for the region's turn, then makes the message the request for {@code task}. Called by route {@code
     * fetch-through-region}.
     */
    public void prepare(@Body WarmTask task, Exchange exchange) throws InterruptedException, WarmStoppedException {
        long wave = task.region().awaitTurn();
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(
                Exchange.HTTP_URI, task.region().run().addressOf(task.object()).toString());
        message.setBody(null);
        exchange.setVariable(ATTEMPT, new FetchAttempt(task, wave, System.nanoTime()));
    }

    /** Reads the answer to its end and notes what it was. Called by route {@code fetch-through-region}. */
    public void take(Exchange exchange)
            throws IOException, InterruptedException, EdgeFaultException, WarmStoppedException {
        Message answer = exchange.getMessage();
        FetchAttempt attempt = exchange.getVariable(ATTEMPT, FetchAttempt.class);
        int status = answer.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        EdgeAnswer edge = EdgeAnswer.of(name -> answer.getHeader(name, String.class));
        try (InputStream body = bodyOf(answer)) {
            check.read(attempt.task(), status, edge, body, attempt.requestedAt());
        } finally {
            answer.setBody(null);
        }
    }

    /** Notes an object that did not come. Called by policy {@code count-and-go-on}. */
    public void failed(Exchange exchange) {
        FetchAttempt attempt = exchange.getVariable(ATTEMPT, FetchAttempt.class);
        Throwable failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        if (attempt != null && failure != null) {
            attempt.task().region().failed(attempt.task(), attempt.wave(), failure);
        }
    }

    private static InputStream bodyOf(Message answer) {
        return Optional.ofNullable(answer.getBody())
                .filter(InputStream.class::isInstance)
                .map(InputStream.class::cast)
                .orElseGet(InputStream::nullInputStream);
    }
}
