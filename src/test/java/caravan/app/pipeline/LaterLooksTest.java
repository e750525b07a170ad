package caravan.app.pipeline;

import static caravan.app.pipeline.WarmBench.front;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.app.warming.EdgeFront;
import caravan.app.warming.EdgeFront.Harm;
import caravan.locals3.LocalS3;
import caravan.manifest.RegionsFormat;
import caravan.warm.LaterLook;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import caravan.warm.RegionsReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Looks at what was warmed some time ago, through the shipped routes, by a program that was begun anew meanwhile. */
@Timeout(120)
final class LaterLooksTest {

    private static final int OBJECTS = 12;

    private static final int SAMPLE = 5;

    @TempDir
    Path directory;

    private LocalS3 store;

    private EdgeFront keeping;

    private EdgeFront forgetting;

    private WarmBench bench;

    @BeforeEach
    void warm() throws Exception {
        store = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        keeping = front("FRA50-C1", OBJECTS);
        forgetting = front("GRU3-C1", OBJECTS);
        bench = new WarmBench(directory.resolve("bench"), store.endpoint())
                .set("caravan.warm.sample", String.valueOf(SAMPLE))
                .set("caravan.warm.looks", "1s,1d")
                .region("eu-central-1", keeping.vantage())
                .region("sa-east-1", forgetting.vantage());
        Instant before = Instant.now();
        assertThat(bench.warm(OBJECTS)).allMatch(region -> region.state() == RegionState.OK);
        await().atMost(Duration.ofSeconds(60)).until(() -> isStored());
        bench.end();
        assertThat(waiting())
                .as("one for each region and time, begun after %s", before)
                .hasSize(4);
    }

    @AfterEach
    void tearDown() {
        bench.close();
        keeping.close();
        forgetting.close();
        store.close();
    }

    @Test
    void whatCachesHaveForgottenMeanwhileIsInTheReportBesideWhatWasMeasuredBefore() throws Exception {
        forgetting.forgetAll();
        RegionsReport before = report();
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> report().regions().stream()
                .noneMatch(region -> region.later().isEmpty()));
        RegionsReport after = report();
        LaterLook kept = only(after.regions().get(0));
        LaterLook forgotten = only(after.regions().get(1));
        assertThat(kept.after()).isEqualTo(Duration.ofSeconds(1));
        assertThat(List.of(kept.objects(), kept.hits(), kept.misses())).containsExactly(5L, 5L, 0L);
        assertThat(List.of(forgotten.objects(), forgotten.hits(), forgotten.misses()))
                .containsExactly(5L, 0L, 5L);
        assertThat(forgotten.at()).isAfterOrEqualTo(before.measuredAt());
        assertThat(after.withRegions(region -> region.withLater(List.of()))).isEqualTo(before);
        // What is due in a day waits on.
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
    }

    @Test
    void reportOfASnapshotThatWasRetiredIsNotBroughtBack() throws Exception {
        Files.delete(file());
        int before = keeping.requests();
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
        assertThat(keeping.requests()).isEqualTo(before + SAMPLE);
        assertThat(file()).doesNotExist();
    }

    @Test
    void lookThatIsLateByFarIsNotMadeAndNeitherIsOneOfARegionThatIsGone() throws Exception {
        for (Path file : waiting()) {
            String[] name = file.getFileName().toString().split("-", 2);
            if (name[1].startsWith("1-")) {
                Files.move(file, file.resolveSibling("1000000000-" + name[1]));
            } else {
                Files.move(file, file.resolveSibling(Instant.now().getEpochSecond() + "-" + name[1]));
            }
        }
        bench.leave("caravan.warm.region.sa-east-1.via").set("caravan.warm.regions", "eu-central-1");
        int before = keeping.requests();
        int gone = forgetting.requests();
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().isEmpty());
        assertThat(keeping.requests()).isEqualTo(before + SAMPLE);
        assertThat(forgetting.requests()).isEqualTo(gone);
        assertThat(only(report().regions().get(0)).after()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void regionThatIsDownAtALaterLookChangesNothing() throws Exception {
        RegionsReport before = report();
        keeping.harming(path -> Harm.BUSY);
        forgetting.harming(path -> Harm.BUSY);
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
        assertThat(report()).isEqualTo(before);
    }

    @Test
    void lookThatItsBudgetEndsIsNotMadeAgain() throws Exception {
        bench.dear("4");
        RegionsReport before = report();
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
        assertThat(report()).isEqualTo(before);
    }

    @Test
    void lookThatCannotBeWrittenDownIsNotMadeAgain() throws Exception {
        int before = keeping.requests();
        store.close();
        bench.loadRoutesAnew();
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
        assertThat(keeping.requests()).isEqualTo(before + SAMPLE);
    }

    @Test
    void lookThatCannotBeHandedToItsRegionIsGivenUp() throws Exception {
        Map<Path, Path> later = new TreeMap<>();
        for (Path file : waiting()) {
            String[] name = file.getFileName().toString().split("-", 2);
            if (name[1].startsWith("1-")) {
                Path aside = directory.resolve(file.getFileName());
                later.put(Files.move(file, aside), file);
            }
        }
        assertThat(later).hasSize(2);
        bench.loadRoutesAnew();
        bench.refuse("eu-central-1");
        for (Map.Entry<Path, Path> each : later.entrySet()) {
            Files.move(each.getKey(), each.getValue());
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> waiting().size() == 2);
        assertThat(only(report().regions().get(1)).objects()).isEqualTo(SAMPLE);
        assertThat(report().regions().get(0).later()).isEmpty();
    }

    private static LaterLook only(RegionReport region) {
        assertThat(region.later()).hasSize(1);
        return region.later().get(0);
    }

    private boolean isStored() throws Exception {
        return Files.isDirectory(snapshots())
                && Files.exists(file())
                && report().regions().stream().noneMatch(region -> region.state() == RegionState.GOING);
    }

    private RegionsReport report() throws Exception {
        return RegionsFormat.read(Files.readAllBytes(file()), "regions");
    }

    private Path file() throws Exception {
        try (var all = Files.list(snapshots())) {
            return all.findFirst().orElseThrow().resolve("regions.json");
        }
    }

    private Path snapshots() {
        return directory
                .resolve("s3")
                .resolve(Publisher.BUCKET)
                .resolve("bench")
                .resolve("demo");
    }

    private List<Path> waiting() throws Exception {
        Path looks = bench.state().resolve("warm").resolve("looks");
        try (var all = Files.list(looks)) {
            return all.toList();
        }
    }
}
