package caravan.publish;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history of snapshots that were found bad, after power cuts and editors. */
class RefusalsTest {

    private static final DatabaseName DEMO = new DatabaseName("demo");

    private static final SnapshotId FIRST = SnapshotId.parse("20261122T083300Z-7");

    private static final SnapshotId SECOND = SnapshotId.parse("20261123T083300Z-8");

    @TempDir
    Path state;

    @Test
    void linesThatCannotBeReadAreLeftOutAndTheOthersCount() throws Exception {
        Refusals refusals = new Refusals(state, Clock.systemUTC());
        refusals.doubt(DEMO, FIRST, "a table is damaged");
        for (String line : List.of(
                "yesterday " + FIRST + " no time\n",
                "2026-11-22T09:00:00Z latest no snapshot\n",
                "2026-11-22T09:00:00Z\n",
                "\u00ff\u00fe no UTF-8\n",
                "\0\0\0\n",
                "\n")) {
            Files.writeString(file(), line, ISO_8859_1, StandardOpenOption.APPEND);
        }
        refusals.doubt(DEMO, SECOND, "a log is damaged");

        assertThat(refusals.of(DEMO)).extracting(RefusedSnapshot::snapshot).containsExactly(FIRST, SECOND);
    }

    @Test
    void lineThatIsAddedAfterATornOneIsReadAsItself() throws Exception {
        Refusals refusals = new Refusals(state, Clock.systemUTC());
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "2026-11-22T09:0");
        refusals.doubt(DEMO, SECOND, "a log is damaged");

        assertThat(refusals.of(DEMO)).singleElement().satisfies(refused -> {
            assertThat(refused.snapshot()).isEqualTo(SECOND);
            assertThat(refused.why()).isEqualTo("a log is damaged");
        });
    }

    @Test
    void snapshotIsNamedOnceAndNoMoreWhenItWasFoundGood() throws Exception {
        Refusals refusals = new Refusals(state, Clock.systemUTC());
        refusals.doubt(DEMO, FIRST, "a chunk is damaged");
        refusals.doubt(DEMO, SECOND, "a log is damaged");
        refusals.doubt(DEMO, FIRST, "a chunk is lost");
        assertThat(refusals.of(DEMO))
                .extracting(RefusedSnapshot::why)
                .containsExactly("a log is damaged", "a chunk is lost");

        refusals.withdraw(DEMO, FIRST);
        assertThat(refusals.of(DEMO)).extracting(RefusedSnapshot::snapshot).containsExactly(SECOND);
        long size = Files.size(file());
        refusals.withdraw(DEMO, FIRST);
        assertThat(file()).hasSize(size);

        refusals.doubt(DEMO, FIRST, "a table is damaged");
        assertThat(refusals.of(DEMO)).hasSize(2);
    }

    private Path file() {
        return PublisherState.refused(state, DEMO);
    }
}
