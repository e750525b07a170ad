package caravan.app.routing;

import caravan.aws.S3Failures;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.publish.Publication;
import caravan.store.Brake;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;

/**
 * Decides for the error policies whether a failed call to the store may pass, and waits before it is tried again, as
 * long as the brake says. Bean {@code storeFailures}; safe for many threads.
 */
public final class StoreFailures {

    private final S3Failures failures;

    private final Brake brake;

    private final BooleanSupplier stopping;

    /**
     * Decides by {@code failures}, and waits for {@code brake}.
     *
     * @param stopping whether the program was told to stop, so that nothing is tried again
     */
    public StoreFailures(S3Failures failures, Brake brake, BooleanSupplier stopping) {
        this.failures = failures;
        this.brake = brake;
        this.stopping = stopping;
    }

    /**
     * Whether trying the same call again may help; never in a publication that has failed elsewhere. Bytes that were
     * damaged on their way to the store are sent again; an object that was found damaged in the store is not. Called by
     * policy {@code retry-store}.
     */
    public boolean mayPass(Exchange exchange) {
        return !stopping.getAsBoolean() && !isInVain(exchange) && isPassing(exchange);
    }

    private static boolean isInVain(Exchange exchange) {
        Publication publication = exchange.getVariable(PublicationDesk.PUBLICATION, Publication.class);
        return publication != null && publication.hasFailed();
    }

    private boolean isPassing(Exchange exchange) {
        return classified(exchange) instanceof TransientException || S3Failures.isDamagedOnTheWay(caught(exchange));
    }

    /** Whether the store says that the object exists already. Called by policy {@code store-chunk}. */
    public boolean existsAlready(Exchange exchange) {
        return S3Failures.isPreconditionFailed(caught(exchange));
    }

    /** Tells the brake of a failure. Called by policy {@code retry-store}, as bean {@code storeFailureNoted}. */
    public void note(Exchange exchange) {
        brake.failed(classified(exchange));
    }

    /** Writes a line, and returns when the next attempt may begin. Called by policy {@code retry-store}, as bean {@code storePatience}. */
    public void waitForNextAttempt(Exchange exchange) throws InterruptedException {
        Patience.say(exchange, (failure, route) -> failures.classify(failure, "store a chunk"));
        brake.await(exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 1, Integer.class));
    }

    private CaravanException classified(Exchange exchange) {
        return failures.classify(caught(exchange), "store a chunk");
    }

    private static Throwable caught(Exchange exchange) {
        Throwable current = exchange.getException();
        return current != null ? current : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    }
}
