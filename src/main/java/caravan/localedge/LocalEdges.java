package caravan.localedge;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Edges in several regions before one origin, and the API that invalidates what they keep; a distribution of
 * CloudFront's, but on this machine. All answer on the loopback interface only.
 */
public final class LocalEdges implements AutoCloseable {

    /** The one distribution there is. */
    public static final String DISTRIBUTION = "ELOCALEDGES000";

    static final String LOOPBACK = "127.0.0.1";

    private final Vertx vertx;

    private final ExecutorService threads = Executors.newCachedThreadPool(daemons("local-edge"));

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(daemons("local-edge-invalidation"));

    private final Map<String, LocalEdge> edges = new LinkedHashMap<>();

    private final List<Origin> origins = new ArrayList<>();

    private final InvalidationApi api;

    private LocalEdges(Setup setup) {
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(2)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        api = new InvalidationApi(
                DISTRIBUTION, new Invalidations(timer, this::forget, setup.invalidationDelay(), setup.clock()));
    }

    /**
     * What to serve, and how.
     *
     * @param directory for what the edges keep; made if missing, and emptied of what earlier edges kept
     * @param origin its scheme, host and port; paths are asked for as viewers ask for them
     * @param locations one edge stands at each
     * @param bytesPerEdge most that one edge keeps
     * @param invalidationDelay from the creation of an invalidation to its completion
     * @param clock by which things grow old
     */
    public record Setup(
            Path directory,
            URI origin,
            List<EdgeLocation> locations,
            long bytesPerEdge,
            Duration invalidationDelay,
            Clock clock) {

        /** Copies the list. */
        public Setup {
            requireNonNull(directory, "directory");
            requireNonNull(origin, "origin");
            locations = List.copyOf(locations);
            requireNonNull(invalidationDelay, "invalidationDelay");
            requireNonNull(clock, "clock");
        }

        /** The {@linkplain EdgeLocation#FIVE five} of Caravan, 1 GB each; an invalidation takes a second. */
        public static Setup of(Path directory, URI origin) {
            return new Setup(
                    directory, origin, EdgeLocation.FIVE, 1_000_000_000, Duration.ofSeconds(1), Clock.systemUTC());
        }

        /** The same with the origin beside every edge. */
        public Setup withoutDistance() {
            return new Setup(
                    directory,
                    origin,
                    locations.stream().map(place -> place.at(Distance.NONE)).toList(),
                    bytesPerEdge,
                    invalidationDelay,
                    clock);
        }
    }

    /** Starts the five edges of {@link Setup#of} on any free ports. */
    public static LocalEdges start(Path directory, URI origin) throws CaravanException {
        return start(Setup.of(directory, origin));
    }

    /**
     * Starts edges and API on any free ports.
     *
     * @throws FailedException if the directory cannot be used
     */
    public static LocalEdges start(Setup setup) throws CaravanException {
        LocalEdges started = new LocalEdges(setup);
        try {
            for (EdgeLocation location : setup.locations()) {
                started.add(location, setup);
            }
            started.api.servedBy(started.listen(started.api::accept));
        } catch (CaravanException | RuntimeException e) {
            started.close();
            throw e;
        }
        return started;
    }

    /** The edge of {@code region}. */
    public LocalEdge in(String region) {
        return requireNonNull(edges.get(region), () -> "no edge stands in " + region);
    }

    /** All edges, in the order of the setup. */
    public List<LocalEdge> all() {
        return List.copyOf(edges.values());
    }

    /** The API that invalidates. */
    public InvalidationApi api() {
        return api;
    }

    /** Ends all servers at once; what the edges keep stays on the disk until the next start. */
    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
        timer.shutdownNow();
        threads.shutdownNow();
        for (Origin origin : origins) {
            try {
                origin.close();
            } catch (IOException e) {
                throw new IllegalStateException("connections to the origin do not close", e);
            }
        }
    }

    private void add(EdgeLocation location, Setup setup) throws CaravanException {
        TrafficCounter traffic = new TrafficCounter();
        Origin origin = new Origin(setup.origin(), location.distance(), traffic);
        origins.add(origin);
        EdgeCache cache = new EdgeCache(
                emptied(setup.directory().resolve(location.region())),
                setup.bytesPerEdge(),
                origin,
                threads,
                setup.clock());
        LocalEdge edge = new LocalEdge(location, cache, origin, traffic, threads, setup.clock());
        edge.servedBy(listen(edge::accept));
        edges.put(location.region(), edge);
    }

    private void forget(LocalInvalidation invalidation) {
        edges.values().forEach(edge -> edge.purge(invalidation::covers));
    }

    private HttpServer listen(Handler<HttpServerRequest> handler) throws CaravanException {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(LOOPBACK)
                .setPort(0)
                .setAcceptBacklog(512)
                .setHttp2ClearTextEnabled(false);
        try {
            return vertx.createHttpServer(options)
                    .requestHandler(handler)
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            String message = "cannot serve an edge at " + LOOPBACK + ": " + e.getCause();
            if (e.getCause() instanceof BindException) {
                throw new TransientException(message, "there is no free port; try later", e);
            }
            throw new FailedException(message, FailedException.REPORT, e);
        }
    }

    private static Path emptied(Path directory) throws FailedException {
        try {
            Files.createDirectories(directory);
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (file.getFileName().toString().matches("[0-9]+")) {
                        Files.delete(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            return directory;
        } catch (IOException e) {
            throw new FailedException(
                    "cannot keep objects of an edge in " + directory + ": " + e, "choose another directory", e);
        }
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
