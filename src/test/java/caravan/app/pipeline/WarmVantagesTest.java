package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.EdgeFront;
import caravan.app.warming.ForwardProxy;
import caravan.aws.Certificates;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How regions are reached: the address is the vantage's, everything else is that of the public name. */
@Timeout(120)
final class WarmVantagesTest {

    private static final int OBJECTS = 30;

    private static final String PUBLIC = "cdn.example.org";

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    private WarmBench bench;

    @BeforeEach
    void setUp() throws Exception {
        bench = new WarmBench(directory.resolve("bench"), URI.create("http://127.0.0.1:1"));
    }

    @AfterEach
    void tearDown() throws Exception {
        bench.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void edgeIsAskedByHostAndServerNameOfThePublicAddressAtItsOwnAddress() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, PUBLIC);
        EdgeFront edge = keep(EdgeFront.startTls("FRA50-C1", certificates.server()));
        WarmBench.fill(edge, OBJECTS);
        bench.set("caravan.public-url", "https://" + PUBLIC)
                .set("caravan.ca-file", certificates.pem().toString())
                .region("eu-central-1", edge.vantage() + ",expect=FRA");
        assertThat(warm().state()).isEqualTo(RegionState.OK);
        assertThat(edge.hosts()).hasSizeGreaterThan(OBJECTS).containsOnly(PUBLIC);
        assertThat(edge.namesInTls()).containsOnly(PUBLIC).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void edgeWithTheCertificateOfAnotherNameIsNotBelieved() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, "other.example.org");
        EdgeFront edge = keep(EdgeFront.startTls("FRA50-C1", certificates.server()));
        WarmBench.fill(edge, OBJECTS);
        bench.set("caravan.public-url", "https://" + PUBLIC)
                .set("caravan.ca-file", certificates.pem().toString())
                .set("caravan.warm.give-up-after", "2")
                .region("eu-central-1", edge.vantage());
        assertThat(warm().reason()).endsWith("no secure connection");
        assertThat(edge.requests()).isZero();
    }

    @Test
    void edgeOfSeveralAddressesIsReachedAtOneThatAnswers() throws Exception {
        EdgeFront edge = keep(WarmBench.front("FRA50-C1", OBJECTS));
        bench.region("eu-central-1", "edge:127.0.0.1:1;127.0.0.1:" + edge.port());
        assertThat(warm().state()).isEqualTo(RegionState.OK);
        assertThat(edge.hosts()).containsOnly(PUBLIC);
    }

    @Test
    void routesThatReplaceOthersWarmAsThoseDid() throws Exception {
        EdgeFront edge = keep(WarmBench.front("FRA50-C1", OBJECTS));
        bench.region("eu-central-1", "edge:127.0.0.1:" + edge.port());
        bench.loadRoutesAnew();
        assertThat(warm().state()).isEqualTo(RegionState.OK);
        bench.loadRoutesAnew();
        assertThat(warm().state()).isEqualTo(RegionState.OK);
    }

    @Test
    void edgeWhoseNameIsUnknownIsSaidToBe() throws Exception {
        bench.set("caravan.warm.give-up-after", "1").region("eu-central-1", "edge:no-such-host.invalid");
        assertThat(warm().reason()).endsWith("its name is unknown");
    }

    @Test
    void directVantageGoesWhereTheNameSystemSays() throws Exception {
        EdgeFront edge = keep(WarmBench.front("FRA50-C1", OBJECTS));
        bench.set("caravan.public-url", "http://localhost:" + edge.port()).region("here", "direct");
        RegionReport report = warm();
        assertThat(report.state()).isEqualTo(RegionState.OK);
        assertThat(report.via()).isEqualTo("direct");
        assertThat(report.warm().hitRatio()).isEqualTo(1);
    }

    @Test
    void tinyproxyIsGoneThrough() throws Exception {
        throughHttpProxy(keep(ForwardProxy.tinyproxy(directory)), "tinyproxy");
    }

    @Test
    void squidIsGoneThrough() throws Exception {
        throughHttpProxy(keep(ForwardProxy.squid(directory)), "squid");
    }

    @Test
    void proxyIsTunneledThroughToASecureEdge() throws Exception {
        Certificates certificates = Certificates.selfSigned(directory, "localhost");
        EdgeFront edge = keep(EdgeFront.startTls("FRA50-C1", certificates.server()));
        WarmBench.fill(edge, OBJECTS);
        ForwardProxy proxy = keep(ForwardProxy.tinyproxy(directory));
        bench.set("caravan.public-url", "https://localhost:" + edge.port())
                .set("caravan.ca-file", certificates.pem().toString())
                .region("eu-central-1", proxy.vantage());
        assertThat(warm().state()).isEqualTo(RegionState.OK);
        assertThat(proxy.output()).contains("CONNECT localhost:" + edge.port());
    }

    @Test
    void socksProxyResolvesThePublicNameItself() throws Exception {
        EdgeFront edge = keep(WarmBench.front("FRA50-C1", OBJECTS));
        ForwardProxy proxy = keep(ForwardProxy.socks(edge.port()));
        bench.region("eu-central-1", proxy.vantage());
        assertThat(warm().state()).isEqualTo(RegionState.OK);
        assertThat(proxy.names()).containsExactly(PUBLIC);
    }

    private void throughHttpProxy(ForwardProxy proxy, String name) throws Exception {
        EdgeFront edge = keep(WarmBench.front("FRA50-C1", OBJECTS));
        bench.set("caravan.public-url", "http://127.0.0.1:" + edge.port()).region("eu-central-1", proxy.vantage());
        RegionReport report = warm();
        assertThat(report.state()).as("%s", report).isEqualTo(RegionState.OK);
        assertThat(report.via()).isEqualTo("proxy");
        assertThat(edge.vias()).isNotEmpty().allMatch(via -> via.contains(name));
    }

    private RegionReport warm() throws Exception {
        return bench.warm(OBJECTS).get(0);
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }
}
