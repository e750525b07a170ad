package caravan.app.pipeline;

import caravan.app.operating.Operating;
import caravan.app.routing.CallerGoesOn;
import caravan.app.routing.FailureLog;
import caravan.app.routing.Patience;
import caravan.app.routing.RouteContract;
import caravan.app.routing.RouteFiles;
import caravan.app.routing.Stages;
import caravan.app.settings.Settings;
import caravan.app.warming.ReportedAlready;
import caravan.app.warming.WarmFetch;
import caravan.aws.NamedQueues;
import caravan.aws.QueueCallException;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import caravan.pace.StoppableWaiting;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.main.Main;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.event.Level;

/**
 * What {@code caravan run} keeps running where nothing is published: the routes of warm-up workers, with alerts and
 * error policies. It needs the public URL and a queue, and holds neither a key nor a way to the bucket.
 */
public final class Worker implements AutoCloseable {

    private static final List<String> FILES = List.of("61-warm-fetch", "65-warm-worker", "80-alert", "90-errors");

    private final Main main;

    private final WorkerBeans beans;

    private final Optional<NamedQueues> sqs;

    private final Optional<Operating> operating;

    private final StoppableWaiting waiting;

    private Worker(
            Main main,
            WorkerBeans beans,
            Optional<NamedQueues> sqs,
            Optional<Operating> operating,
            StoppableWaiting waiting) {
        this.waiting = waiting;
        this.main = main;
        this.beans = beans;
        this.sqs = sqs;
        this.operating = operating;
    }

    /** Whether the settings describe a worker and no publisher. */
    public static boolean isMeant(Settings settings) throws WrongUsageException {
        return settings.databases().isEmpty()
                && !new QueueSettings(settings).worked().isEmpty();
    }

    /** Starts to take jobs. */
    public static Worker start(Installation installation, Settings settings) throws CaravanException {
        QueueSettings queues = new QueueSettings(settings);
        if (!queues.isSqs()) {
            throw settings.wrong(
                    "caravan.warm.queue", "a worker that is alone needs queues that others reach, too: sqs");
        }
        settings.required("caravan.public-url");
        URI publicUrl = settings.uri("caravan.public-url").orElseThrow();
        Path state = installation.stateDirectory(settings);
        WorkerBeans beans = new WorkerBeans(settings, publicUrl, state);
        Optional<NamedQueues> sqs = queues.client();
        RouteFiles files = new RouteFiles(installation.routes());
        StoppableWaiting waiting = new StoppableWaiting();
        Main main = LoadedRoutes.from(
                FILES.stream()
                        .map(name -> "file:" + installation.routes().resolve(name + ".camel.yaml"))
                        .collect(Collectors.joining(",")),
                settings);
        beans.bindTo(main);
        sqs.ifPresent(client -> main.bind("sqs", client));
        main.bind("warmFetch", new WarmFetch(new WarmSettings(settings).bodyCheck()));
        main.bind("reportedAlready", new ReportedAlready());
        main.bind(CallerGoesOn.BEAN, new CallerGoesOn());
        main.bind(
                "queuePatience",
                new Patience(
                        (failure, route) -> wordsFor(failure),
                        settings.duration("caravan.retry.delay"),
                        settings.duration("caravan.retry.max-delay"),
                        waiting));
        main.bind("failureLog", new FailureLog((failure, route) -> wordsFor(failure), Level.ERROR));
        AlertBeans alerts = new AlertBeans(
                settings, state, (failure, route) -> wordsFor(failure), waiting::isStopped, Clock.systemUTC());
        alerts.bindTo(main);
        Optional<Operating> operating = Optional.empty();
        try {
            operating = operating(settings, queues, beans, sqs, alerts);
            main.start();
            beans.addRoutes(main.getCamelContext(), queues.worked());
            new RouteContract((ModelCamelContext) main.getCamelContext(), Stages.OF_A_WORKER).require(List.of());
            main.getCamelContext().getRouteController().startAllRoutes();
            return new Worker(main, beans, sqs, operating, waiting);
        } catch (Exception e) {
            CaravanException told = files.explain(e, main.getCamelContext());
            operating.ifPresent(Operating::close);
            main.stop();
            beans.close();
            sqs.ifPresent(NamedQueues::close);
            throw told;
        }
    }

    /** Ends what is under way, soon; the queue gives it to others. */
    @Override
    public void close() {
        sqs.ifPresent(NamedQueues::stopTaking);
        waiting.stop();
        beans.stop();
        main.stop();
        beans.close();
        sqs.ifPresent(NamedQueues::close);
        operating.ifPresent(Operating::close);
    }

    private static Optional<Operating> operating(
            Settings settings, QueueSettings queues, WorkerBeans beans, Optional<NamedQueues> sqs, AlertBeans alerts)
            throws CaravanException {
        int port = settings.count("caravan.http.port");
        if (port == 0) {
            return Optional.empty();
        }
        Operating operating = Operating.ofAWorker(port, Worker::wordsFor);
        beans.tell(operating.jobs());
        for (String queue : queues.worked()) {
            for (String name : List.of(queue, queue + "-results", queue + "-dead")) {
                operating.watch("queue-" + name, () -> sqs.flatMap(all -> all.faultOf(name)));
            }
        }
        for (String channel : alerts.alerts().channels()) {
            operating.watchAlerts(channel, () -> alerts.waitingFor(channel));
        }
        operating.open();
        return Optional.of(operating);
    }

    private static CaravanException wordsFor(Throwable failure) {
        Optional<CaravanException> said = causes(failure)
                .filter(CaravanException.class::isInstance)
                .map(CaravanException.class::cast)
                .findFirst();
        if (said.isPresent()) {
            return said.get();
        }
        Throwable root = causes(failure).reduce((first, second) -> second).orElse(failure);
        Optional<QueueCallException> queue = causes(failure)
                .filter(QueueCallException.class::isInstance)
                .map(QueueCallException.class::cast)
                .findFirst();
        if (queue.isPresent()) {
            return FailureWords.wordsFor(queue.get());
        }
        return new FailedException(
                "failed unexpectedly: " + root.getClass().getSimpleName() + ": " + line(root),
                "run it again with more logging (config/logback.xml) and report this",
                failure);
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, each -> each != null, Throwable::getCause);
    }

    private static String line(Throwable failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\s+", " ");
    }
}
