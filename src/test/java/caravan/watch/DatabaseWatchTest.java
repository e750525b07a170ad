package caravan.watch;

import static caravan.watch.Occasion.QUIET;
import static caravan.watch.Occasion.SCHEDULE;
import static caravan.watch.Occasion.TRIGGER;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.pace.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a database is published, with a clock that the tests move. */
class DatabaseWatchTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    Path root;

    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-22T08:33:00Z"));

    private Appearance published;

    @BeforeEach
    void makeDatabase() throws IOException {
        Path store = Files.createDirectories(root.resolve("db/full"));
        Files.writeString(store.resolve("CURRENT"), "MANIFEST-000004\n");
        Files.writeString(store.resolve("MANIFEST-000004"), "edits");
        Files.writeString(store.resolve("000009.log"), "batches");
    }

    @Test
    void scheduleAfterTheFirstStartPublishes() {
        assertThat(watch(Duration.ZERO, Duration.ZERO).decide(SCHEDULE).publish())
                .isTrue();
    }

    @Test
    void schedulePublishesOnlyWhatChanged() throws Exception {
        DatabaseWatch watch = watch(Duration.ZERO, Duration.ZERO);
        publish();
        clock.advance(MINUTE);

        DatabaseWatch.Decision unchanged = watch.decide(SCHEDULE);
        write();

        assertThat(unchanged.publish()).isFalse();
        assertThat(unchanged.reason()).isEqualTo("nothing changed since the snapshot of 2026-11-22T08:33:00Z");
        assertThat(watch.decide(SCHEDULE).publish()).isTrue();
    }

    @Test
    void schedulePublishesWhatDidNotChangeIfItIsToldTo() throws Exception {
        DatabaseWatch watch = watch(new WatchRules(Duration.ZERO, Duration.ZERO, true));
        publish();

        assertThat(watch.decide(SCHEDULE).publish()).isTrue();
    }

    @Test
    void scheduleWithinTheShortestIntervalIsLetPassAndATriggerIsNot() throws Exception {
        DatabaseWatch watch = watch(Duration.ZERO, MINUTE.multipliedBy(10));
        publish();
        write();
        clock.advance(MINUTE.multipliedBy(9));

        assertThat(watch.decide(SCHEDULE).reason()).isEqualTo("it may be published again at 2026-11-22T08:43:00Z");
        assertThat(watch.decide(TRIGGER).publish()).isTrue();
        clock.advance(MINUTE);
        assertThat(watch.decide(SCHEDULE).publish()).isTrue();
    }

    @Test
    void changeIsPublishedWhenItHasBeenQuietSince() throws Exception {
        DatabaseWatch watch = watch(MINUTE, Duration.ZERO);
        publish();
        assertThat(watch.decide(QUIET).publish()).as("unchanged").isFalse();
        write();
        assertThat(watch.decide(QUIET).publish()).as("just changed").isFalse();
        clock.advance(Duration.ofSeconds(40));
        write();
        assertThat(watch.decide(QUIET).publish()).as("changed again").isFalse();
        clock.advance(Duration.ofSeconds(40));
        assertThat(watch.decide(QUIET).publish()).as("quiet for 40 s").isFalse();
        clock.advance(Duration.ofSeconds(20));
        assertThat(watch.decide(QUIET).publish()).as("quiet for a minute").isTrue();
        publish();
        assertThat(watch.decide(QUIET).publish()).as("published").isFalse();
    }

    @Test
    void secondChangeSoonAfterAPublicationIsPublishedToo() throws Exception {
        DatabaseWatch watch = watch(MINUTE, Duration.ZERO);
        write();
        watch.decide(QUIET);
        clock.advance(MINUTE);
        assertThat(watch.decide(QUIET).publish()).isTrue();
        clock.advance(Duration.ofMillis(1));
        publish();

        write();
        watch.decide(QUIET);
        clock.advance(MINUTE);

        assertThat(watch.decide(QUIET).publish()).isTrue();
    }

    @Test
    void publicationThatFailedIsNotTriedAgainAtEachLook() throws Exception {
        DatabaseWatch watch = watch(MINUTE, Duration.ZERO);
        publish();
        write();
        watch.decide(QUIET);
        clock.advance(MINUTE);
        assertThat(watch.decide(QUIET).publish()).isTrue();

        clock.advance(MINUTE.multipliedBy(9));
        assertThat(watch.decide(QUIET).publish()).isFalse();
        assertThat(watch.decide(SCHEDULE).publish())
                .as("the schedule tries again")
                .isTrue();
        clock.advance(MINUTE.multipliedBy(10));
        assertThat(watch.decide(QUIET).publish()).isTrue();
    }

    @Test
    void databaseThatNeverRestsIsLeftToTheSchedule() throws Exception {
        DatabaseWatch watch = watch(MINUTE, Duration.ZERO);
        publish();
        for (int look = 0; look < 100; look++) {
            write();
            clock.advance(Duration.ofSeconds(30));
            assertThat(watch.decide(QUIET).publish()).isFalse();
        }
        assertThat(watch.decide(SCHEDULE).publish()).isTrue();
    }

    @Test
    void databaseThatIsGoneIsLeftToThePublicationToComplainAbout() throws Exception {
        DatabaseWatch watch = watch(MINUTE, Duration.ZERO);
        publish();
        Files.delete(root.resolve("db/full/CURRENT"));

        assertThat(watch.decide(SCHEDULE).publish()).isTrue();
        assertThat(watch.decide(QUIET).publish()).isFalse();
    }

    @Test
    void withoutAQuietALookPublishesNothing() throws Exception {
        write();
        assertThat(watch(Duration.ZERO, Duration.ZERO).decide(QUIET).publish()).isFalse();
    }

    private void publish() throws IOException {
        published = new DatabaseSight(root, List.of(), clock).look();
    }

    private void write() throws IOException {
        Files.writeString(root.resolve("db/full/000009.log"), "a batch", StandardOpenOption.APPEND);
    }

    private DatabaseWatch watch(Duration quiet, Duration minInterval) {
        return watch(new WatchRules(quiet, minInterval, false));
    }

    private DatabaseWatch watch(WatchRules rules) {
        return new DatabaseWatch(
                new DatabaseSight(root, List.of(), clock), rules, () -> Optional.ofNullable(published), clock);
    }
}
