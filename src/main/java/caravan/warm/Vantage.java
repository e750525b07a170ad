package caravan.warm;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The place from which an edge is reached. Its text form, in {@code caravan.warm.region.<name>.via}:
 *
 * <ul>
 *   <li>{@code direct}: from this machine, as the name system says;
 *   <li>{@code edge:<host or address>[:<port>][;<another>…][,expect=<prefix>]}: this machine connects to those, but
 *       asks for the public name, as if the name system had given them; what another POP than the expected one answers
 *       does not count;
 *   <li>{@code proxy:<address>}: through a proxy in the region, {@code http://host:port} or {@code socks5://host:port};
 *   <li>{@code queue:<name>}: by workers in the region, which take jobs from that queue.
 * </ul>
 */
public sealed interface Vantage {

    /** What the report says of it, which never tells an address. */
    String kind();

    /** Prefix of the only POP names that count; empty if all do. */
    default String expectedPop() {
        return "";
    }

    /** From here. */
    record Direct() implements Vantage {

        @Override
        public String kind() {
            return "direct";
        }
    }

    /**
     * Through these addresses.
     *
     * @param doors at least one; names are resolved anew for each run
     * @param expectedPop see {@link Vantage#expectedPop}
     */
    record Edge(List<Door> doors, String expectedPop) implements Vantage {

        /** Checks that there is a door. */
        public Edge {
            doors = List.copyOf(doors);
            requireNonNull(expectedPop, "expectedPop");
            if (doors.isEmpty()) {
                throw new IllegalArgumentException("edge: needs an address, as edge:d111.fra.example.net,expect=FRA");
            }
        }

        @Override
        public String kind() {
            return "edge";
        }
    }

    /**
     * A host to connect to.
     *
     * @param host name or address, without brackets
     * @param port 0 for that of the public address
     */
    record Door(String host, int port) {

        /** Checks the port. */
        public Door {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("there is no port " + port);
            }
        }
    }

    /** Through a proxy at {@code address}. */
    record Proxy(URI address) implements Vantage {

        private static final Set<String> SCHEMES = Set.of("http", "socks", "socks5");

        /** Checks what the address must have. */
        public Proxy {
            if (address.getScheme() == null || !SCHEMES.contains(address.getScheme())) {
                throw new IllegalArgumentException("a proxy is http://host:port or socks5://host:port");
            }
            if (address.getHost() == null || address.getPort() < 1) {
                throw new IllegalArgumentException("the address of a proxy has a host and a port");
            }
            if (address.getUserInfo() != null) {
                throw new IllegalArgumentException(
                        "the address of a proxy holds no password; let it know this machine by its address");
            }
        }

        /** Whether it speaks SOCKS, and not HTTP. */
        public boolean isSocks() {
            return address.getScheme().startsWith("socks");
        }

        @Override
        public String kind() {
            return "proxy";
        }
    }

    /** By workers that take jobs from the queue called {@code name}. */
    record Queue(String name) implements Vantage {

        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

        /** Checks the name. */
        public Queue {
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException("a queue is called by 1 to 64 letters, digits, - and _");
            }
        }

        @Override
        public String kind() {
            return "queue";
        }
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException with what was expected
     */
    static Vantage parse(String text) {
        if (text.equals("direct")) {
            return new Direct();
        }
        if (text.startsWith("edge:")) {
            return edge(text.substring("edge:".length()));
        }
        if (text.startsWith("queue:")) {
            return new Queue(text.substring("queue:".length()));
        }
        if (text.startsWith("proxy:")) {
            try {
                return new Proxy(new URI(text.substring("proxy:".length())));
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("not the address of a proxy: " + e.getReason(), e);
            }
        }
        throw new IllegalArgumentException(
                "direct, edge:<addresses>[,expect=<POP>], proxy:<address> or queue:<name> is expected");
    }

    private static Edge edge(String text) {
        List<Door> doors = new ArrayList<>();
        String expected = "";
        for (String part : text.split("[,;]", -1)) {
            String word = part.strip();
            if (word.startsWith("expect=")) {
                expected = word.substring("expect=".length()).toUpperCase(Locale.ROOT);
                if (!expected.matches("[A-Z0-9-]{1,16}")) {
                    throw new IllegalArgumentException("expect= names the beginning of a POP, as expect=FRA");
                }
            } else if (word.contains("=")) {
                throw new IllegalArgumentException("an edge has no option but expect=");
            } else {
                doors.add(door(word));
            }
        }
        return new Edge(doors, expected);
    }

    private static Door door(String text) {
        boolean plainIpv6 = text.indexOf(':') != text.lastIndexOf(':') && !text.startsWith("[");
        try {
            URI uri = new URI("edge://" + (plainIpv6 ? "[" + text + "]" : text));
            if (uri.getHost() == null || !uri.getPath().isEmpty() || uri.getUserInfo() != null) {
                throw new IllegalArgumentException("\"" + text + "\" is no host, address or host:port");
            }
            return new Door(uri.getHost().replaceAll("[\\[\\]]", ""), Math.max(uri.getPort(), 0));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no host, address or host:port", e);
        }
    }
}
