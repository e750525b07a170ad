package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.capture.CaptureRequest;
import caravan.capture.CapturedDatabase;
import caravan.capture.MountIdentity;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownSourceTest {

    private static final DatabaseName NAME = new DatabaseName("demo");

    @TempDir
    Path base;

    private Path root;
    private Path file;

    @BeforeEach
    void makeRoot() throws Exception {
        root = Files.createDirectory(base.resolve("root"));
        file = base.resolve("source");
    }

    @Test
    void theFirstRunHasNothingToCompareWith() {
        assertThatCode(() -> source(false).requireSameMount()).doesNotThrowAnyException();
        assertThatCode(() -> source(false).requireNotShrunk(captured(1))).doesNotThrowAnyException();
    }

    @Test
    void aDatabaseMayShrinkByAFifthAndNotByMore() throws Exception {
        source(false).remember(captured(1000));

        assertThatCode(() -> source(false).requireNotShrunk(captured(800))).doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireNotShrunk(captured(799)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("it has 799 bytes, more than 20 % fewer than the 1000")
                .satisfies(refusal -> assertThatHint(refusal, "caravan.database.demo.accept-changed-source=true"));
        assertThatCode(() -> source(true).requireNotShrunk(captured(1))).doesNotThrowAnyException();
    }

    @Test
    void aSourceOnAnotherMountIsRefusedUnlessItIsWanted() throws Exception {
        source(false).remember(captured(1000));
        assertThatCode(() -> source(false).requireSameMount()).doesNotThrowAnyException();

        Files.writeString(file, "uuid 1234-abcd\n1000\n");

        assertThatThrownBy(() -> source(false).requireSameMount())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is on another mount")
                .hasMessageContaining("uuid 1234-abcd")
                .satisfies(refusal -> assertThatHint(refusal, "accept-changed-source=true"));
        assertThatCode(() -> source(true).requireSameMount()).doesNotThrowAnyException();
    }

    @Test
    void aStoreThatIsOnAnotherMountThanItWasIsRefusedThoughItsRootIsNot() throws Exception {
        Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "caravan-test");
        try {
            CapturedDatabase captured = captured(1000);
            Path store = root.resolve(captured.stores().get(0).store().path());
            assumeTrue(!MountIdentity.of(elsewhere).equals(MountIdentity.of(root)), "needs a second mount at /dev/shm");
            Files.createDirectories(store);
            source(false).remember(captured);
            assertThatCode(() -> source(false).requireSameMount()).doesNotThrowAnyException();

            Files.delete(store);
            Files.createSymbolicLink(store, elsewhere);

            assertThatThrownBy(() -> source(false).requireSameMount())
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(store + " is on another mount")
                    .satisfies(refusal -> assertThatHint(refusal, "accept-changed-source=true"));
            assertThatCode(() -> source(true).requireSameMount()).doesNotThrowAnyException();
        } finally {
            Files.delete(elsewhere);
        }
    }

    @Test
    void whatAnEarlierVersionRememberedIsCompared() throws Exception {
        Files.writeString(file, MountIdentity.of(root).text() + "\n1000\n");

        assertThatCode(() -> source(false).requireSameMount()).doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireNotShrunk(captured(799))).isInstanceOf(RefusedException.class);
    }

    @Test
    void whatAPowerCutLeftOfTheFileIsNoOpinion() throws Exception {
        for (String left :
                List.of("", "uuid 12", "uuid 1234-abcd\n", "uuid 1234-abcd\n10x\n", "uuid 1234-abcd\n10\ndb/f")) {
            Files.writeString(file, left);

            assertThatCode(() -> source(false).requireSameMount()).doesNotThrowAnyException();
            assertThatCode(() -> source(false).requireNotShrunk(captured(1))).doesNotThrowAnyException();
        }
    }

    private static void assertThatHint(Throwable refusal, String words) {
        assertThat(((RefusedException) refusal).hint()).contains(words);
    }

    private KnownSource source(boolean acceptsChanges) {
        PublishedDatabase database = new PublishedDatabase(
                NAME, root, List.of(), base.resolve("stage"), 0, 0, "", "", "", List.of(), acceptsChanges);
        return new KnownSource(database, file);
    }

    private CapturedDatabase captured(int bytes) throws Exception {
        return new FakeCapture(base).file("CURRENT", new byte[bytes]).capture(CaptureRequest.of(NAME, root));
    }
}
