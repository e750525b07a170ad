package caravan.watch;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.DatabaseName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TriggersTest {

    private static final DatabaseName DEMO = new DatabaseName("demo");

    @TempDir
    Path state;

    private Triggers triggers;

    @BeforeEach
    void prepare() throws Exception {
        triggers = new Triggers(state.resolve("trigger"));
        triggers.prepare(List.of(DEMO));
    }

    @Test
    void onlyTheOwnUserMayWriteTriggers() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(triggers.directory())))
                .isEqualTo("rwx------");
    }

    @Test
    void triggerIsAcceptedOnceAndGoneWhenItsPublicationHasEnded() throws Exception {
        Files.createFile(triggers.directory().resolve("demo"));

        assertThat(triggers.accept(DEMO)).isTrue();
        assertThat(triggers.accept(DEMO)).isFalse();
        triggers.finish(DEMO);

        assertThat(triggers.directory()).isEmptyDirectory();
        assertThat(triggers.accept(DEMO)).isFalse();
    }

    @Test
    void triggerThatComesWhileOneIsAcceptedAsksForOneMore() throws Exception {
        Files.createFile(triggers.directory().resolve("demo"));
        triggers.accept(DEMO);
        Files.createFile(triggers.directory().resolve("demo"));
        triggers.finish(DEMO);

        assertThat(triggers.accept(DEMO)).isTrue();
    }

    @Test
    void triggerWhosePublicationNeverEndedIsPutBackByTheNextStart() throws Exception {
        Files.createFile(triggers.directory().resolve("demo"));
        triggers.accept(DEMO);

        Triggers next = new Triggers(triggers.directory());
        next.prepare(List.of(DEMO));

        assertThat(next.accept(DEMO)).isTrue();
    }
}
