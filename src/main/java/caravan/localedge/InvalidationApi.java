package caravan.localedge;

import static java.util.Objects.requireNonNull;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of CloudFront's API (version 2020-05-31, REST with XML) that invalidates: CreateInvalidation,
 * GetInvalidation and ListInvalidations, for one distribution. Calls must be signed for CloudFront; whose signature it
 * is, is not checked.
 */
public final class InvalidationApi {

    private static final Pattern PATH =
            Pattern.compile("/2020-05-31/distribution/([A-Z0-9]+)/invalidation(?:/([A-Z0-9]+))?/?");

    private static final Pattern SIGNATURE = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/us-east-1/cloudfront/aws4_request,.*Signature=[0-9a-f]{64}");

    private static final int LARGEST_BODY = 1 << 20;

    private final String distribution;

    private final Invalidations invalidations;

    private final Deque<ApiFault> faults = new ArrayDeque<>();

    private volatile HttpServer server;

    InvalidationApi(String distribution, Invalidations invalidations) {
        this.distribution = requireNonNull(distribution, "distribution");
        this.invalidations = requireNonNull(invalidations, "invalidations");
    }

    /** Where it answers: {@code http://127.0.0.1:<port>}. */
    public URI address() {
        return URI.create("http://" + LocalEdges.LOOPBACK + ":" + server.actualPort());
    }

    /** The one distribution there is. */
    public String distributionId() {
        return distribution;
    }

    /** Every invalidation, the newest first. */
    public List<LocalInvalidation> invalidations() {
        return invalidations.list();
    }

    /** How long an invalidation that is created from now on takes. */
    public void setDelay(Duration delay) {
        invalidations.setDelay(delay);
    }

    /** The next {@code times} calls are answered with {@code fault} and change nothing. */
    public void failNext(int times, ApiFault fault) {
        synchronized (faults) {
            faults.addAll(Collections.nCopies(times, fault));
        }
    }

    void servedBy(HttpServer listening) {
        server = listening;
    }

    void accept(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (length != null && Long.parseLong(length) > LARGEST_BODY) {
            answer(request, new ApiFault(413, "BatchTooLarge", "Invalidation batch specified is too large"));
            return;
        }
        request.body().onSuccess(body -> answer(request, body)).onFailure(gone -> request.connection()
                .close());
    }

    private void answer(HttpServerRequest request, Buffer body) {
        try {
            synchronized (faults) {
                if (!faults.isEmpty()) {
                    throw new RefusedCallException(faults.poll());
                }
            }
            answer(request, body.toString());
        } catch (RefusedCallException e) {
            answer(request, e.fault());
        }
    }

    private void answer(HttpServerRequest request, String body) throws RefusedCallException {
        String signature = request.getHeader("Authorization");
        if (signature == null || !SIGNATURE.matcher(signature).matches()) {
            throw new RefusedCallException(ApiFault.NO_SIGNATURE);
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches() || !path.group(1).equals(distribution)) {
            throw new RefusedCallException(ApiFault.NO_DISTRIBUTION);
        }
        boolean one = path.group(2) != null;
        if (request.method().equals(HttpMethod.POST) && !one) {
            InvalidationXml.Batch batch = InvalidationXml.readBatch(body);
            LocalInvalidation created = invalidations.create(batch.callerReference(), batch.paths());
            String location = address() + request.path() + "/" + created.id();
            say(request, 201, InvalidationXml.invalidation(created), Map.of("Location", location));
        } else if (request.method().equals(HttpMethod.GET)) {
            String xml = one
                    ? InvalidationXml.invalidation(invalidations.get(path.group(2)))
                    : InvalidationXml.list(invalidations.list());
            say(request, 200, xml, Map.of());
        } else {
            throw new RefusedCallException(new ApiFault(
                    405, "MethodNotAllowed", "The specified method is not allowed against this resource."));
        }
    }

    private static void answer(HttpServerRequest request, ApiFault fault) {
        String id = UUID.randomUUID().toString();
        say(request, fault.status(), InvalidationXml.error(fault, id), Map.of("x-amzn-RequestId", id));
    }

    private static void say(HttpServerRequest request, int status, String xml, Map<String, String> headers) {
        request.response().setStatusCode(status).putHeader("Content-Type", "text/xml");
        headers.forEach(request.response()::putHeader);
        var unused = request.response().end(xml);
    }
}
