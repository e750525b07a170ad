package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Targets that {@code fetch} refuses: it writes nothing to them, and follows no link that somebody has put there. */
class FetchTargetTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(1000));

    private final Path target = demo.target();
    private final Bucket.Tree old = Trees.older();

    @BeforeEach
    void publish() throws Exception {
        demo.publish(old, 1);
        demo.publishLatest(Trees.newer(), 2);
    }

    @Test
    void aPlantedLinkToAFileIsRefusedAndNothingIsChanged() throws Exception {
        fetchOld();
        Path outside = Files.writeString(demo.directory().resolve("outside"), "mine");
        Files.delete(target.resolve("db/full/000001.sst"));
        Files.createSymbolicLink(target.resolve("db/full/000001.sst"), outside);
        List<String> before = Trees.print(target);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("000001.sst is a link");

        assertThat(outside).hasContent("mine");
        assertThat(Trees.print(target)).isEqualTo(before);
    }

    @Test
    void aPlantedLinkToADirectoryIsNotFollowed() throws Exception {
        fetchOld();
        Path outside = Files.createDirectory(demo.directory().resolve("outside"));
        Files.move(target.resolve("db/full/parachains"), outside.resolve("parachains"));
        Files.createSymbolicLink(target.resolve("db/full/parachains"), outside.resolve("parachains"));
        List<String> before = Trees.print(outside);
        List<String> inside = Trees.print(target);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("parachains is a link");

        assertThat(Trees.print(outside)).isEqualTo(before);
        assertThat(Trees.print(target)).isEqualTo(inside);
    }

    @Test
    void aLinkAboveTheStoresIsNotFollowedEither() throws Exception {
        fetchOld();
        Path outside = Files.createDirectory(demo.directory().resolve("outside"));
        Files.move(target.resolve("db"), outside.resolve("db"));
        Files.createSymbolicLink(target.resolve("db"), outside.resolve("db"));
        List<String> before = Trees.print(outside);

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("db is a link");

        assertThat(Trees.print(outside)).isEqualTo(before);
    }

    @Test
    void aPlantedLinkInTheStageIsRefused() throws Exception {
        Path outside = Files.createDirectory(demo.directory().resolve("outside"));
        Path stage = Files.createDirectory(target.resolveSibling("data.caravan-incomplete"));
        Files.createDirectory(stage.resolve("db"));
        Files.createSymbolicLink(stage.resolve("db/full"), outside);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("a link or something that is no plain file");

        assertThat(outside).isEmptyDirectory();
        assertThat(target).doesNotExist();
    }

    @Test
    void aLinkInPlaceOfTheStageIsRefused() throws Exception {
        Path outside = Files.createDirectory(demo.directory().resolve("outside"));
        Files.createSymbolicLink(target.resolveSibling("data.caravan-incomplete"), outside);

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("in the way");

        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aDirectoryOfOtherThingsIsRefusedAndUntouched() throws Exception {
        Files.createDirectories(target.resolve("db"));
        Files.writeString(target.resolve("letter.txt"), "dear");
        List<String> before = Trees.print(target);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("holds no database")
                .hasMessageContaining("letter.txt");

        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(Trees.list(demo.disk())).containsExactly("data");
    }

    @Test
    void aCopyOfOursThatLostItsSealsIsHealed() throws Exception {
        fetchOld();
        for (String seal : List.of("db/full/CURRENT", "db/full/parachains/db/CURRENT")) {
            Files.delete(target.resolve(seal));
        }

        demo.fetch(1);

        Trees.assertExact(target, old);
    }

    @Test
    void aDirectoryThatOnceHeldACopyOfOursAndHoldsOtherThingsNowIsRefused() throws Exception {
        fetchOld();
        Files.move(target, target.resolveSibling("elsewhere"));
        Files.createDirectories(target.resolve("letters"));
        List<String> before = Trees.print(target);

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("holds no database");

        assertThat(Trees.print(target)).isEqualTo(before);
    }

    @Test
    void aFileIsNoTargetAndAMissingParentIsNotMade() throws Exception {
        Files.writeString(target, "a file");

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> demo.fetchInto(target.resolveSibling("not/mounted")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("does not exist");

        assertThat(target).hasContent("a file");
    }

    private void fetchOld() throws Exception {
        demo.fetch(1);
        Trees.assertExact(target, old);
    }
}
