package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.browser.Browser;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.snapshot.SnapshotRecord;
import caravan.warm.LaterLook;
import caravan.warm.PassReport;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a browser shows of a bucket that was really published. */
@Timeout(180)
final class PublishedPageTest {

    @TempDir
    static Path directory;

    private static Browser browser;

    private static LocalS3 server;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.startOrSkip(directory.resolve("profile"));
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @Test
    void bucketThatWasPublishedTwiceIsShownAsItIs() throws Exception {
        SampleDatabase database = SampleDatabase.fill(directory.resolve("node"), "1MB");
        String base = server.publicUrl() + "/page";
        Publisher publisher = new Publisher(directory.resolve("publisher"), database, server.endpoint(), "page");
        publisher.set("caravan.public-url", base).set("caravan.catalog.publisher", "Example Foundation");
        publisher.set("caravan.database.demo.network", "polkadot").set("caravan.database.demo.role", "archive");
        publisher.publish();
        database.write(100);
        publisher.publish();
        Path objects = directory.resolve("s3").resolve(Publisher.BUCKET).resolve("page");
        SnapshotRecord record = new PublishedBucket(objects, publisher.trusted())
                .latest()
                .orElseThrow()
                .record();
        Files.write(objects.resolve("demo/" + record.snapshot() + "/regions.json"), regions(record));

        browser.open(base + "/index.html");
        browser.until(
                "document.querySelector('article') && !document.querySelector('main').textContent.includes('Reading')");

        String shown = browser.run("return document.body.innerText").asText().replace('\u00a0', ' ');
        assertThat(shown)
                .contains("Example Foundation", "1 database, current", "demo", "polkadot · archive · RocksDB")
                .contains("structure", "not at all", "captured while it ran", "% of it, the rest as before")
                .contains("caravan fetch " + base + "/demo ./demo --key "
                        + publisher.key().fingerprint())
                .contains("eu-central-1", "being warmed", "41 ms · 180 ms", "1 h", "95 %", "2 d", "25 %");
        assertThat(browser.run("return document.querySelectorAll('.older tbody tr').length")
                        .asInt())
                .isEqualTo(1);
        assertThat(browser.run("return Promise.all([...document.querySelectorAll('a[href*=\"/2\"]')]"
                                + ".map(link => fetch(link.href).then(answer => answer.status)))")
                        .toString())
                .as("every link leads to an object")
                .matches("\\[200(,200)+]");
        assertThat(browser.requests())
                .allMatch(address -> address.startsWith(base + "/") || address.startsWith("data:"));
        assertThat(browser.console()).isEmpty();
        browser.photograph(Path.of("target", "status-page", "published.png"));
    }

    private static byte[] regions(SnapshotRecord record) {
        return RegionsFormat.write(new RegionsReport(
                record.database(),
                record.snapshot(),
                Instant.now(),
                12,
                1_000_000,
                List.of(new RegionReport(
                                "eu-central-1",
                                "edge",
                                RegionState.GOING,
                                "",
                                List.of("FRA56-P4"),
                                0,
                                0,
                                List.of(),
                                new PassReport(12, 1_000_000, 1, 11, 50, 41_000, 180_000),
                                PassReport.NONE)
                        .with(new LaterLook(Duration.ofHours(1), Instant.now(), 20, 19, 1))
                        .with(new LaterLook(Duration.ofDays(2), Instant.now(), 20, 5, 15)))));
    }
}
