package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.warming.NginxEdges;
import caravan.failure.DamagedException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.restore.source.Retries;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real caches (nginx and Varnish, Debian packages) that keep something else than was published: who restores through them
 * gets around it, and is told which edge it was where that cannot be.
 */
@Timeout(120)
final class PoisonedCacheTest {

    private static final String POP = "FRA50-C1";

    @TempDir
    Path directory;

    private LocalS3 server;

    private FaultProxy origin;

    private SampleDatabase database;

    private Publisher publisher;

    private String chunk;

    private NginxEdges nginx;

    private Process varnish;

    @BeforeEach
    void publish() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        origin = FaultProxy.before(server.publicUrl());
        database = SampleDatabase.fill(directory.resolve("node"), "200KB");
        publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "p");
        publisher.publish();
        chunk = new PublishedBucket(
                        directory.resolve("s3").resolve(Publisher.BUCKET).resolve("p"), publisher.trusted())
                .chunkNames().stream().sorted().findFirst().orElseThrow();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (nginx != null) {
            nginx.close();
        }
        if (varnish != null) {
            varnish.destroy();
            varnish.waitFor();
        }
        origin.close();
        server.close();
    }

    @Test
    void wrongBytesThatNginxKeepsArePassedBy() throws Exception {
        URI edge = nginx();
        poison(edge, Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 10), 200);
        restore(edge);
        assertThat(origin.requests()).anyMatch(request -> request.target().contains(chunk + "?caravan-retry="));
    }

    @Test
    void absenceThatNginxKeepsIsPassedBy() throws Exception {
        URI edge = nginx();
        poison(edge, Fault.answer(404), 404);
        restore(edge);
    }

    @Test
    void answerThatIsCutOnItsWayToNginxIsAskedForAgain() throws Exception {
        URI edge = nginx();
        origin.next(FaultProxy.gets(chunk), Fault.body(Fault.Side.ANSWER, Fault.Harm.CUT, 10));
        restore(edge);
    }

    @Test
    void edgeThatServesWrongBytesWhateverIsAskedIsNamed() throws Exception {
        URI edge = nginx();
        origin.always(FaultProxy.gets(chunk), Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 10));
        assertThatThrownBy(() -> restore(edge))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(chunk)
                .hasMessageContaining(POP);
    }

    @Test
    void wrongBytesThatVarnishKeepsArePassedBy() throws Exception {
        URI edge = varnish();
        poison(edge, Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 10), 200);
        restore(edge);
    }

    @Test
    void absenceThatVarnishKeepsIsPassedBy() throws Exception {
        URI edge = varnish();
        poison(edge, Fault.answer(404), 404);
        restore(edge);
    }

    /** Has the cache keep what the origin says once, and shows that it does. */
    private void poison(URI edge, Fault once, int status) throws Exception {
        origin.next(FaultProxy.gets(chunk), once);
        byte[] first = get(edge, status);
        int asked = origin.requests().size();
        assertThat(get(edge, status)).isEqualTo(first);
        assertThat(origin.requests()).as("it came from the cache").hasSize(asked);
    }

    private byte[] get(URI edge, int status) throws Exception {
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(edge + "/p/" + chunk)).build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(status);
        return answer.body();
    }

    private void restore(URI edge) throws Exception {
        Path target = directory.resolve("restored");
        ClientSettings settings = ClientSettings.of(publisher.trusted(), directory.resolve("client"))
                .withPatience(
                        Duration.ofSeconds(10), new Retries(Duration.ofMillis(2), Duration.ofMillis(50), () -> 0.5));
        new Fetch(settings, Clock.systemUTC(), new Progress(), found -> {})
                .run(SnapshotLocation.parse(edge + "/p/demo"), target, Expectations.NONE);
        assertThat(target.resolve("db/full/CURRENT"))
                .hasSameBinaryContentAs(database.root().resolve("db/full/CURRENT"));
    }

    private URI nginx() throws Exception {
        nginx = NginxEdges.start(
                directory.resolve("edges"),
                URI.create(origin.endpoint() + server.publicUrl().getPath()),
                List.of(POP));
        return URI.create("http://127.0.0.1:" + nginx.port(POP));
    }

    private URI varnish() throws Exception {
        String program = "/usr/sbin/varnishd";
        assumeTrue(Files.isExecutable(Path.of(program)), "Varnish is not installed");
        int port = NginxEdges.freePort();
        varnish = new ProcessBuilder(
                        program,
                        "-F",
                        "-j",
                        "none",
                        "-n",
                        directory.resolve("varnish").toString(),
                        "-a",
                        "127.0.0.1:" + port,
                        "-b",
                        "127.0.0.1:" + origin.endpoint().getPort(),
                        "-s",
                        "malloc,32m")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("varnish.log").toFile())
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> new Socket(
                        InetAddress.getLoopbackAddress(), port)
                .close());
        return URI.create("http://127.0.0.1:" + port + server.publicUrl().getPath());
    }
}
