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
import caravan.snapshot.Engine;
import caravan.watch.NodeFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownSourceTest {

    private static final DatabaseName NAME = TestDatabase.NAME;

    private static final NodeFacts POLKADOT = node("Polkadot", "0xab");

    private static final NodeFacts KUSAMA = node("Kusama", "0xcd");

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
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        assertThatCode(() -> source(false).requireSame(captured(1), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
    }

    @Test
    void aDatabaseMayShrinkByAFifthAndNotByMore() throws Exception {
        source(false).remember(captured(1000), NodeFacts.UNKNOWN);

        assertThatCode(() -> source(false).requireSame(captured(800), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireSame(captured(799), NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("it has 799 bytes, more than 20 % fewer than the 1000")
                .satisfies(refusal -> assertThatHint(refusal, "caravan.database.demo.accept-changed-source=true"));
        assertThatCode(() -> source(true).requireSame(captured(1), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
    }

    @Test
    void logsThatARestartedNodeBeganAnewAreNoShrinkage() throws Exception {
        source(false).remember(rocksDb(1000, 3000), NodeFacts.UNKNOWN);

        assertThatCode(() -> source(false).requireSame(rocksDb(800, 0), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireSame(rocksDb(799, 5000), NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("it has 799 bytes without its logs, more than 20 % fewer than the 1000");
    }

    @Test
    void aSourceOnAnotherMountIsRefusedUnlessItIsWanted() throws Exception {
        source(false).remember(captured(1000), NodeFacts.UNKNOWN);
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();

        Files.writeString(file, "uuid 1234-abcd\n1000\n");

        assertThatThrownBy(() -> source(false).requireSame(NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is on another mount")
                .hasMessageContaining("uuid 1234-abcd")
                .satisfies(refusal -> assertThatHint(refusal, "accept-changed-source=true"));
        assertThatCode(() -> source(true).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
    }

    @Test
    void aStoreThatIsOnAnotherMountThanItWasIsRefusedThoughItsRootIsNot() throws Exception {
        Path elsewhere = Files.createTempDirectory(Path.of("/dev/shm"), "caravan-test");
        try {
            CapturedDatabase captured = captured(1000);
            Path store = root.resolve(captured.stores().get(0).store().path());
            assumeTrue(!MountIdentity.of(elsewhere).equals(MountIdentity.of(root)), "needs a second mount at /dev/shm");
            Files.createDirectories(store);
            source(false).remember(captured, NodeFacts.UNKNOWN);
            assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();

            Files.delete(store);
            Files.createSymbolicLink(store, elsewhere);

            assertThatThrownBy(() -> source(false).requireSame(NodeFacts.UNKNOWN))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining(store + " is on another mount")
                    .satisfies(refusal -> assertThatHint(refusal, "accept-changed-source=true"));
            assertThatCode(() -> source(true).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        } finally {
            Files.delete(elsewhere);
        }
    }

    @Test
    void whatAnEarlierVersionRememberedIsCompared() throws Exception {
        Files.writeString(file, MountIdentity.of(root).text() + "\n1000\n");

        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireSame(captured(799), NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void whatAPowerCutLeftOfTheFileIsNoOpinion() throws Exception {
        for (String left :
                List.of("", "uuid 12", "uuid 1234-abcd\n", "uuid 1234-abcd\n10x\n", "uuid 1234-abcd\n10\ndb/f")) {
            Files.writeString(file, left);

            assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
            assertThatCode(() -> source(false).requireSame(captured(1), NodeFacts.UNKNOWN))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aNodeOfAnotherChainIsRefusedUnlessItIsWanted() throws Exception {
        source(false).remember(captured(1000), POLKADOT);

        assertThatCode(() -> source(false).requireSame(POLKADOT)).doesNotThrowAnyException();
        assertThatThrownBy(() -> source(false).requireSame(KUSAMA))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "publish demo: its node is of chain Kusama (genesis 0xcd), but what was last published is of"
                                + " chain Polkadot (genesis 0xab)")
                .satisfies(refusal -> assertThatHint(refusal, "caravan.database.demo.accept-changed-source=true"));
        assertThatThrownBy(() -> source(false).requireSame(node("Polkadot", "0xcd")))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> source(false).requireSame(node("Kusama", "0xab")))
                .isInstanceOf(RefusedException.class);
        assertThatCode(() -> source(true).requireSame(KUSAMA)).doesNotThrowAnyException();
    }

    @Test
    void aNodeThatWasNotAskedRefusesNothingAndIsNotForgotten() throws Exception {
        source(false).remember(captured(1000), NodeFacts.UNKNOWN);
        assertThatCode(() -> source(false).requireSame(KUSAMA)).doesNotThrowAnyException();

        source(false).remember(captured(1000), POLKADOT);
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        source(false).remember(captured(1000), NodeFacts.UNKNOWN);
        assertThatThrownBy(() -> source(false).requireSame(KUSAMA)).isInstanceOf(RefusedException.class);

        source(true).remember(captured(1000), NodeFacts.UNKNOWN);
        assertThatCode(() -> source(false).requireSame(KUSAMA)).doesNotThrowAnyException();
    }

    @Test
    void anotherRocksDbIsRefusedBeforeAndAfterTheCaptureIfNoNodeSaysThatItIsOfTheSameChain() throws Exception {
        Files.writeString(root.resolve("IDENTITY"), "first\n");
        source(false).remember(identified("first"), NodeFacts.UNKNOWN);
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        assertThatCode(() -> source(false).requireSame(identified("first"), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();

        Files.writeString(root.resolve("IDENTITY"), "second\n");

        assertThatThrownBy(() -> source(false).requireSame(NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is another RocksDB (IDENTITY second) than when it was last published (first)")
                .satisfies(refusal -> assertThatHint(refusal, "caravan.database.demo.accept-changed-source=true"));
        assertThatThrownBy(() -> source(false).requireSame(POLKADOT)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> source(false).requireSame(identified("second"), NodeFacts.UNKNOWN))
                .isInstanceOf(RefusedException.class);
        assertThatCode(() -> source(true).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        assertThatCode(() -> source(true).requireSame(identified("second"), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
    }

    @Test
    void aDatabaseThatWasSyncedAnewOnTheSameChainIsPublished() throws Exception {
        source(false).remember(identified("first"), POLKADOT);
        Files.writeString(root.resolve("IDENTITY"), "second\n");

        assertThatCode(() -> source(false).requireSame(POLKADOT)).doesNotThrowAnyException();
        assertThatCode(() -> source(false).requireSame(identified("second"), POLKADOT))
                .doesNotThrowAnyException();
    }

    @Test
    void aStoreWithoutAnIdentityRefusesNothing() throws Exception {
        source(false).remember(identified("first"), NodeFacts.UNKNOWN);
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();

        source(false).remember(captured(1000), NodeFacts.UNKNOWN);
        Files.writeString(root.resolve("IDENTITY"), "second\n");
        assertThatCode(() -> source(false).requireSame(NodeFacts.UNKNOWN)).doesNotThrowAnyException();
        assertThatCode(() -> source(false).requireSame(identified("second"), NodeFacts.UNKNOWN))
                .doesNotThrowAnyException();
    }

    private static void assertThatHint(Throwable refusal, String words) {
        assertThat(((RefusedException) refusal).hint()).contains(words);
    }

    private KnownSource source(boolean acceptsChanges) {
        PublishedDatabase database = TestDatabase.in(root, base.resolve("stage"), acceptsChanges);
        return new KnownSource(database, file);
    }

    private CapturedDatabase captured(int bytes) throws Exception {
        return new FakeCapture(base).file("CURRENT", new byte[bytes]).capture(CaptureRequest.of(NAME, root));
    }

    private CapturedDatabase rocksDb(int tables, int logs) throws Exception {
        return new FakeCapture(base)
                .engine(Engine.ROCKSDB)
                .file("000007.sst", new byte[tables])
                .file("000008.log", new byte[logs])
                .capture(CaptureRequest.of(NAME, root));
    }

    private CapturedDatabase identified(String identity) throws Exception {
        return new FakeCapture(base)
                .identity(identity)
                .file("CURRENT", new byte[1000])
                .capture(CaptureRequest.of(NAME, root));
    }

    private static NodeFacts node(String chain, String genesis) {
        return new NodeFacts(chain, "1.0", genesis, 7, "0x07", "rpc");
    }
}
