package caravan.app.warming;

import caravan.warm.Vantage.Door;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Answers for every name with the addresses of an edge, so that a connection goes there while request and certificate
 * are those of the public name. The edge's own name is resolved once, and again after {@link #forget}.
 */
final class PinnedDoors implements DnsResolver {

    private final List<Door> doors;

    private List<InetSocketAddress> known = List.of();

    private final Names names;

    /** Finds every address of a name. */
    @FunctionalInterface
    interface Names {
        InetAddress[] addressesOf(String name) throws UnknownHostException;
    }

    PinnedDoors(List<Door> doors) {
        this(doors, InetAddress::getAllByName);
    }

    PinnedDoors(List<Door> doors, Names names) {
        this.doors = List.copyOf(doors);
        this.names = names;
    }

    synchronized void forget() {
        known = List.of();
    }

    @Override
    public synchronized List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        if (known.isEmpty()) {
            known = lookUp();
        }
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetSocketAddress door : known) {
            addresses.add(new InetSocketAddress(door.getAddress(), door.getPort() == 0 ? port : door.getPort()));
        }
        return addresses;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return resolve(host, 0).stream().map(InetSocketAddress::getAddress).toArray(InetAddress[]::new);
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    private List<InetSocketAddress> lookUp() throws UnknownHostException {
        List<InetSocketAddress> found = new ArrayList<>();
        for (Door door : doors) {
            for (InetAddress address : names.addressesOf(door.host())) {
                found.add(new InetSocketAddress(address, door.port()));
            }
        }
        return found;
    }
}
