package caravan.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.warm.Vantage.Door;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VantageTest {

    @Test
    void edgesAreHostsAndAddressesWithPortsAndAnExpectedPop() {
        assertThat(Vantage.parse("edge:d1.fra.example.net; 192.0.2.1:8443,[2001:db8::1]:444;2001:db8::2,expect=fra"))
                .isEqualTo(new Vantage.Edge(
                        List.of(
                                new Door("d1.fra.example.net", 0),
                                new Door("192.0.2.1", 8443),
                                new Door("2001:db8::1", 444),
                                new Door("2001:db8::2", 0)),
                        "FRA"));
    }

    @Test
    void proxiesAreHttpOrSocks() {
        assertThat(Vantage.parse("proxy:http://fra.example.net:3128"))
                .isEqualTo(new Vantage.Proxy(URI.create("http://fra.example.net:3128")));
        assertThat(((Vantage.Proxy) Vantage.parse("proxy:socks5://10.0.0.1:1080")).isSocks())
                .isTrue();
        assertThat(Vantage.parse("direct").kind()).isEqualTo("direct");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Direct",
                "edge:",
                "edge:expect=FRA",
                "edge:a,want=FRA",
                "edge:a,expect=F R",
                "edge:a/b",
                "edge:u@a",
                "edge:a:99999999",
                "edge:a;;b",
                "proxy:fra:3128",
                "proxy:http://fra",
                "proxy:https://fra:3128",
                "proxy:http://user:secret@fra:3128",
                "queue:",
                "queue:https://sqs",
            })
    void whatIsNoVantageIsRefused(String text) {
        assertThatThrownBy(() -> Vantage.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(
                        failure -> assertThat(failure.getMessage()).isNotBlank().doesNotContain("secret"));
    }

    @Test
    void fiveRegionsOfTheShippedSettingsAreReadyToBeUsed() throws Exception {
        Map<String, String> ready = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("config/application.properties"))) {
            if (line.startsWith("# caravan.warm.region")) {
                ready.put(line.substring(2, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            }
        }
        List<String> names = List.of(ready.remove("caravan.warm.regions").split(","));
        assertThat(names).containsExactly("us-east-1", "sa-east-1", "ap-southeast-2", "eu-central-1", "ap-northeast-1");
        assertThat(ready).hasSize(names.size());
        List<String> places = new ArrayList<>();
        for (String name : names) {
            Vantage.Edge edge = (Vantage.Edge) Vantage.parse(ready.get("caravan.warm.region." + name + ".via"));
            assertThat(edge.doors()).hasSize(1);
            assertThat(edge.doors().get(0).host())
                    .matches("d111111abcdef8\\." + edge.expectedPop().toLowerCase(Locale.ROOT)
                            + "\\d+-c1\\.cloudfront\\.net");
            places.add(edge.expectedPop());
        }
        assertThat(places).containsExactly("IAD", "GRU", "SYD", "FRA", "NRT");
    }
}
