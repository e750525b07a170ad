package caravan.app.routing;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Lets a caller go on with its own next steps, with its own body, headers and variables, however the routes end that it
 * called. Their failure was written down and reported where it happened, by policy {@code report-and-go-on}; here it
 * ends. Bean {@code goOn}, the aggregation strategy of a {@code multicast} or {@code split} around the call.
 */
public final class CallerGoesOn implements AggregationStrategy {

    /** Name of the bean. */
    public static final String BEAN = "goOn";

    @Override
    public Exchange aggregate(Exchange earlier, Exchange called) {
        throw new IllegalStateException("needs the exchange of the caller");
    }

    /** The caller's own exchange, untouched. */
    @Override
    public Exchange aggregate(Exchange earlier, Exchange called, Exchange caller) {
        return caller;
    }
}
