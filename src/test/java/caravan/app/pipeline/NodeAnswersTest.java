package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.app.routing.Patience;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What answers at an rpc-url and is no node, or is none any more. */
@Timeout(60)
final class NodeAnswersTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private final AtomicInteger asked = new AtomicInteger();

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final ExecutorService threads = Executors.newCachedThreadPool();

    private Publisher publisher;

    private HttpServer server;

    @BeforeEach
    void setUp() throws Exception {
        publisher = site.publisher();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
        publisher.set("caravan.database.demo.rpc-url", url());
        publisher.set("caravan.node.retry.attempts", "9").set("caravan.node.retry.delay", "1ms");
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void tearDown() {
        logger().detachAppender(log);
        server.stop(0);
        threads.shutdownNow();
    }

    @ParameterizedTest
    @CsvSource({
        "200, <html>Welcome to nginx</html>, it answered with no JSON object",
        "200, '[1,2]', it answered with no JSON object",
        "200, '{\"result\":', it answered with no JSON object",
        "302, moved, it answered with HTTP status 302",
        "500, broken, it answered with HTTP status 500",
    })
    void whatIsNoNodeIsAskedThreeTimesAndNamed(int status, String body, String said) {
        answer(exchange -> {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        });

        FailedException failure = catchThrowableOfType(FailedException.class, publisher::publish);

        assertThat(failure)
                .hasMessageStartingWith("asked the node of demo at " + url())
                .hasMessageContaining(said);
        assertThat(asked).hasValue(3);
        assertThat(lines())
                .containsExactly(
                        failure.getMessage() + ". It is tried again, 1 of 9",
                        failure.getMessage() + ". It is tried again, 2 of 9");
    }

    @Test
    void answerThatNeverEndsIsCutOff() {
        answer(exchange -> {
            exchange.sendResponseHeaders(200, 1L << 40);
            OutputStream out = exchange.getResponseBody();
            byte[] spaces = " ".repeat(1 << 16).getBytes(UTF_8);
            while (true) {
                out.write(spaces);
            }
        });

        CaravanException failure = catchThrowableOfType(CaravanException.class, publisher::publish);

        assertThat(failure).hasMessageContaining("its answer has more than");
    }

    @Test
    void waitForANodeThatIsDownEndsWhenTheProgramIsToldToStop() throws Exception {
        publisher.set("caravan.node.retry.delay", "1h");
        CountDownLatch first = new CountDownLatch(1);
        answer(exchange -> first.countDown());
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        try (PipelineBeans beans = new PipelineBeans(installation, installation.settings());
                Pipeline pipeline = Pipeline.load(installation, installation.settings(), beans, beans.probe(), false)) {
            pipeline.begin();
            Future<Throwable> end = threads.submit(() -> catchThrowableOfType(
                    TransientException.class,
                    () -> pipeline.publish(installation.settings().databases().get(0))));
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
            pipeline.stop();

            assertThat(end.get(30, TimeUnit.SECONDS)).hasMessageContaining("asked the node of demo");
        }
        assertThat(asked).hasValue(1);
    }

    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    /** Each connection is closed after one answer, so that nothing is asked a second time by the client itself. */
    private void answer(Answer answer) {
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                asked.incrementAndGet();
                answer.to(exchange);
            }
        });
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger(Patience.class);
    }
}
