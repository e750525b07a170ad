package caravan.app.demo;

import caravan.app.routing.PublicationListener;
import caravan.publish.Publication;
import caravan.snapshot.Pointer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The publications of the demo as they end, for whoever waits for the next one. */
final class DemoPublications implements PublicationListener {

    private final BlockingQueue<Ended> over = new LinkedBlockingQueue<>();

    /** How a publication ended. */
    sealed interface Ended {

        /**
         * It is published.
         *
         * @param at when it was over
         */
        record Well(Publication publication, Instant at) implements Ended {}

        /** It is not. */
        record Badly(Throwable failure) implements Ended {}
    }

    @Override
    public void ended(Publication publication, Optional<Throwable> failure) {
        over.add(failure.<Ended>map(Ended.Badly::new).orElseGet(() -> new Ended.Well(publication, Instant.now())));
    }

    @Override
    public void failedToBegin(String database, Throwable failure) {
        over.add(new Ended.Badly(failure));
    }

    @Override
    public void latest(Pointer pointer) {}

    /** The next one that ends; waits for it as long as it takes. */
    Ended next() throws InterruptedException {
        return over.take();
    }

    /** The next one that ends; nothing if none does for so long. */
    Optional<Ended> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(over.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }
}
