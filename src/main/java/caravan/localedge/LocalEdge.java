package caravan.localedge;

import static java.util.Objects.requireNonNull;

import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One edge: a caching HTTP front that answers as CloudFront does. It takes GET and HEAD, keeps what {@code
 * Cache-Control} lets it keep and errors for {@value #ERROR_SECONDS} s, answers ranges from whole objects, and sends on
 * what comes from the origin while it comes. The query is part of an object's name and is not sent to the origin.
 */
public final class LocalEdge {

    static final int ERROR_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(LocalEdge.class);

    private static final SecureRandom RANDOM = new SecureRandom();

    private final EdgeLocation location;

    private final EdgeCache cache;

    private final Origin origin;

    private final TrafficCounter traffic;

    private final Executor threads;

    private final Clock clock;

    private final String via;

    private volatile EdgeFault fault = EdgeFault.NONE;

    private volatile HttpServer server;

    LocalEdge(
            EdgeLocation location,
            EdgeCache cache,
            Origin origin,
            TrafficCounter traffic,
            Executor threads,
            Clock clock) {
        this.location = requireNonNull(location, "location");
        this.cache = requireNonNull(cache, "cache");
        this.origin = requireNonNull(origin, "origin");
        this.traffic = requireNonNull(traffic, "traffic");
        this.threads = requireNonNull(threads, "threads");
        this.clock = requireNonNull(clock, "clock");
        this.via = "1.1 " + location.pop().toLowerCase(Locale.ROOT) + ".cloudfront.net (CloudFront)";
    }

    /** Where it stands. */
    public EdgeLocation location() {
        return location;
    }

    /** Where it answers: {@code http://127.0.0.1:<port>}. */
    public URI address() {
        return URI.create("http://" + LocalEdges.LOOPBACK + ":" + server.actualPort());
    }

    /** What it has done since it was started. */
    public EdgeTraffic traffic() {
        return traffic.sum();
    }

    /** Bytes of bodies on its disk. */
    public long bytesKept() {
        return cache.bytes();
    }

    /** From now on this is wrong with it. */
    public void set(EdgeFault wrong) {
        fault = requireNonNull(wrong, "wrong");
    }

    /** Forgets everything that it keeps. */
    public void forgetAll() {
        cache.purge(key -> true);
    }

    int purge(Predicate<String> keys) {
        return cache.purge(keys);
    }

    void servedBy(HttpServer listening) {
        server = listening;
    }

    /** Called by the server's own thread, which must not wait. */
    void accept(HttpServerRequest request) {
        Viewer viewer = new Viewer(request);
        if (fault instanceof EdgeFault.Dead) {
            viewer.hangUp();
            return;
        }
        threads.execute(() -> serve(viewer));
    }

    private void serve(Viewer viewer) {
        try {
            answer(viewer);
        } catch (IOException e) {
            LOG.debug("{} {}: {}", location.pop(), viewer.target(), e.toString());
            viewer.hangUp();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            viewer.hangUp();
        } catch (RuntimeException e) {
            LOG.warn("{} {}", location.pop(), viewer.target(), e);
            viewer.hangUp();
        }
    }

    private void answer(Viewer viewer) throws IOException, InterruptedException {
        if (fault instanceof EdgeFault.Slow slow) {
            TimeUnit.NANOSECONDS.sleep(slow.beforeEach().toNanos());
        }
        if (fault instanceof EdgeFault.Failing failing) {
            refuse(viewer, failing.status());
        } else if (!viewer.mayAsk()) {
            refuse(viewer, 403);
        } else if (viewer.wantsBody()) {
            answerWithBody(viewer);
        } else {
            answerWithHead(viewer);
        }
    }

    private void answerWithBody(Viewer viewer) throws IOException, InterruptedException {
        try (EdgeCache.Opened opened = cache.open(viewer.target())) {
            CachedObject object = opened.object();
            AnswerHead head = object.head();
            Preconditions preconditions = viewer.preconditions();
            traffic.answered(opened.outcome());
            if (head.status() == 200 && preconditions.areMetBy(head)) {
                viewer.head(304, headers(head, opened.outcome(), object.age(clock.instant())), OptionalLong.empty());
                viewer.end();
                return;
            }
            Optional<ByteRange> range =
                    head.status() == 200 && preconditions.allowPartOf(head) ? rangeOf(viewer, head) : Optional.empty();
            List<Map.Entry<String, String>> headers = headers(head, opened.outcome(), object.age(clock.instant()));
            if (range.isEmpty()) {
                viewer.head(head.status(), headers, head.length());
                send(viewer, opened, 0, head.length().orElse(Long.MAX_VALUE));
            } else if (range.get().isSatisfiable()) {
                headers.add(Map.entry("Content-Range", contentRange(range.get(), head)));
                viewer.head(206, headers, OptionalLong.of(range.get().length()));
                send(viewer, opened, range.get().first(), range.get().length());
            } else {
                headers.add(
                        Map.entry("Content-Range", "bytes */" + head.length().getAsLong()));
                viewer.head(416, headers, OptionalLong.of(0));
                viewer.end();
            }
        }
    }

    /** A head of what is not here is asked of the origin and not kept. */
    private void answerWithHead(Viewer viewer) throws IOException, InterruptedException {
        Optional<EdgeCache.Found> here = cache.peek(viewer.target());
        AnswerHead head;
        CacheOutcome outcome;
        Duration age = Duration.ZERO;
        if (here.isPresent()) {
            head = here.get().object().head();
            outcome = here.get().outcome();
            age = here.get().object().age(clock.instant());
        } else {
            try {
                head = origin.head(viewer.target().replaceFirst("\\?.*", ""));
            } catch (IOException e) {
                GeneratedError error = GeneratedError.of(e);
                head = new AnswerHead(error.status(), GeneratedError.HEADERS, OptionalLong.of(0));
            }
            outcome = head.isError() ? CacheOutcome.ERROR : CacheOutcome.MISS;
        }
        traffic.answered(outcome);
        boolean same = head.status() == 200 && viewer.preconditions().areMetBy(head);
        viewer.head(
                same ? 304 : head.status(), headers(head, outcome, age), same ? OptionalLong.empty() : head.length());
        viewer.end();
    }

    private void send(Viewer viewer, EdgeCache.Opened opened, long from, long count)
            throws IOException, InterruptedException {
        traffic.served(viewer.body(opened.object(), opened.content(), from, count, fault));
        viewer.end();
    }

    private void refuse(Viewer viewer, int status) throws IOException, InterruptedException {
        traffic.answered(CacheOutcome.ERROR);
        AnswerHead head = new AnswerHead(status, GeneratedError.HEADERS, OptionalLong.of(0));
        viewer.head(status, headers(head, CacheOutcome.ERROR, Duration.ZERO), head.length());
        viewer.end();
    }

    private List<Map.Entry<String, String>> headers(AnswerHead head, CacheOutcome outcome, Duration age) {
        List<Map.Entry<String, String>> headers = new ArrayList<>(head.headers());
        if (head.header("Accept-Ranges").isEmpty() && head.status() == 200) {
            headers.add(Map.entry("Accept-Ranges", "bytes"));
        }
        headers.add(Map.entry("X-Cache", outcome.header()));
        headers.add(Map.entry("Via", via));
        headers.add(Map.entry("X-Amz-Cf-Pop", location.pop()));
        headers.add(Map.entry("X-Amz-Cf-Id", newRequestId()));
        if (outcome == CacheOutcome.HIT || (outcome == CacheOutcome.ERROR && age.toSeconds() > 0)) {
            headers.add(Map.entry("Age", Long.toString(age.toSeconds())));
        }
        return headers;
    }

    private static Optional<ByteRange> rangeOf(Viewer viewer, AnswerHead head) {
        return head.length().isEmpty()
                ? Optional.empty()
                : viewer.header("Range")
                        .flatMap(header -> ByteRange.in(header, head.length().getAsLong()));
    }

    private static String contentRange(ByteRange range, AnswerHead head) {
        return "bytes " + range.first() + "-" + range.last() + "/"
                + head.length().getAsLong();
    }

    private static String newRequestId() {
        byte[] id = new byte[39];
        RANDOM.nextBytes(id);
        return Base64.getUrlEncoder().encodeToString(id) + "==";
    }
}
