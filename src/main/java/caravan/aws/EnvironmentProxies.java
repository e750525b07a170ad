package caravan.aws;

import java.util.Locale;
import java.util.Optional;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.Credentials;
import org.apache.hc.client5.http.auth.CredentialsProvider;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import software.amazon.awssdk.utils.ProxyConfigProvider;

/** The proxy that system properties or the environment name, as every SDK client of AWS takes it. */
final class EnvironmentProxies extends DefaultRoutePlanner implements CredentialsProvider {

    EnvironmentProxies() {
        super(null);
    }

    @Override
    protected HttpHost determineProxy(HttpHost target, HttpContext context) {
        return named(target.getSchemeName())
                .filter(proxy -> proxy.nonProxyHosts().stream()
                        .noneMatch(direct ->
                                target.getHostName().toLowerCase(Locale.ROOT).matches(direct)))
                .map(proxy -> new HttpHost(proxy.host(), proxy.port()))
                .orElse(null);
    }

    @Override
    public Credentials getCredentials(AuthScope scope, HttpContext context) {
        return named("https")
                .or(() -> named("http"))
                .filter(proxy -> proxy.host().equalsIgnoreCase(scope.getHost()) && proxy.port() == scope.getPort())
                .filter(proxy -> proxy.userName().isPresent())
                .map(proxy -> new UsernamePasswordCredentials(
                        proxy.userName().get(), proxy.password().orElse("").toCharArray()))
                .orElse(null);
    }

    private static Optional<ProxyConfigProvider> named(String scheme) {
        return Optional.ofNullable(ProxyConfigProvider.fromSystemEnvironmentSettings(true, true, scheme))
                .filter(proxy -> proxy.host() != null && !proxy.host().isBlank() && proxy.port() > 0);
    }
}
