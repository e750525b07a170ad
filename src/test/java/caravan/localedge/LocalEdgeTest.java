package caravan.localedge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.pace.MovableClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One edge before an origin that does as told, asked as any client would ask it. */
@Timeout(60)
final class LocalEdgeTest {

    private static final String FOREVER = "public, max-age=31536000, immutable, no-transform";

    private static final byte[] CONTENT = "0123456789".getBytes(US_ASCII);

    private final HttpClient http = HttpClient.newHttpClient();

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-22T08:33:00Z"));

    private ScriptedOrigin origin;

    private LocalEdges edges;

    private LocalEdge edge;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws Exception {
        origin = new ScriptedOrigin();
        start(Distance.NONE, 1_000_000_000);
    }

    @AfterEach
    void stop() {
        edges.close();
        origin.close();
    }

    @Test
    void firstViewerMissesAndTheNextOneHits() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);

        HttpResponse<byte[]> first = get("/a");
        clock.advance(Duration.ofSeconds(7));
        HttpResponse<byte[]> second = get("/a");

        assertThat(first.body()).isEqualTo(CONTENT);
        assertThat(second.body()).isEqualTo(CONTENT);
        assertThat(header(first, "X-Cache")).isEqualTo("Miss from cloudfront");
        assertThat(first.headers().firstValue("Age")).isEmpty();
        assertThat(header(second, "X-Cache")).isEqualTo("Hit from cloudfront");
        assertThat(header(second, "Age")).isEqualTo("7");
        for (HttpResponse<byte[]> answer : List.of(first, second)) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(header(answer, "X-Amz-Cf-Pop")).isEqualTo("IAD89-P1");
            assertThat(header(answer, "Via")).endsWith(".cloudfront.net (CloudFront)");
            assertThat(header(answer, "ETag")).isEqualTo("\"1\"");
            assertThat(header(answer, "Cache-Control")).isEqualTo(FOREVER);
            assertThat(header(answer, "Content-Length")).isEqualTo("10");
        }
        assertThat(origin.timesAsked("/a")).isEqualTo(1);
        Awaitility.await().until(() -> edge.traffic().equals(new EdgeTraffic(2, 1, 0, 1, 0, 20, 1, 10)));
    }

    @Test
    void emptyObjectIsKeptToo() throws Exception {
        origin.object("/empty", new byte[0], "\"e\"", FOREVER);

        assertThat(get("/empty").body()).isEmpty();
        assertThat(header(get("/empty"), "X-Cache")).isEqualTo("Hit from cloudfront");
    }

    @Test
    void afterItsTimeAnObjectThatHasNotChangedIsRefreshed() throws Exception {
        origin.object("/latest", CONTENT, "\"1\"", "max-age=60");
        get("/latest");
        clock.advance(Duration.ofSeconds(59));
        assertThat(header(get("/latest"), "X-Cache")).isEqualTo("Hit from cloudfront");

        clock.advance(Duration.ofSeconds(1));
        HttpResponse<byte[]> refreshed = get("/latest");

        assertThat(header(refreshed, "X-Cache")).isEqualTo("RefreshHit from cloudfront");
        assertThat(refreshed.body()).isEqualTo(CONTENT);
        assertThat(origin.asked().get(1).headers()).containsEntry("If-none-match", List.of("\"1\""));
        assertThat(header(get("/latest"), "X-Cache")).isEqualTo("Hit from cloudfront");
        assertThat(edge.traffic().bytesFromOrigin()).isEqualTo(10);
    }

    @Test
    void afterItsTimeAnObjectThatHasChangedIsFetchedAnew() throws Exception {
        origin.object("/latest", CONTENT, "\"1\"", "max-age=60");
        get("/latest");
        origin.object("/latest", "new".getBytes(US_ASCII), "\"2\"", "max-age=60");
        assertThat(get("/latest").body()).isEqualTo(CONTENT);

        clock.advance(Duration.ofSeconds(60));

        HttpResponse<byte[]> renewed = get("/latest");
        assertThat(header(renewed, "X-Cache")).isEqualTo("Miss from cloudfront");
        assertThat(renewed.body()).asString(US_ASCII).isEqualTo("new");
        Awaitility.await().until(() -> edge.bytesKept() == 3);
    }

    @Test
    void objectThatMustNotBeKeptIsFetchedEachTime() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", "no-store");

        get("/a");

        assertThat(get("/a").body()).isEqualTo(CONTENT);
        assertThat(origin.timesAsked("/a")).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"403, no-store", "403, ''", "404, ''", "500, ''", "503, ''"})
    void errorIsKeptForTenSeconds(int status, String cacheControl) throws Exception {
        origin.status("/chunk", status, cacheControl);
        HttpResponse<byte[]> first = get("/chunk");
        origin.object("/chunk", CONTENT, "\"1\"", FOREVER);
        clock.advance(Duration.ofSeconds(9));
        HttpResponse<byte[]> second = get("/chunk");
        clock.advance(Duration.ofSeconds(1));

        assertThat(first.statusCode()).isEqualTo(status);
        assertThat(header(first, "X-Cache")).isEqualTo("Error from cloudfront");
        assertThat(second.statusCode()).isEqualTo(status);
        assertThat(header(second, "X-Cache")).isEqualTo("Error from cloudfront");
        assertThat(header(second, "Age")).isEqualTo("9");
        assertThat(get("/chunk").statusCode()).isEqualTo(200);
    }

    @Test
    void originsWishNotToKeepANotFoundIsHeard() throws Exception {
        origin.status("/chunk", 404, "no-store");
        get("/chunk");
        origin.object("/chunk", CONTENT, "\"1\"", FOREVER);

        assertThat(get("/chunk").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=2-4,     206, 234,        bytes 2-4/10",
        "bytes=7-,      206, 789,        bytes 7-9/10",
        "bytes=-3,      206, 789,        bytes 7-9/10",
        "bytes=0-99,    206, 0123456789, bytes 0-9/10",
        "bytes=10-,     416, '',         bytes */10",
        "bytes=-0,      416, '',         bytes */10",
        "'bytes=1-2,4-5', 200, 0123456789, ''",
        "bytes=5-2,     200, 0123456789, ''",
        "lines=1-2,     200, 0123456789, ''",
    })
    void rangesAreCutFromTheWholeObject(String range, int status, String body, String contentRange) throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);

        for (String expected : List.of("Miss from cloudfront", "Hit from cloudfront")) {
            HttpResponse<byte[]> answer = get("/a", "Range", range);
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.body()).asString(US_ASCII).isEqualTo(body);
            assertThat(answer.headers().firstValue("Content-Range").orElse("")).isEqualTo(contentRange);
            assertThat(header(answer, "X-Cache")).isEqualTo(expected);
            Awaitility.await().until(() -> edge.bytesKept() == CONTENT.length);
        }
        assertThat(origin.asked()).hasSize(1);
        assertThat(origin.asked().get(0).headers()).doesNotContainKey("Range");
    }

    @Test
    void partThatFitsToNothingAViewerHasIsTheWhole() throws Exception {
        origin.object("/a", CONTENT, "\"2\"", FOREVER);

        assertThat(get("/a", "Range", "bytes=2-4", "If-Range", "\"1\"").statusCode())
                .isEqualTo(200);
        assertThat(get("/a", "Range", "bytes=2-4", "If-Range", "\"2\"").statusCode())
                .isEqualTo(206);
    }

    @ParameterizedTest
    @CsvSource({
        "If-None-Match,     '\"0\", W/\"1\"',                304",
        "If-None-Match,     '\"0\"',                         200",
        "If-None-Match,     *,                               304",
        "If-Modified-Since, 'Sun, 22 Nov 2026 08:33:00 GMT', 304",
        "If-Modified-Since, 'Sun, 22 Nov 2026 08:32:59 GMT', 200",
        "If-Modified-Since, yesterday,                       200",
    })
    void viewerThatHasItIsToldSo(String name, String value, int status) throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);

        HttpResponse<byte[]> answer = get("/a", name, value);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).hasSize(status == 304 ? 0 : 10);
        assertThat(header(answer, "ETag")).isEqualTo("\"1\"");
        assertThat(header(answer, "X-Cache")).isEqualTo("Miss from cloudfront");
    }

    @Test
    void headIsAnsweredFromTheCacheAndFillsItNever() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);

        HttpResponse<byte[]> cold = head("/a");
        get("/a");
        HttpResponse<byte[]> warm = head("/a");

        assertThat(header(cold, "X-Cache")).isEqualTo("Miss from cloudfront");
        assertThat(header(warm, "X-Cache")).isEqualTo("Hit from cloudfront");
        assertThat(header(cold, "Content-Length")).isEqualTo("10");
        assertThat(header(warm, "Content-Length")).isEqualTo("10");
        assertThat(origin.asked()).extracting(ScriptedOrigin.Asked::method).containsExactly("HEAD", "GET");
    }

    @Test
    void queryNamesAnotherObjectAndStaysHere() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        get("/a");

        HttpResponse<byte[]> busted = get("/a?caravan-retry=1");

        assertThat(header(busted, "X-Cache")).isEqualTo("Miss from cloudfront");
        assertThat(busted.body()).isEqualTo(CONTENT);
        assertThat(origin.asked()).extracting(ScriptedOrigin.Asked::target).containsExactly("/a", "/a");
    }

    @Test
    void viewersWhoAskAtOnceShareOneRequestToTheOrigin() throws Exception {
        byte[] large = random(300_000);
        CountDownLatch go = new CountDownLatch(1);
        origin.on("/large", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", FOREVER);
            exchange.sendResponseHeaders(200, large.length);
            exchange.getResponseBody().write(large, 0, 1000);
            exchange.getResponseBody().flush();
            go.await();
            exchange.getResponseBody().write(large, 1000, large.length - 1000);
        });

        List<CompletableFuture<HttpResponse<byte[]>>> viewers = new ArrayList<>();
        for (int count = 0; count < 20; count++) {
            viewers.add(http.sendAsync(request("/large").build(), BodyHandlers.ofByteArray()));
        }
        Awaitility.await().until(() -> edge.traffic().misses() == 20);
        go.countDown();

        for (CompletableFuture<HttpResponse<byte[]>> viewer : viewers) {
            assertThat(viewer.get().body()).isEqualTo(large);
            assertThat(header(viewer.get(), "X-Cache")).isEqualTo("Miss from cloudfront");
        }
        assertThat(origin.timesAsked("/large")).isEqualTo(1);
        assertThat(edge.traffic().bytesFromOrigin()).isEqualTo(300_000);
    }

    @Test
    void bytesGoOnToTheViewerWhileTheOriginIsStillSending() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        origin.on("/slow", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write('a');
            exchange.getResponseBody().flush();
            seen.await();
            exchange.getResponseBody().write('b');
        });

        HttpResponse<InputStream> answer = http.send(request("/slow").build(), BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            assertThat(body.read()).isEqualTo('a');
            seen.countDown();
            assertThat(body.read()).isEqualTo('b');
            assertThat(body.read()).isEqualTo(-1);
        }
    }

    @Test
    void viewerThatLeavesDoesNotEndTheFill() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        byte[] large = random(2_000_000);
        origin.on("/large", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", FOREVER);
            exchange.sendResponseHeaders(200, large.length);
            exchange.getResponseBody().write(large, 0, 1);
            exchange.getResponseBody().flush();
            left.await();
            exchange.getResponseBody().write(large, 1, large.length - 1);
        });

        HttpResponse<InputStream> answer = http.send(request("/large").build(), BodyHandlers.ofInputStream());
        answer.body().close();
        left.countDown();

        Awaitility.await().until(() -> edge.bytesKept() == large.length);
        HttpResponse<byte[]> next = get("/large");
        assertThat(header(next, "X-Cache")).isIn("Hit from cloudfront", "Miss from cloudfront");
        assertThat(next.body()).isEqualTo(large);
        assertThat(origin.timesAsked("/large")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 10\r\n\r\n0123", "Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n"})
    void bodyThatTheOriginBreaksOffIsNeverKept(String brokenOff) throws Exception {
        String whole = "Content-Length: 10\r\n\r\n0123456789";
        try (AnswersInTurn rude = new AnswersInTurn(brokenOff, whole)) {
            edges.close();
            start(rude.address(), Distance.NONE, 1_000_000_000);

            // A viewer who comes when the origin has broken off already is not let down: the edge asks again.
            String came = raw("/chunk");
            boolean brokeOff = !came.endsWith("0123456789");
            if (brokeOff) {
                assertThat(came).contains("0123").doesNotEndWith("\r\n0\r\n\r\n");
                Awaitility.await().until(() -> edge.bytesKept() == 0);
            }

            HttpResponse<byte[]> next = get("/chunk");
            assertThat(header(next, "X-Cache")).isEqualTo((brokeOff ? "Miss" : "Hit") + " from cloudfront");
            assertThat(next.body()).isEqualTo(CONTENT);
            Awaitility.await().until(() -> bytesOnDisk() == 10);
        }
    }

    @Test
    void bodyOfUnknownLengthIsKeptWhenItCameToItsEnd() throws Exception {
        origin.on("/page", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", FOREVER);
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(CONTENT);
        });

        assertThat(get("/page").body()).isEqualTo(CONTENT);
        HttpResponse<byte[]> second = get("/page", "Range", "bytes=0-1");
        assertThat(header(second, "X-Cache")).isEqualTo("Hit from cloudfront");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(CONTENT);
    }

    @Test
    void leastRecentlyUsedGoesWhenTheDiskIsFull() throws Exception {
        restart(Distance.NONE, 25);
        for (String name : List.of("/a", "/b", "/c")) {
            origin.object(name, CONTENT, "\"1\"", FOREVER);
        }
        get("/a");
        get("/b");
        get("/a");
        get("/c");

        Awaitility.await().until(() -> edge.bytesKept() == 20);
        assertThat(header(get("/a"), "X-Cache")).isEqualTo("Hit from cloudfront");
        assertThat(header(get("/b"), "X-Cache")).isEqualTo("Miss from cloudfront");
        Awaitility.await().until(() -> bytesOnDisk() == 20);
    }

    @Test
    void objectThatIsLargerThanTheDiskPassesThrough() throws Exception {
        restart(Distance.NONE, 1_000_000);
        byte[] large = random(3_000_000);
        origin.object("/large", large, "\"1\"", FOREVER);

        assertThat(get("/large").body()).isEqualTo(large);
        Awaitility.await().until(() -> edge.bytesKept() == 0);

        assertThat(header(get("/large"), "X-Cache")).isEqualTo("Miss from cloudfront");
        Awaitility.await().until(() -> bytesOnDisk() == 0);
    }

    @Test
    void whileTheOriginIsAwayWhatIsStaleIsGivenAndTheRestIsAnError() throws Exception {
        origin.object("/latest", CONTENT, "\"1\"", "max-age=60");
        get("/latest");
        clock.advance(Duration.ofSeconds(90));
        origin.close();

        HttpResponse<byte[]> stale = get("/latest");
        HttpResponse<byte[]> unknown = get("/other");

        assertThat(stale.statusCode()).isEqualTo(200);
        assertThat(header(stale, "Age")).isEqualTo("90");
        assertThat(stale.body()).isEqualTo(CONTENT);
        assertThat(unknown.statusCode()).isEqualTo(502);
        assertThat(header(unknown, "X-Cache")).isEqualTo("Error from cloudfront");
    }

    @Test
    void nothingIsWrittenThroughAnEdge() throws Exception {
        HttpResponse<byte[]> answer =
                http.send(request("/a").PUT(BodyPublishers.ofString("x")).build(), BodyHandlers.ofByteArray());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(origin.asked()).isEmpty();
    }

    @Test
    void connectionIsUsedAgain() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);

        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), edge.address().getPort())) {
            for (int count = 0; count < 3; count++) {
                socket.getOutputStream().write("GET /a HTTP/1.1\r\nHost: cdn\r\n\r\n".getBytes(US_ASCII));
                StringBuilder answer = new StringBuilder();
                while (!answer.toString().endsWith("\r\n\r\n0123456789")) {
                    answer.append((char) socket.getInputStream().read());
                }
                assertThat(answer).startsWith("HTTP/1.1 200 OK").contains("X-Amz-Cf-Pop: IAD89-P1");
            }
        }
    }

    @Test
    void missCostsTheDistanceToTheOriginAndAHitDoesNot() throws Exception {
        restart(new Distance(Duration.ofMillis(300), 1_000_000), 1_000_000_000);
        origin.object("/a", random(500_000), "\"1\"", FOREVER);

        long cold = nanosOf("/a");
        long warm = nanosOf("/a");

        // 100 ms of the half second may come as a burst.
        assertThat(cold).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(warm).isLessThan(cold);
        assertThat(edge.traffic().originRequests()).isEqualTo(1);
    }

    @Test
    void deadEdgeHangsUp() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        edge.set(new EdgeFault.Dead());
        assertThatThrownBy(() -> get("/a")).isInstanceOf(IOException.class);

        edge.set(EdgeFault.NONE);
        assertThat(get("/a").statusCode()).isEqualTo(200);
    }

    @Test
    void truncatingEdgeBreaksOffEachTime() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        edge.set(new EdgeFault.Truncating(4));

        for (int count = 0; count < 2; count++) {
            HttpResponse<InputStream> answer = http.send(request("/a").build(), BodyHandlers.ofInputStream());
            assertThat(header(answer, "Content-Length")).isEqualTo("10");
            try (InputStream body = answer.body()) {
                assertThat(body.readNBytes(4)).asString(US_ASCII).isEqualTo("0123");
                assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void corruptingEdgeSendsTheRightLengthOfWrongBytes() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        edge.set(new EdgeFault.Corrupting());

        assertThat(get("/a").body()).hasSize(10).isNotEqualTo(CONTENT);
        edge.set(EdgeFault.NONE);
        assertThat(get("/a").body()).isEqualTo(CONTENT);
    }

    @Test
    void slowEdgeTakesItsTimeAndFailingEdgeSaysSo() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        edge.set(new EdgeFault.Slow(Duration.ofMillis(200)));
        assertThat(nanosOf("/a")).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(200));

        edge.set(new EdgeFault.Failing(503));
        HttpResponse<byte[]> failed = get("/a");
        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(header(failed, "X-Cache")).isEqualTo("Error from cloudfront");
    }

    @Test
    void whatEarlierEdgesKeptIsGoneAfterTheNextStart() throws Exception {
        origin.object("/a", CONTENT, "\"1\"", FOREVER);
        get("/a");
        Awaitility.await().until(() -> bytesOnDisk() == 10);

        restart(Distance.NONE, 1_000_000_000);

        assertThat(bytesOnDisk()).isZero();
        assertThat(header(get("/a"), "X-Cache")).isEqualTo("Miss from cloudfront");
    }

    private void restart(Distance distance, long bytes) throws Exception {
        edges.close();
        start(distance, bytes);
    }

    private void start(Distance distance, long bytes) throws Exception {
        start(origin.address(), distance, bytes);
    }

    private void start(URI address, Distance distance, long bytes) throws Exception {
        EdgeLocation place = EdgeLocation.FIVE.get(0).at(distance);
        edges = LocalEdges.start(new LocalEdges.Setup(directory, address, List.of(place), bytes, Duration.ZERO, clock));
        edge = edges.in("us-east-1");
    }

    private HttpRequest.Builder request(String target) {
        return HttpRequest.newBuilder(URI.create(edge.address() + target));
    }

    private HttpResponse<byte[]> get(String target, String... headers) throws Exception {
        HttpRequest.Builder request = request(target);
        return http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofByteArray());
    }

    /** All that comes until the edge hangs up. */
    private String raw(String target) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), edge.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: cdn\r\nConnection: close\r\n\r\n")
                            .getBytes(US_ASCII));
            ByteArrayOutputStream came = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(came);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("the edge does not hang up after: " + came.toString(US_ASCII), e);
            }
            return came.toString(US_ASCII);
        }
    }

    private HttpResponse<byte[]> head(String target) throws Exception {
        return http.send(request(target).method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofByteArray());
    }

    private long nanosOf(String target) throws Exception {
        long begin = System.nanoTime();
        get(target);
        return System.nanoTime() - begin;
    }

    private long bytesOnDisk() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers()
                .firstValue(name)
                .orElseThrow(() -> new AssertionError(
                        "no " + name + " in " + answer.headers().map()));
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
