package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.Optional;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.support.ClassicRequestBuilder;
import org.apache.hc.core5.net.URIAuthority;

/**
 * How the HTTP endpoints of routes talk to a CDN, or to another service of an operator's own: with what cannot stand in
 * a route, because it is a secret or because Camel does not know it, and with one line for each failure, which says
 * whether trying again may help. Beans {@code cloudflareConnection}, {@code purgeConnection} and {@code
 * httpConnection}.
 */
public abstract sealed class CdnConnection implements HttpClientConfigurer {

    private final String who;

    private final String whenDenied;

    private final String otherwise;

    private CdnConnection(String who, String whenDenied, String otherwise) {
        this.who = who;
        this.whenDenied = whenDenied;
        this.otherwise = otherwise;
    }

    /** Calls of Cloudflare's API: the token goes along with each, and nowhere else. */
    public static final class Cloudflare extends CdnConnection {

        private final String token;

        /** Calls with a {@code token} that may purge the zone. */
        public Cloudflare(String token) {
            super(
                    "Cloudflare",
                    "caravan.cloudflare.token needs the right Cache Purge on the zone of caravan.cloudflare.zone-id",
                    "check caravan.cloudflare.endpoint and zone-id, and the network");
            this.token = token;
        }

        @Override
        ClassicHttpRequest changed(ClassicHttpRequest request) {
            request.setHeader("Authorization", "Bearer " + token);
            return request;
        }
    }

    /** PURGE for the address that clients use, sent to a cache that has another. */
    public static final class Purge extends CdnConnection {

        private final String host;

        /** Purges what clients ask {@code host} for, which may have a port. */
        public Purge(String host) {
            super(
                    "the cache",
                    "the cache must take PURGE from this machine; docs/operations.md has how",
                    "check caravan.purge.addresses: do these caches run, and take PURGE?");
            this.host = host;
        }

        @Override
        ClassicHttpRequest changed(ClassicHttpRequest request) throws URISyntaxException {
            ClassicHttpRequest purge = ClassicRequestBuilder.create("PURGE")
                    .setPath(request.getPath())
                    .setScheme(request.getScheme())
                    .setAuthority(URIAuthority.create(host))
                    .build();
            purge.setHeader("User-Agent", "caravan");
            return purge;
        }
    }

    /** Calls of whatever a route of the operator's own calls. */
    public static final class Plain extends CdnConnection {

        /** Calls that go out as the route makes them. */
        public Plain() {
            super(
                    "the service",
                    "it must know who calls: see what the route sends along",
                    "check the address in the route, and the network");
        }

        @Override
        ClassicHttpRequest changed(ClassicHttpRequest request) {
            return request;
        }
    }

    abstract ClassicHttpRequest changed(ClassicHttpRequest request) throws URISyntaxException;

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        builder.disableAutomaticRetries()
                .disableRedirectHandling()
                .addExecInterceptorFirst("caravan-cdn", this::exchange);
    }

    private ClassicHttpResponse exchange(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        // What follows the question mark may be a secret.
        String tried = (this instanceof Plain ? "call " : "invalidate ") + scope.route.getTargetHost()
                + request.getPath().replaceFirst("[?].*", "") + ": ";
        ClassicHttpResponse response;
        try {
            response = chain.proceed(changed(request), scope);
        } catch (IOException e) {
            throw said(new TransientException(
                    tried + "cannot reach " + who + " ("
                            + String.valueOf(e.getMessage()).replaceAll("\\s+", " ") + ")",
                    otherwise,
                    e));
        } catch (URISyntaxException e) {
            throw said(new WrongUsageException(tried + "not an address: " + e.getMessage(), otherwise, e));
        }
        Optional<CaravanException> failure =
                failureOf(tried + who + " answered with status " + response.getCode(), response);
        if (failure.isPresent()) {
            // Closing the answer would read it to its end, which need not come.
            scope.execRuntime.discardEndpoint();
            throw said(failure.get());
        }
        return response;
    }

    private Optional<CaravanException> failureOf(String message, ClassicHttpResponse response) {
        int status = response.getCode();
        if (status == 408 || status == 429 || status >= 500) {
            return Optional.of(new TransientException(message, "it is busy; it is tried again"));
        }
        // 404 and 412: a cache says that it had nothing to forget.
        boolean nothingKept = this instanceof Purge && (status == 404 || status == 412);
        if (status < 300 || nothingKept) {
            return Optional.empty();
        }
        return Optional.of(
                status == 401 || status == 403
                        ? new WrongUsageException(message, whenDenied)
                        : new FailedException(message, otherwise));
    }

    /** The form in which the HTTP client lets a failure through; whoever reports it looks for what is inside. */
    private static IOException said(CaravanException failure) {
        return new IOException(failure.getMessage(), failure);
    }
}
