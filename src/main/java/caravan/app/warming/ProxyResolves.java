package caravan.app.warming;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/** Leaves names as they are, so that the SOCKS proxy resolves them where it is. */
final class ProxyResolves implements DnsResolver {

    @Override
    public List<InetSocketAddress> resolve(String host, int port) {
        return List.of(InetSocketAddress.createUnresolved(host, port));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        throw new UnknownHostException(host + " is resolved by the proxy");
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
