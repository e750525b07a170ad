package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.command.FetchCommand;
import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.manifest.RecordFormat;
import caravan.restore.target.Ownership;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Where a node's database goes below its base path, and to whom it is given. */
class NodeBaseTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(1000));

    private final Bucket bucket = demo.bucket();
    private final Path base = demo.disk();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(5000, 1))
            .file("db/full/parachains/db/CURRENT", "MANIFEST-000007\n")
            .directory("db/full/empty");

    @ParameterizedTest
    @CsvSource({
        "polkadot, '', ROCKSDB, db/full, chains/polkadot",
        "Kusama, '', ROCKSDB, db/full, chains/ksmcc3",
        "ksmcc3, kusama, ROCKSDB, db/full, chains/ksmcc3",
        "Westend, westend2, PARITYDB, paritydb/full, chains/westend2",
        "polkadot, '', ROCKSDB, '', chains/polkadot/db/full",
        "polkadot, polkadot, PARITYDB, '', chains/polkadot/paritydb/full",
        "a chain of mine, mine_1, ROCKSDB, db/full, chains/mine_1",
    })
    void knowsWhereTheNodeLooks(String network, String chain, Engine engine, String store, String expected)
            throws Exception {
        assertThat(base.relativize(place(network, chain, store(store, engine, 1000))))
                .hasToString(expected);
    }

    @Test
    void refusesAnotherChainAndOneItDoesNotKnow() {
        DatabaseStore store = store("db/full", Engine.ROCKSDB, 1000);

        assertThatThrownBy(() -> place("Kusama", "polkadot", store))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("is of network \"Kusama\", not of polkadot");
        assertThatThrownBy(() -> place("testnet", "", store))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("whose directory below a base path is not known");
        assertThatThrownBy(() -> place("polkadot", "../etc", store)).isInstanceOf(WrongUsageException.class);
        assertThatThrownBy(() -> place("polkadot", "", store("elsewhere", Engine.ROCKSDB, 1000)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("where no node looks for it");
    }

    @Test
    void restoresBelowTheBasePathAndLeavesTheKeysOfTheNodeAlone() throws Exception {
        demo.publishLatest(tree, 1);
        Path keys = Files.createDirectories(base.resolve("chains/ksmcc3/keystore"));
        Files.writeString(keys.resolve("6772616e"), "secret");
        List<String> before = Trees.print(keys);

        fetch(base, Ownership.AS_IT_IS);

        Path root = base.resolve("chains/ksmcc3");
        for (Map.Entry<SnapshotPath, byte[]> file : tree.files().entrySet()) {
            assertThat(root.resolve(file.getKey().value())).hasBinaryContent(file.getValue());
        }
        assertThat(root.resolve("db/full/empty")).isEmptyDirectory();
        assertThat(Trees.print(keys)).isEqualTo(before);
        assertThat(Trees.list(root)).containsExactly("db", "keystore");
    }

    @Test
    void aBasePathThatIsNotThereIsRefused() throws Exception {
        demo.publishLatest(tree, 1);

        assertThatThrownBy(() -> fetch(base.resolve("not-mounted"), Ownership.AS_IT_IS))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("does not exist");
        assertThat(base).isEmptyDirectory();
    }

    @Test
    void givesAllOfItToTheOwnerThatIsAskedForOrRefusesBeforeAnythingIsWritten() throws Exception {
        demo.publishLatest(tree, 1);
        Ownership stranger = Ownership.parse("12345:54321", "640");
        if (!System.getProperty("user.name").equals("root")) {
            assertThatThrownBy(() -> fetch(base, stranger))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("cannot be given to 12345:54321");
            assertThat(base).isEmptyDirectory();
            return;
        }

        fetch(base, stranger);

        for (String path : Trees.names(base)) {
            Map<String, Object> facts = Files.readAttributes(base.resolve(path), "unix:uid,gid");
            assertThat(facts).as(path).containsEntry("uid", 12345).containsEntry("gid", 54321);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base.resolve(path))))
                    .as(path)
                    .isEqualTo(Files.isDirectory(base.resolve(path)) ? "rwxr-x---" : "rw-r-----");
        }
        assertThat(Trees.names(base)).hasSize(10);
        assertThat(Files.getAttribute(base, "unix:uid")).isNotEqualTo(12345);
    }

    @Test
    void directoriesThatLeadThereBelongToTheOwnerHoweverTheRunEnds() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
        demo.publishLatest(tree, 1);
        TreeRemoval.of(bucket.root().resolve("chunks"));
        Path left = Files.createDirectory(base.resolve(".caravan-new-left"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(4000)));
        Files.createDirectory(base.resolve(".caravan-new-of-another"));

        assertThatThrownBy(() -> fetch(base, Ownership.parse("12345:54321", "640")))
                .isInstanceOf(CaravanException.class);

        assertThat(Files.readAttributes(base.resolve("chains"), "unix:uid,gid"))
                .containsEntry("uid", 12345)
                .containsEntry("gid", 54321);
        assertThat(Trees.list(base)).containsExactlyInAnyOrder(".caravan-new-of-another", "chains");
    }

    @Test
    void aRestoreWhoseFilesCannotBeGivenAwayIsRememberedAllTheSame() throws Exception {
        demo.publishLatest(tree, 1);
        fetch(base, Ownership.AS_IT_IS);
        Path root = base.resolve("chains/ksmcc3");
        Path table = root.resolve("db/full/000001.sst");
        assumeTrue(chattr("+i", table) == 0, "only root makes files of some file systems immutable");
        demo.restoreBy(new Client(demo.directory().resolve("another-state"), demo.key()));
        try {
            assertThatThrownBy(() -> fetch(base, Ownership.parse("12345:54321", "640")))
                    .isInstanceOf(CaravanException.class)
                    .hasMessageContaining("12345:54321");
        } finally {
            chattr("-i", table);
        }

        assertThat(new KeptManifests(new ClientState(demo.client().settings().stateDirectory())).knows(root))
                .isTrue();
    }

    private static int chattr(String change, Path file) throws Exception {
        try {
            return new ProcessBuilder("chattr", change, file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return 127;
        }
    }

    @Test
    void aLinkThatWasPutIntoTheTreeIsNotGivenAway() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
        Path precious = Files.writeString(demo.directory().resolve("precious"), "of root");
        Path root = Files.createDirectories(base.resolve("chains/ksmcc3/db/full"));
        Files.createSymbolicLink(root.resolve("000001.sst"), precious);
        demo.publishLatest(tree, 1);
        ManifestFile manifest;
        try (OpenSnapshot snapshot = OpenSnapshot.find(
                demo.client().settings(),
                demo.clock(),
                new Progress(),
                SnapshotLocation.parse(bucket.root() + "/demo"))) {
            manifest = snapshot.content().manifest();
        }
        Files.writeString(root.resolve("CURRENT"), "x");

        assertThatThrownBy(() -> Handover.of(base.resolve("chains/ksmcc3"), manifest, Ownership.parse("12345", "")))
                .isInstanceOf(CaravanException.class);

        assertThat(Files.getAttribute(precious, "unix:uid")).isEqualTo(0);
    }

    @Test
    void readsOwnersAndModes() throws Exception {
        assertThat(Ownership.parse("", "750")).hasToString("rwxr-x---");
        assertThat(Ownership.parse(":0", "0600").toString()).endsWith(" rw-------");
        for (String mode : List.of("44", "4755", "abc", "477", "888")) {
            assertThatThrownBy(() -> Ownership.parse("", mode)).isInstanceOf(WrongUsageException.class);
        }
        assertThatThrownBy(() -> Ownership.parse("no-such-user-here", ""))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("knows no such user");
        assertThatThrownBy(() -> Ownership.parse("a b", "")).isInstanceOf(WrongUsageException.class);
    }

    @Test
    void theCommandWantsOnePlace() {
        CommandLine fetch = new CommandLine(new FetchCommand(setting -> ""));
        fetch.setExecutionExceptionHandler((failure, line, result) -> {
            assertThat(failure).isInstanceOf(WrongUsageException.class);
            return 2;
        });

        String trust = "--key=" + demo.key().fingerprint();
        assertThat(fetch.execute("/some/demo", trust)).isEqualTo(2);
        assertThat(fetch.execute("/some/demo", "dir", "--base-path", "base", trust))
                .isEqualTo(2);
        assertThat(fetch.execute("/some/demo", "dir", "--chain", "polkadot", trust))
                .isEqualTo(2);
    }

    private Path place(String network, String chain, DatabaseStore store) throws Exception {
        SnapshotRecord record = bucket.publish(
                new Bucket.Tree().file(store.seal().isEmpty() ? "a" : store.seal(), "a"), snapshot(1), false, store);
        return NodeBase.parse(base, chain)
                .of(ofNetwork(record, network), new ManifestHeader(Bucket.DATABASE, snapshot(1), List.of(store)));
    }

    private static SnapshotRecord ofNetwork(SnapshotRecord record, String network) throws Exception {
        String line = new String(RecordFormat.write(record), StandardCharsets.UTF_8);
        String named = line.replace("\"network\":\"testnet\"", "\"network\":\"" + network + "\"");
        return RecordFormat.read(named.getBytes(StandardCharsets.UTF_8), "of the test");
    }

    private FetchOutcome fetch(Path below, Ownership ownership) throws Exception {
        return new Fetch(demo.client().settings(), demo.clock(), new Progress(), found -> {})
                .run(new FetchRequest(
                        SnapshotLocation.parse(bucket.root() + "/demo"),
                        NodeBase.parse(below, "kusama"),
                        ownership,
                        Expectations.NONE,
                        false));
    }
}
