package caravan.app.pipeline;

import caravan.app.routing.NodeConnection;
import caravan.app.routing.NodePatience;
import caravan.app.routing.Patience;
import caravan.app.settings.Settings;
import caravan.pace.StoppableWaiting;
import java.time.Duration;
import org.apache.camel.main.Main;

/** The beans by which error policies wait before they try again; what waits ends when the program is told to stop. */
final class PatienceBeans {

    private final StoppableWaiting waiting;

    private final Duration nodePause;

    private final Patience node;

    private final Patience edge;

    private final Patience queue;

    PatienceBeans(Settings settings, FailureWords words, StoppableWaiting waiting) {
        this.waiting = waiting;
        nodePause = settings.duration("caravan.node.retry.delay");
        node = new Patience(words::of, nodePause, nodePause, waiting);
        edge = new Patience(
                words::of,
                settings.duration("caravan.cdn.retry.delay"),
                settings.duration("caravan.cdn.retry.max-delay"),
                waiting);
        queue = new Patience(
                words::of,
                settings.duration("caravan.retry.delay"),
                settings.duration("caravan.retry.max-delay"),
                waiting);
    }

    void bindTo(Main main) {
        main.bind("nodePatience", new NodePatience(node, nodePause));
        main.bind("nodeConnection", new NodeConnection(waiting::isStopped, waiting::nanoTime));
        main.bind("edgePatience", edge);
        main.bind("queuePatience", queue);
    }
}
