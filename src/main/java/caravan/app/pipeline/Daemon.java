package caravan.app.pipeline;

import caravan.app.operating.Operating;
import caravan.app.reload.HotEdit;
import caravan.app.reload.RouteDirectory;
import caravan.app.settings.Settings;
import caravan.failure.CaravanException;
import caravan.store.StoreAbilities;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code caravan run} keeps running: the routes, which change when somebody edits them, and the port for health
 * and metrics, which stays open meanwhile.
 */
public final class Daemon implements AutoCloseable {

    /** How often to look whether somebody edited the routes. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final PipelineBeans beans;

    private final Optional<Operating> operating;

    private final HotEdit routes;

    private Daemon(PipelineBeans beans, Optional<Operating> operating, HotEdit routes) {
        this.beans = beans;
        this.operating = operating;
        this.routes = routes;
    }

    /**
     * Opens the port that {@code caravan.http.port} names, and loads the routes. Nothing else begins before {@link
     * #begin}.
     */
    public static Daemon load(
            Installation installation, Settings settings, PipelineBeans beans, StoreAbilities abilities)
            throws CaravanException {
        Optional<Operating> operating = operating(settings, beans);
        try {
            return new Daemon(
                    beans,
                    operating,
                    HotEdit.load(
                            new RouteDirectory(installation.routes()),
                            () -> Pipeline.load(installation, settings, beans, abilities, true),
                            beans.alerts().alerts(),
                            Clock.systemUTC()));
        } catch (CaravanException e) {
            operating.ifPresent(Operating::close);
            throw e;
        }
    }

    /** Starts the routes, and looks for edits from now on. */
    public void begin() throws CaravanException {
        beans.watching().prepare();
        beans.drills().prepare();
        routes.begin(LOOK);
    }

    /** Ends what is under way, because the program was told to stop. Returns at once. */
    public void stop() {
        beans.stop();
    }

    /** Cleans up after publications that did not end in time. */
    public void abandon() {
        beans.desk().abandon();
    }

    /** Stops the routes and closes the port; whoever made the beans closes them. */
    @Override
    public void close() {
        beans.warming().stop();
        routes.close();
        operating.ifPresent(Operating::close);
    }

    private static Optional<Operating> operating(Settings settings, PipelineBeans beans) throws CaravanException {
        int port = settings.count("caravan.http.port");
        if (port == 0) {
            return Optional.empty();
        }
        Operating operating = new Operating(
                port,
                beans.databases(),
                beans.brake(),
                settings.size("caravan.stage.free-space-floor"),
                beans.words()::of);
        operating.listeners().forEach(beans.desk()::tell);
        beans.tell(operating.warming(settings.names("caravan.warm.regions"), settings.durations("caravan.warm.looks")));
        beans.drills().tell(operating.drills());
        if (beans.collections().isScheduled()) {
            beans.collections().tell(operating.collections());
        }
        for (String channel : beans.alerts().alerts().channels()) {
            operating.watchAlerts(channel, () -> beans.alerts().waitingFor(channel));
        }
        operating.open();
        return Optional.of(operating);
    }
}
