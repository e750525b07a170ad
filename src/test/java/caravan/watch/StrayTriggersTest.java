package caravan.watch;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.snapshot.DatabaseName;
import caravan.watch.StrayTriggers.Stray;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrayTriggersTest {

    private static final DatabaseName KUSAMA = new DatabaseName("kusama");

    private static final DatabaseName POLKADOT = new DatabaseName("polkadot");

    @TempDir
    Path state;

    private Triggers triggers;

    private StrayTriggers strays;

    @BeforeEach
    void prepare() throws Exception {
        triggers = new Triggers(state.resolve("trigger"));
        triggers.prepare(List.of(POLKADOT, KUSAMA));
        strays = new StrayTriggers(triggers, List.of(POLKADOT, KUSAMA));
    }

    @Test
    void misspeltTriggerIsToldOnceWithTheNameThatWasMeant() throws Exception {
        Path misspelt = Files.createFile(triggers.directory().resolve("Polkadt"));

        strays.news();

        assertThat(strays.news())
                .containsExactly(new Stray(
                        "trigger file " + misspelt
                                + " asks for nothing, because no database has that name; there are kusama, polkadot",
                        "did you mean " + triggers.directory().resolve("polkadot") + "? Rename or delete it"));
        assertThat(strays.news()).isEmpty();
    }

    @Test
    void misspeltTriggerThatCameAgainIsToldAgain() throws Exception {
        Path misspelt = Files.createFile(triggers.directory().resolve("polkadt"));
        strays.news();
        assertThat(strays.news()).hasSize(1);
        Files.delete(misspelt);
        assertThat(strays.news()).isEmpty();

        Files.createFile(misspelt);
        strays.news();

        assertThat(strays.news()).hasSize(1);
    }

    @Test
    void fileOnItsWayToTheRightNameIsNotTold() throws Exception {
        Path temporary = Files.createFile(triggers.directory().resolve("polkadot.tmp"));
        assertThat(strays.news()).isEmpty();
        Files.move(temporary, triggers.directory().resolve("polkadot"));

        assertThat(strays.news()).isEmpty();
        assertThat(strays.news()).isEmpty();
    }

    @Test
    void directoryWithTheNameOfADatabaseIsToldToBeNoFile() throws Exception {
        Path entry = Files.createDirectory(triggers.directory().resolve("kusama"));
        strays.news();

        assertThat(strays.news())
                .extracting(Stray::words)
                .containsExactly(entry + " is no trigger, because it is not a file");
    }

    @Test
    void triggersThatWaitOrAreAcceptedAreNotTold() throws Exception {
        Files.createFile(triggers.directory().resolve("kusama"));
        Files.createFile(triggers.directory().resolve("polkadot"));
        triggers.accept(KUSAMA);
        strays.news();

        assertThat(strays.news()).isEmpty();
    }

    @Test
    void directoryThatIsGoneIsTold() throws Exception {
        Files.delete(triggers.directory());
        strays.news();

        assertThat(strays.news())
                .extracting(Stray::words)
                .singleElement()
                .asString()
                .startsWith("cannot look for trigger files in " + triggers.directory() + ": ");
        assertThat(strays.news()).isEmpty();
    }
}
