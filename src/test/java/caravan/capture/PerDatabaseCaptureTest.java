package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.snapshot.DatabaseName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of several databases, a failure says which one it is of, and which setting is meant. */
class PerDatabaseCaptureTest {

    private static final DatabaseName DOT = new DatabaseName("dot");

    private static final Duration LONGEST = Duration.ofSeconds(30);

    @TempDir
    Path base;

    private Path root;

    @BeforeEach
    void makeDatabase() throws Exception {
        root = base.resolve("chains/polkadot");
        SampleDirectory.rocksDb(root.resolve("db/full"));
    }

    @Test
    void aFailedSnapshotCommandIsNamedByItsWholeKey() {
        CaptureMode hook = new HookCapture(
                new SnapshotCommands("echo no space; exit 3", "true", base.resolve("snapshot"), LONGEST));

        assertThat(catchThrowableOfType(FailedException.class, () -> capture(hook)))
                .hasMessage("capture dot: caravan.database.dot.snapshot-command failed with status 3: no space");
    }

    @Test
    void aHintNamesTheSettingOfTheDatabase() {
        CaptureMode live = new LiveCapture();
        CaptureRequest inside = new CaptureRequest(DOT, root, List.of(), root.resolve("stage"), Map.of(), 0);

        for (RefusedException refused : List.of(
                catchThrowableOfType(RefusedException.class, () -> only(live).capture(inside)),
                catchThrowableOfType(RefusedException.class, () -> only(live).check(inside)))) {
            assertThat(refused).hasMessageStartingWith("capture dot: the stage ");
            assertThat(refused.hint()).contains("caravan.database.dot.stage-directory");
        }
    }

    @Test
    void aNodeThatDoesNotComeBackIsNamedAndStaysCritical() {
        assertThat(NamedFailure.of(DOT, new NodeDownException("CRITICAL: the node was stopped", "start it")))
                .isInstanceOf(NodeDownException.class)
                .hasMessage("CRITICAL: dot: the node was stopped");
    }

    @Test
    void aFailureThatMayGoAwayStaysOne() {
        CaravanException named = NamedFailure.of(DOT, new TransientException("busy", "wait", null, LONGEST));

        assertThat(((TransientException) named).retryAfter()).isEqualTo(LONGEST);
    }

    private void capture(CaptureMode mode) throws CaravanException {
        only(mode).capture(CaptureRequest.of(DOT, root));
    }

    private static DatabaseCapture only(CaptureMode mode) {
        return new PerDatabaseCapture(Map.of(DOT, mode));
    }
}
