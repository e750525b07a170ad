package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.warm.Vantage.Door;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class PinnedDoorsTest {

    private final Map<String, String> names = new ConcurrentHashMap<>(Map.of("fra.example", "10.0.0.1"));

    private final PinnedDoors doors =
            new PinnedDoors(List.of(new Door("fra.example", 0), new Door("gru.example", 8443)), this::addressesOf);

    @Test
    void addressesAreThoseOfTheEdgeWhateverNameIsAskedForAndLookedUpAnewForEachRun() throws Exception {
        names.put("gru.example", "10.0.0.2");
        assertThat(doors.resolve("cdn.example.org", 443)).containsExactly(at("10.0.0.1", 443), at("10.0.0.2", 8443));

        names.put("fra.example", "10.0.0.9");
        assertThat(doors.resolve("cdn.example.org", 443))
                .as("the same as long as the run goes on")
                .containsExactly(at("10.0.0.1", 443), at("10.0.0.2", 8443));

        doors.forget();
        assertThat(doors.resolve("cdn.example.org", 443)).containsExactly(at("10.0.0.9", 443), at("10.0.0.2", 8443));
    }

    private InetAddress[] addressesOf(String name) throws UnknownHostException {
        return new InetAddress[] {InetAddress.getByName(names.get(name))};
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }
}
