package caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.browser.Browser;
import caravan.browser.Site;
import caravan.manifest.RegionsFormat;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.InMemoryObjectStore;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser, over catalogs that the real writer wrote, and over some that it never would. */
@Timeout(180)
class StatusPageTest {

    private static final String HOSTILE =
            "<img src=x onerror=\"window.harmed=1\"><script>window.harmed=2</script>' || $(id) javascript:alert(3)";

    private static final Path PICTURES = Path.of("target", "status-page");

    @TempDir
    static Path directory;

    private static Browser browser;

    private final SigningKey key = SigningKey.generate();

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private Site site;

    @BeforeAll
    static void startBrowser() throws Exception {
        browser = Browser.startOrSkip(directory.resolve("profile"));
    }

    @AfterAll
    static void stopBrowser() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void startSite() throws Exception {
        site = Site.start();
        site.put("index.html", StatusPage.load().html());
        browser.resize(1200, 900, false);
        browser.prefer("prefers-color-scheme", "light");
        browser.console();
        browser.requests();
    }

    @AfterEach
    void stopSite() {
        site.close();
    }

    @Test
    void everythingThatTheCatalogSaysIsShown() throws Exception {
        publishWeek("demo", "polkadot");
        warm("demo", 6);

        show();

        assertThat(textOf("h1")).isEqualTo("Example Foundation");
        assertThat(textOf("#summary")).contains("1 database, current").contains("catalog of");
        assertThat(textOf("article"))
                .contains("demo", "polkadot · full · pruning 256 · RocksDB · node 1.20.0")
                .contains("1,006", "1000 bytes", "10 bytes", "1 % of it", "structure", "no drill yet", "7 ms")
                .contains("captured while it ran", key.fingerprint())
                .contains("us-east-1", "IAD89-C1", "6 %", "100 %", "128 MB/s", "314 MB/s", "182 ms · 412 ms")
                .contains("ap-northeast-1", "no answer", "its deadline was over")
                .contains("Older snapshots");
        assertThat(browser.run("return document.querySelectorAll('.older tbody tr').length")
                        .asInt())
                .isEqualTo(6);
        assertThat(commands())
                .containsExactly(
                        "caravan fetch " + site.url() + "/demo ./demo --key " + key.fingerprint(),
                        "curl -fsSLO " + site.url() + "/sync.sh && bash sync.sh " + site.url() + "/demo ./demo --key "
                                + key.fingerprint(),
                        key.fingerprint());
        browser.photograph(PICTURES.resolve("light.png"));
    }

    @Test
    void snapshotsThatWereFoundBadAreNamedAndTextOfTheirsIsText() throws Exception {
        publishWeek("demo", "polkadot");
        show();
        assertThat(textOf("article")).doesNotContain("Found bad");
        SnapshotId bad = Records.idOf(3);
        keeping()
                .refused(
                        new DatabaseName("demo"),
                        List.of(new CatalogRefusal(bad, bad.createdAt(), "db/full/000012.sst is damaged " + HOSTILE)));
        store.objects().forEach(site::put);

        show();

        assertThat(textOf("article")).contains("Found bad");
        assertThat(browser.run("return document.querySelector('table[aria-label*=\"found bad\"]').textContent")
                        .asText())
                .contains(bad.toString(), "db/full/000012.sst is damaged", "<img src=x");
        assertThat(browser.run("return String(window.harmed)").asText()).isEqualTo("undefined");
    }

    @Test
    void resultOfADrillIsShownInAWordAndABadOneInFull() throws Exception {
        publishWeek("demo", "polkadot");
        drilled(6, "passed 2026-11-22T09:00:00Z: db/full opens: 14 columns, best block 1006");
        drilled(5, "failed 2026-11-21T09:00:00Z: db/full/000012.sst is damaged");

        show();

        assertThat(textOf("article"))
                .contains("drill passed 22 Nov 2026")
                .contains("drill failed 21 Nov 2026: db/full/000012.sst is damaged")
                .doesNotContain("14 columns");
        assertThat(browser.run("return document.querySelector('.facts span.more[title]').title")
                        .asText())
                .isEqualTo("db/full opens: 14 columns, best block 1006");

        drilled(6, "whatever a later version says");
        show();
        assertThat(textOf("article")).contains("drill: whatever a later version says");
    }

    @Test
    void nothingIsAskedOfAnyOtherServerAndNothingIsLogged() throws Exception {
        publishWeek("demo", "polkadot");
        warm("demo", 6);

        show();

        assertThat(browser.requests())
                .contains(site.url() + "/index.html", site.url() + "/catalog.json")
                .allMatch(address -> address.startsWith(site.url() + "/") || address.startsWith("data:"));
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void hostileTextsAreTexts() throws Exception {
        publish("demo", 0, HOSTILE, HOSTILE);
        site.put(
                "demo/" + Records.idOf(0) + "/regions.json",
                RegionsFormat.write(report("demo", 0, region(HOSTILE, RegionState.PARTIAL, HOSTILE, PassReport.NONE))));

        show();

        assertThat(browser.run("return window.harmed || 0").asInt()).isZero();
        assertThat(browser.run("return document.querySelectorAll('img, iframe, object, form, body script').length")
                        .asInt())
                .as("the page's own script alone")
                .isEqualTo(1);
        assertThat(textOf("h1")).isEqualTo(HOSTILE);
        assertThat(textOf("article .kind")).contains(HOSTILE);
        assertThat(textOf(".edges")).contains(HOSTILE);
        assertThat(browser.run("return document.title").asText()).contains(HOSTILE);
        assertThat(browser.console()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"database\":\"demo\" | \"database\":\"a; rm -rf ~\"",
                "\"database\":\"demo\" | \"database\":\"../../other\"",
                "\"database\":\"demo\" | \"database\":\"javascript:alert(1)\"",
                "\"key\":\"SHA256: | \"key\":\"$(id)",
                "\"snapshot\":\"2026 | \"snapshot\":\"javascript:alert(1)//2026",
                "\"snapshots\":[ | \"snapshots\":[], \"x\":[",
                "\"snapshots\":[ | \"snapshots\":[null,",
            })
    void noCommandAndNoLinkIsMadeOfWhatIsNotInForm(String from, String to) throws Exception {
        publish("demo", 0, "polkadot", "Example");
        String wrong = catalogText().replace(from, to);
        assertThat(wrong).isNotEqualTo(catalogText());
        site.put("catalog.json", wrong);

        show();

        assertThat(textOf("article")).contains("not in the form that the catalog must have");
        assertThat(browser.run("return document.querySelectorAll('article a, article code, article button').length")
                        .asInt())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"javascript:alert(1)", "https://x/$(id)", "https://x/;id", "https://x y", "//x", ""})
    void addressThatIsNotInFormIsReplacedByThePagesOwn(String address) throws Exception {
        publish("demo", 0, "polkadot", "Example");
        site.put("catalog.json", catalogText().replace("\"publicUrl\":\"" + site.url(), "\"publicUrl\":\"" + address));

        show();

        assertThat(commands().get(0)).startsWith("caravan fetch " + site.url() + "/demo ");
    }

    @Test
    void valuesOfOtherTypesBreakNothing() throws Exception {
        publish("demo", 0, "polkadot", "Example");
        site.put(
                "catalog.json",
                catalogText()
                        .replace("\"network\":\"polkadot\"", "\"network\":{\"toString\":1}")
                        .replace("\"engines\":[\"rocksdb\"]", "\"engines\":\"rocksdb\"")
                        .replace("\"height\":1000", "\"height\":\"1e9\"")
                        .replaceAll("\"createdAt\":\"[^\"]*\"", "\"createdAt\":7")
                        .replaceAll("\"capture\":\\{[^}]*}", "\"capture\":null")
                        .replaceAll("\"totals\":\\{[^}]*}", "\"totals\":[]"));

        show();

        assertThat(commands()).hasSize(3);
        assertThat(browser.console()).allMatch(line -> line.contains("/regions.json"));
    }

    @Test
    void unmeasuredSnapshotSaysSo() throws Exception {
        publish("demo", 0, "polkadot", "Example");

        show();

        assertThat(textOf("article")).contains("Nothing was measured for this snapshot yet");
        assertThat(browser.console()).allMatch(line -> line.contains("/regions.json") && line.contains("404"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{\"format\":\"caravan-regions-2\"}", "<html>"})
    void measurementsThatAreDamagedHideNothingElse(String regions) throws Exception {
        publish("demo", 0, "polkadot", "Example");
        site.put("demo/" + Records.idOf(0) + "/regions.json", regions);

        show();

        assertThat(textOf("article")).contains("The measurements cannot be read");
        assertThat(commands()).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "missing | The server answered 404",
                "{ | It is damaged",
                "{\"format\":\"caravan-catalog-2\"} | It is in a form that this page does not know",
                "null | It is in a form that this page does not know",
            })
    void catalogThatCannotBeReadIsSaidPlainlyAndTriedAgain(String catalog, String reason) throws Exception {
        if (!catalog.equals("missing")) {
            site.put("catalog.json", catalog);
        }
        browser.open(site.url() + "/index.html");
        browser.until("document.querySelector('[role=alert]')");
        assertThat(textOf("[role=alert]"))
                .contains("The catalog cannot be read. " + reason)
                .contains("can be restored");
        assertThat(textOf("#summary")).isEqualTo("The catalog cannot be read");

        publish("demo", 0, "polkadot", "Example");
        browser.click("[role=alert] button");

        browser.until("document.querySelector('article')");
        assertThat(browser.run("return document.querySelector('[role=alert]')").isNull())
                .isTrue();
    }

    @Test
    void serverThatIsGoneIsSaidPlainly() throws Exception {
        browser.open(site.url() + "/index.html");
        browser.until("document.querySelector('[role=alert]')");
        site.close();

        browser.click("[role=alert] button");

        browser.until("document.querySelector('[role=alert]').textContent.includes('cannot be reached')");
    }

    @Test
    void emptyCatalogIsNoFault() throws Exception {
        publish("demo", 0, "polkadot", "Example");
        site.put("catalog.json", catalogText().replaceAll("\"databases\":.*", "\"databases\":[]}"));

        browser.open(site.url() + "/index.html");

        browser.until("document.querySelector('#summary').textContent.startsWith('No database')");
        assertThat(browser.console()).isEmpty();
    }

    @Test
    void oldSnapshotIsCalledLateAndItsPromiseOver() throws Exception {
        Instant then = Instant.now().minus(Duration.ofDays(9)).truncatedTo(ChronoUnit.SECONDS);
        publish("demo", (int) ChronoUnit.DAYS.between(Records.DAY_ZERO, then), "polkadot", "Example", then);

        show();

        assertThat(textOf("#summary")).contains("1 of 1 is late").contains("catalog of 9 days ago");
        assertThat(textOf(".state")).isEqualTo("Late");
        assertThat(textOf("article .notice")).contains("A newer snapshot was expected by");
        assertThat(textOf("article")).contains("no longer promised");
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void everyTextCanBeToldFromItsBackground(String scheme) throws Exception {
        publishWeek("demo", "polkadot");
        publish("able", 0, "kusama", "Example Foundation");
        warm("demo", 6);
        browser.prefer("prefers-color-scheme", scheme);

        show();

        JsonNode faint = browser.run(Scripts.FAINT_TEXTS);
        assertThat(faint.size()).as(faint.toString()).isZero();
        double paper = browser.run(Scripts.PAPER_LUMINANCE).asDouble();
        if (scheme.equals("dark")) {
            assertThat(paper).isLessThan(0.05);
        } else {
            assertThat(paper).isGreaterThan(0.9);
        }
        browser.photograph(PICTURES.resolve(scheme + "-two.png"));
    }

    @ParameterizedTest
    @ValueSource(ints = {320, 360, 768, 900, 1000})
    void narrowScreenNeedsNoScrollingSideways(int width) throws Exception {
        String longest = "a" + "-0123456789".repeat(6).substring(0, 62);
        publish(longest, 0, "W".repeat(1000), "M".repeat(1000));
        publishWeek("demo", "polkadot");
        warm("demo", 6);
        site.put(
                longest + "/" + Records.idOf(0) + "/regions.json",
                RegionsFormat.write(report(
                        longest, 0, region("R".repeat(200), RegionState.FAILED, "W".repeat(500), PassReport.NONE))));
        browser.resize(width, 740, true);

        show();

        browser.run("document.querySelectorAll('details').forEach(details => { details.open = true; })");
        JsonNode wide = browser.run(Scripts.WIDER_THAN_THE_SCREEN);
        assertThat(wide.size()).as(wide.toString()).isZero();
        browser.photograph(PICTURES.resolve("narrow-" + width + ".png"));
    }

    @Test
    void phoneShowsTheSame() throws Exception {
        publishWeek("demo", "polkadot");
        warm("demo", 6);
        browser.resize(360, 740, true);

        show();

        assertThat(textOf(".edges")).contains("us-east-1", "314 MB/s");
        assertThat(browser.run("return getComputedStyle(document.querySelector('.edges td'), '::before').content")
                        .asText())
                .contains("In the cache");
        browser.photograph(PICTURES.resolve("phone.png"));
    }

    @Test
    void buttonCopiesTheCommand() throws Exception {
        publish("demo", 0, "polkadot", "Example");
        show();
        browser.allowClipboard();

        browser.click(".command button");

        browser.until("document.querySelector('.command button').textContent === 'Copied'");
        assertThat(browser.await("navigator.clipboard.readText()").asText())
                .isEqualTo(commands().get(0));
        assertThat(textOf("#spoken")).isEqualTo("Copied the command for Caravan");
    }

    @Test
    void keyboardCopiesWithoutAClipboardForScripts() throws Exception {
        publish("demo", 0, "polkadot", "Example");
        show();
        browser.allowClipboard();
        browser.await("navigator.clipboard.writeText('something else')");
        browser.run("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})");

        browser.type(".command:nth-of-type(2) button", "\uE007");

        browser.until("document.querySelector('.command:nth-of-type(2) button').textContent === 'Copied'");
        browser.run("delete navigator.clipboard");
        assertThat(browser.await("navigator.clipboard.readText()").asText())
                .isEqualTo(commands().get(1));
    }

    @Test
    void olderSnapshotHasACommandOfItsOwn() throws Exception {
        publishWeek("demo", "polkadot");
        show();
        browser.allowClipboard();
        browser.run("document.querySelector('details').open = true");

        browser.click(".older button");

        browser.until("document.querySelector('.older button').textContent === 'Copied'");
        assertThat(browser.await("navigator.clipboard.readText()").asText())
                .isEqualTo("caravan fetch " + site.url() + "/demo/" + Records.idOf(5) + " ./demo --key "
                        + key.fingerprint());
    }

    @Test
    void pageIsInOrderForWhoeverDoesNotSeeIt() throws Exception {
        publishWeek("demo", "polkadot");
        warm("demo", 6);

        show();

        JsonNode faults = browser.run(Scripts.FAULTS_FOR_SCREEN_READERS);
        assertThat(faults.size()).as(faults.toString()).isZero();
    }

    @Test
    void nothingMovesForWhoeverWantsNoMotion() throws Exception {
        publishWeek("demo", "polkadot");
        warm("demo", 6);
        browser.prefer("prefers-reduced-motion", "reduce");

        show();

        assertThat(browser.run("return [...document.querySelectorAll('*')].filter(element => "
                                + "getComputedStyle(element).transitionDuration !== '0s').length")
                        .asInt())
                .isZero();
    }

    @Test
    void pageRefusesMarkupMadeOfText() throws Exception {
        publish("demo", 0, "polkadot", "Example");
        show();

        browser.run("try { document.querySelector('h1').innerHTML = '<b>x</b>'; } catch (refused) {}"
                + "const style = document.createElement('style'); style.textContent = 'h1 { display: none }';"
                + "document.head.append(style);"
                + "const image = document.createElement('img'); image.src = '/x.png'; document.body.append(image);");

        assertThat(browser.run("return document.querySelectorAll('h1 b').length")
                        .asInt())
                .isZero();
        assertThat(browser.run("return getComputedStyle(document.querySelector('h1')).display")
                        .asText())
                .isEqualTo("block");
        assertThat(String.join("\n", browser.console()))
                .contains("TrustedHTML")
                .contains("style-src")
                .contains("img-src");
    }

    private void show() throws Exception {
        browser.open(site.url() + "/index.html");
        browser.until(
                "document.querySelector('article') && !document.querySelector('main').textContent.includes('Reading')");
    }

    private List<String> commands() throws Exception {
        JsonNode found =
                browser.run("return [...document.querySelectorAll('article code')].map(code => code.textContent)");
        return StreamSupport.stream(found.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** What a reader sees; spaces that do not break count as spaces. */
    private String textOf(String selector) throws Exception {
        return browser.run("return document.querySelector('" + selector + "').textContent")
                .asText()
                .replace('\u00a0', ' ');
    }

    private void publishWeek(String database, String network) throws Exception {
        for (int day = 0; day < 7; day++) {
            publish(database, day, network, "Example Foundation");
        }
    }

    private void publish(String database, int day, String network, String publisher) throws Exception {
        publish(database, day, network, publisher, Records.idOf(day).createdAt());
    }

    private void publish(String database, int day, String network, String publisher, Instant now) throws Exception {
        SnapshotRecord record = Records.publish(store, key, Records.of(database, day, network));
        // Long enough for a test that runs years after it was written.
        Duration expectedWithin = publisher.equals("Example") && !now.equals(record.createdAt())
                ? Duration.ofHours(36)
                : Duration.ofDays(365_000);
        new CatalogKeeping(
                        store,
                        key,
                        TrustedKeys.of(key.publicKey()),
                        new PublisherProfile(publisher, site.url(), expectedWithin),
                        List.of(),
                        Clock.fixed(now, ZoneOffset.UTC))
                .add(record, Records.changeOn(day));
        store.objects().forEach(site::put);
    }

    private void drilled(int day, String result) throws Exception {
        keeping().drilled(new DatabaseName("demo"), Records.idOf(day), result, result.startsWith("passed"));
        store.objects().forEach(site::put);
    }

    private CatalogKeeping keeping() {
        return new CatalogKeeping(
                store,
                key,
                TrustedKeys.of(key.publicKey()),
                new PublisherProfile("Example Foundation", site.url(), Duration.ofDays(365_000)),
                List.of(),
                Clock.fixed(Records.idOf(6).createdAt(), ZoneOffset.UTC));
    }

    private String catalogText() {
        return new String(store.objects().get("catalog.json"), StandardCharsets.UTF_8);
    }

    private void warm(String database, int day) throws IOException {
        RegionsReport report = report(
                database,
                day,
                region(
                        "us-east-1",
                        RegionState.OK,
                        "",
                        new PassReport(198, 12_928_000_000L, 12, 186, 101_000, 182_000, 412_000)),
                region("ap-northeast-1", RegionState.FAILED, "its deadline was over", PassReport.NONE));
        site.put(database + "/" + Records.idOf(day) + "/regions.json", RegionsFormat.write(report));
    }

    private static RegionsReport report(String database, int day, RegionReport... regions) {
        return new RegionsReport(
                new DatabaseName(database),
                Records.idOf(day),
                Records.idOf(day).createdAt().plusSeconds(600),
                198,
                12_928_000_000L,
                List.of(regions));
    }

    private static RegionReport region(String name, RegionState state, String reason, PassReport cold) {
        PassReport warm =
                cold.objects() == 0 ? PassReport.NONE : new PassReport(20, 1_287_400_000L, 20, 0, 4_100, 9_100, 22_000);
        return new RegionReport(name, "direct", state, reason, List.of("IAD89-C1"), 0, 0, List.of(), cold, warm);
    }
}
