package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.manifest.WarmJobFormat;
import caravan.pace.MovableClock;
import caravan.pace.RateLimit;
import caravan.pace.Waiting;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.warm.BodyCheck;
import caravan.warm.EdgeAnswer;
import caravan.warm.Region;
import caravan.warm.Vantage;
import caravan.warm.WarmJob;
import caravan.warm.WarmPlan;
import caravan.warm.WarmRules;
import caravan.warm.WarmRun;
import caravan.warm.WarmTask;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is kept of looks that are due later, and when it is let go of. */
@Timeout(60)
final class LaterLooksFilesTest {

    private static final Instant DUE = Instant.parse("2026-11-22T08:33:00Z");

    private static final Duration AFTER = Duration.ofHours(1);

    private static final Region REGION = new Region("eu-central-1", new Vantage.Queue("eu"));

    private static final Region OTHER = new Region("sa-east-1", new Vantage.Queue("sa"));

    private static final URI PUBLIC_URL = URI.create("http://cdn.example.org");

    private static final DatabaseName DATABASE = new DatabaseName("demo");

    private static final WarmRules RULES =
            new WarmRules(1, 0, Duration.ofDays(1), 10, Duration.ofMillis(1), Duration.ofMillis(1), false);

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock(DUE);

    private Path files;

    private Path plans;

    private LaterLooks looks;

    @BeforeEach
    void setUp() throws Exception {
        files = Files.createDirectories(directory.resolve("looks"));
        plans = directory.resolve("plans");
        looks = looks();
    }

    @Test
    void lookThatCannotBeBegunDoesNotKeepOthersFromTheirTurn() throws Exception {
        remembered();
        // A directory with something in it can neither be read nor be removed as a file.
        Path bad = Files.createDirectory(files.resolve(name()));
        Files.createFile(bad.resolve("x"));
        remembered(OTHER);
        assertThat(looks.due()).hasSize(2);
        assertThat(looks.due()).isEmpty();
        clock.advance(AFTER.plusSeconds(1));
        assertThat(looks.due()).isEmpty();
    }

    @Test
    void lookThatCannotBeBegunIsLeftUntilTheProgramRunsAgain() throws Exception {
        Path file = remembered();
        Files.createFile(plans);
        assertThat(looks.due()).isEmpty();
        Files.delete(plans);
        assertThat(looks.due()).isEmpty();
        assertThat(file).exists();
        assertThat(looks().due()).hasSize(1);
    }

    @Test
    void lookThatCannotBeBegunIsForgottenWhenItIsTooLate() throws Exception {
        Path file = remembered();
        Files.createFile(plans);
        assertThat(looks.due()).isEmpty();
        clock.advance(AFTER.plusSeconds(1));
        assertThat(looks.due()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void oneLookAfterTheOtherIsBegunInARegion() throws Exception {
        remembered();
        remembered();
        WarmRun first = looks.due().get(0);
        assertThat(looks.due()).isEmpty();
        looks.done(first);
        assertThat(looks.due()).hasSize(1);
    }

    @Test
    void nothingBeginsAfterTheStop() throws Exception {
        Path file = remembered();
        looks.stop("stopped");
        assertThat(looks.due()).isEmpty();
        assertThat(file).exists();
    }

    @Test
    void lookThatWasUnderWayAtTheStopIsDueAgainWhenTheProgramRunsAgain() throws Exception {
        remembered();
        WarmRun run = looks.due().get(0);
        looks.stop("stopped");
        assertThat(run.regions().get(0).isCalledOff()).isTrue();
        looks.done(run);
        assertThat(looks().due()).hasSize(1);
    }

    @Test
    void lookThatCannotBeHandedOnIsGivenUp() throws Exception {
        Path file = remembered();
        WarmRun run = looks.due().get(0);
        looks.giveUp(run);
        assertThat(run.isGoing()).isFalse();
        assertThat(file).doesNotExist();
        assertThat(looks.due()).isEmpty();
    }

    @Test
    void lookThatIsDoneTooLateTellsNothing() throws Exception {
        Path file = remembered();
        WarmRun run = looks.due().get(0);
        look(run);
        clock.advance(AFTER);
        assertThat(looks.lookOf(run)).isPresent();
        clock.advance(Duration.ofSeconds(1));
        assertThat(looks.lookOf(run)).isEmpty();
        looks.done(run);
        assertThat(file).doesNotExist();
    }

    /** As a fetch does that went well. */
    private static void look(WarmRun run) throws Exception {
        WarmTask task = run.regions().get(0).nextRound().next();
        byte[] body = EdgeFront.content(0, 100);
        new BodyCheck(RateLimit.unlimited())
                .read(task, 200, new EdgeAnswer(EdgeAnswer.Cache.HIT, "X"), new ByteArrayInputStream(body), 0);
    }

    @Test
    void whatNobodyLookedAtInTimeIsForgottenByTheNextWarmUp() throws Exception {
        Path old = remembered();
        clock.advance(AFTER);
        looks.remember(warmUp().regions().get(0));
        assertThat(old).exists();
        clock.advance(Duration.ofSeconds(1));
        looks.remember(warmUp().regions().get(0));
        assertThat(old).doesNotExist();
    }

    private LaterLooks looks() {
        WarmSetup setup = new WarmSetup(
                List.of(REGION, OTHER), Map.of(), RULES, false, Duration.ofMinutes(1), WarmPrices.NONE, plans);
        return new LaterLooks(List.of(AFTER), setup, PUBLIC_URL, files, clock);
    }

    private Path remembered() throws Exception {
        return remembered(REGION);
    }

    private Path remembered(Region region) throws Exception {
        WarmJob job = new WarmJob(
                UUID.randomUUID().toString(),
                DATABASE,
                new SnapshotId(DUE, 1),
                region.name(),
                PUBLIC_URL,
                true,
                Optional.empty(),
                List.of(new WarmJob.Item(0, EdgeFront.chunk(0, 100))));
        return Files.writeString(files.resolve(name()), WarmJobFormat.write(job));
    }

    private static String name() {
        return DUE.getEpochSecond() + "-" + AFTER.toSeconds() + "-" + UUID.randomUUID() + ".json";
    }

    private WarmRun warmUp() throws Exception {
        WarmPlan plan = WarmPlan.create(directory);
        plan.add(EdgeFront.chunk(0, 100));
        return new WarmRun(
                DATABASE,
                new SnapshotId(DUE, 1),
                PUBLIC_URL,
                plan.complete(),
                List.of(REGION),
                RULES,
                0,
                Waiting.REAL,
                WarmPrices.NONE.begin());
    }
}
