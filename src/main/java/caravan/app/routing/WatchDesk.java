package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.snapshot.DatabaseName;
import caravan.watch.DatabaseWatch;
import caravan.watch.Occasion;
import caravan.watch.StrayTriggers;
import caravan.watch.Triggers;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the routes ask before a publication that nobody typed. Of each database one occasion at a time goes on; the
 * others wait and are looked at when their turn comes, and mostly there is nothing left to do for them then. Bean
 * {@code watchDesk}; safe for many threads.
 */
public final class WatchDesk {

    private static final Logger LOG = LoggerFactory.getLogger(WatchDesk.class);

    private final Map<String, Watched> databases = new HashMap<>();

    private final Triggers triggers;

    private final StrayTriggers strays;

    /** A desk for the databases of {@code watches}. */
    public WatchDesk(Map<DatabaseName, DatabaseWatch> watches, Triggers triggers, StrayTriggers strays) {
        watches.forEach((name, watch) -> databases.put(name.value(), new Watched(name, watch, new Semaphore(1, true))));
        this.triggers = triggers;
        this.strays = strays;
    }

    private record Watched(DatabaseName name, DatabaseWatch watch, Semaphore turn) {}

    /** Waits until no other occasion of the database is under way. Called by route {@code publish-when-due}. */
    public void takeTurn(@Body String database, Exchange exchange) throws InterruptedException {
        Semaphore turn = databases.get(database).turn();
        turn.acquire();
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                turn.release();
            }
        });
    }

    /** Whether to publish on this occasion. Called by route {@code publish-when-due}. */
    public boolean isDue(@Body String database, @Variable("occasion") String occasion, Exchange exchange) {
        if (exchange.getContext().isStopping()) {
            return false;
        }
        Occasion which = Occasion.valueOf(occasion);
        DatabaseWatch.Decision decision = databases.get(database).watch().decide(which);
        if (decision.publish()) {
            LOG.info("{}: published now: {}", database, decision.reason());
        } else if (which == Occasion.QUIET) {
            LOG.debug("{}: not published: {}", database, decision.reason());
        } else {
            LOG.info("{}: not published: {}", database, decision.reason());
        }
        return decision.publish();
    }

    /**
     * Takes a trigger file; the exchange is stopped if it is gone already. What it asks for is over when the exchange
     * is. Called by route template {@code watch-trigger}.
     */
    public boolean acceptTrigger(@Body String database, Exchange exchange) throws CaravanException {
        DatabaseName name = databases.get(database).name();
        if (!triggers.accept(name)) {
            return false;
        }
        LOG.info("{}: trigger file accepted", database);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                finishTrigger(name, done);
            }
        });
        return true;
    }

    /** Tells of trigger files that ask for nothing, of each once. Called by route {@code look-for-stray-triggers}. */
    public void tellOfStrays() {
        strays.news().forEach(stray -> LOG.warn("{} HINT: {}", stray.words(), stray.hint()));
    }

    /**
     * A trigger whose publication was cut off by the end of the program stays, so that the next start makes up for it.
     */
    private void finishTrigger(DatabaseName name, Exchange done) {
        if (done.getContext().isStopping()) {
            return;
        }
        try {
            triggers.finish(name);
        } catch (CaravanException e) {
            LOG.warn("{}: {}", name, e.getMessage());
        }
    }
}
