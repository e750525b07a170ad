package caravan.app.reload;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.alert.Alerts;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.pace.MovableClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From which moment on a set of routes makes up for the times that passed while none ran. */
@Timeout(60)
class HotEditTimesTest {

    private static final Instant BEGIN = Instant.parse("2026-11-22T03:29:59Z");

    @TempDir
    Path home;

    private final MovableClock clock = new MovableClock(BEGIN);

    private final List<String> done = new ArrayList<>();

    private int loaded;

    private boolean busy;

    private boolean broken;

    private HotEdit edit;

    @BeforeEach
    void load() throws Exception {
        Files.writeString(home.resolve("10-watch.camel.yaml"), "before");
        Alerts alerts = new Alerts(home, List.of(), Duration.ofHours(24), Duration.ofDays(3), clock);
        edit = HotEdit.load(new RouteDirectory(home), () -> new Recorded(++loaded), alerts, clock);
        edit.begin(Duration.ofDays(1));
        Files.writeString(home.resolve("10-watch.camel.yaml"), "after");
    }

    @AfterEach
    void close() {
        edit.close();
    }

    @Test
    void timesCountFromJustBeforeTheOldSetWasPaused() throws Exception {
        edit.look();
        edit.look();

        assertThat(done).containsExactly("1 begins", "1 pauses", "2 begins", "2 makes up for " + BEGIN, "1 closes");
    }

    @Test
    void timesThatTheOldSetWasThereForAreNotMadeUpFor() throws Exception {
        busy = true;
        edit.look();
        edit.look();
        clock.advance(Duration.ofHours(1));
        busy = false;
        edit.look();

        assertThat(done).contains("2 makes up for " + BEGIN.plus(Duration.ofHours(1)));
        assertThat(done).filteredOn(line -> line.contains("makes up")).hasSize(1);
    }

    @Test
    void setThatDoesNotBeginMakesUpForNothing() throws Exception {
        broken = true;
        edit.look();
        edit.look();

        assertThat(done).containsExactly("1 begins", "1 pauses", "2 closes", "1 resumes");
    }

    /** Routes that say what is asked of them. */
    private final class Recorded implements RouteSet {

        private final int number;

        private Recorded(int number) {
            this.number = number;
        }

        @Override
        public void begin() throws CaravanException {
            if (broken) {
                throw new FailedException("a port is taken", "free it");
            }
            done.add(number + " begins");
        }

        @Override
        public void makeUpFor(Instant since) {
            done.add(number + " makes up for " + since);
        }

        @Override
        public boolean pause() {
            if (!busy) {
                done.add(number + " pauses");
                clock.advance(Duration.ofSeconds(2));
            }
            return !busy;
        }

        @Override
        public void resume() {
            done.add(number + " resumes");
        }

        @Override
        public void close() {
            done.add(number + " closes");
        }
    }
}
