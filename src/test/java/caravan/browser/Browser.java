package caravan.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Headless Chromium, driven through Debian's {@code chromedriver} by the WebDriver protocol. It writes down what pages log
 * and every address that they ask for.
 */
public final class Browser implements AutoCloseable {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "chrome");

    private static final Pattern PORT = Pattern.compile("started successfully on port (\\d+)");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

    private final Process driver;

    private final URI session;

    private Browser(Process driver, URI session) {
        this.driver = driver;
        this.session = session;
    }

    /** Starts one, or skips the test with the reason if there is none on this machine. */
    public static Browser startOrSkip(Path profile) throws Exception {
        Optional<Path> chromium = NAMES.stream().flatMap(Browser::onPath).findFirst();
        Optional<Path> driver = onPath("chromedriver").findFirst();
        assumeTrue(
                chromium.isPresent() && driver.isPresent(),
                "chromium or chromedriver is not installed (Debian: apt-get install chromium chromium-driver), so the page"
                        + " cannot be looked at");
        Process process = new ProcessBuilder(driver.get().toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        try {
            return begin(process, chromium.get(), profile);
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Opens a page and returns when it is loaded; what it fetches later may be under way. */
    public void open(String url) throws Exception {
        command("POST", "url", Map.of("url", url));
    }

    /** What the body of a function returns on the page. */
    public JsonNode run(String body) throws Exception {
        return command("POST", "execute/sync", Map.of("script", body, "args", List.of()));
    }

    /** What the promise that the body of a function returns comes to. */
    public JsonNode await(String expression) throws Exception {
        String body = "const done = arguments[0]; Promise.resolve(" + expression + ").then(done, e => done('' + e));";
        return command("POST", "execute/async", Map.of("script", body, "args", List.of()));
    }

    /** Returns when {@code condition} is true on the page; fails after a minute. */
    public void until(String condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!run("return Boolean(" + condition + ")").asBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never became true: " + condition + "; the page says: "
                        + run("return document.body.innerText").asText());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /** Clicks as a mouse does, which scripts cannot. */
    public void click(String selector) throws Exception {
        command("POST", "element/" + element(selector) + "/click", Map.of());
    }

    /** Types into an element, which gets the focus. {@code \uE007} is Enter. */
    public void type(String selector, String keys) throws Exception {
        command("POST", "element/" + element(selector) + "/value", Map.of("text", keys));
    }

    /** Shows pages on a screen of that size, in CSS pixels. */
    public void resize(int width, int height, boolean phone) throws Exception {
        devTools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
    }

    /** What the user asked of all pages: {@code prefers-color-scheme} and the like. */
    public void prefer(String feature, String value) throws Exception {
        devTools("Emulation.setEmulatedMedia", Map.of("features", List.of(Map.of("name", feature, "value", value))));
    }

    /** Lets pages read and write the clipboard. */
    public void allowClipboard() throws Exception {
        devTools(
                "Browser.grantPermissions",
                Map.of("permissions", List.of("clipboardReadWrite", "clipboardSanitizedWrite")));
    }

    /** The whole page as a picture. */
    public void photograph(Path file) throws Exception {
        JsonNode picture = devTools("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(picture.get("data").asText()));
    }

    /** What pages logged since this was last asked: errors, and what their security policy refused. */
    public List<String> console() throws Exception {
        List<String> lines = new ArrayList<>();
        for (JsonNode entry : command("POST", "se/log", Map.of("type", "browser"))) {
            lines.add(entry.get("level").asText() + " " + entry.get("message").asText());
        }
        return lines;
    }

    /** Addresses that pages asked for since this was last asked, favicons and all. */
    public List<String> requests() throws Exception {
        List<String> addresses = new ArrayList<>();
        for (JsonNode entry : command("POST", "se/log", Map.of("type", "performance"))) {
            JsonNode event = JSON.readTree(entry.get("message").asText()).get("message");
            if (event.get("method").asText().equals("Network.requestWillBeSent")) {
                addresses.add(event.at("/params/request/url").asText());
            }
        }
        return addresses;
    }

    @Override
    public void close() {
        try {
            command("DELETE", "", Map.of());
            driver.destroy();
            driver.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the browser does not close", e);
        } finally {
            driver.destroyForcibly();
        }
    }

    private static Browser begin(Process process, Path chromium, Path profile) throws Exception {
        BufferedReader output = process.inputReader(UTF_8);
        int port = 0;
        while (port == 0) {
            String line = output.readLine();
            if (line == null) {
                throw new IOException("chromedriver ended before it was ready");
            }
            Matcher matcher = PORT.matcher(line);
            port = matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        }
        Thread drain = new Thread(() -> output.lines().forEach(line -> {}), "chromedriver-output");
        drain.setDaemon(true);
        drain.start();
        List<String> arguments = List.of(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + profile);
        Map<String, Object> capabilities = Map.of(
                "browserName",
                "chrome",
                "goog:loggingPrefs",
                Map.of("browser", "ALL", "performance", "ALL"),
                "goog:chromeOptions",
                Map.of("binary", chromium.toString(), "args", arguments));
        URI base = URI.create("http://127.0.0.1:" + port + "/session");
        JsonNode made = send(
                HttpClient.newHttpClient(), "POST", base, Map.of("capabilities", Map.of("alwaysMatch", capabilities)));
        Browser browser = new Browser(
                process, URI.create(base + "/" + made.get("sessionId").asText()));
        // Its own first page asks for a lot.
        browser.open("about:blank");
        browser.requests();
        browser.console();
        return browser;
    }

    private String element(String selector) throws Exception {
        JsonNode found = command("POST", "element", Map.of("using", "css selector", "value", selector));
        return found.elements().next().asText();
    }

    private JsonNode devTools(String method, Map<String, Object> parameters) throws Exception {
        return command("POST", "goog/cdp/execute", Map.of("cmd", method, "params", parameters));
    }

    private JsonNode command(String method, String path, Map<String, Object> parameters) throws Exception {
        return send(http, method, URI.create(path.isEmpty() ? session.toString() : session + "/" + path), parameters);
    }

    private static JsonNode send(HttpClient http, String method, URI address, Map<String, Object> parameters)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(90))
                .header("Content-Type", "application/json; charset=utf-8")
                .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(parameters)))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
        JsonNode value = JSON.readTree(answer.body()).get("value");
        if (answer.statusCode() != 200) {
            throw new IOException(
                    method + " " + address + ": " + value.path("message").asText());
        }
        return value;
    }

    private static Stream<Path> onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable);
    }
}
