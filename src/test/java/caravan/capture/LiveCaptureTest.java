package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveCaptureTest {

    private static final DatabaseName NAME = new DatabaseName("demo");

    @TempDir
    Path base;

    private Path root;

    @BeforeEach
    void makeNodeDirectory() throws Exception {
        root = Files.createDirectories(base.resolve("chains/demo"));
        SampleDirectory.rocksDb(root.resolve("db/full/parachains/db"));
        SampleDirectory.rocksDb(root.resolve("db/full"));
        Files.createDirectory(root.resolve("keystore"));
        Files.writeString(root.resolve("keystore/62616265"), "secret");
        Files.createDirectory(root.resolve("network"));
        Files.writeString(root.resolve("network/secret_ed25519"), "secret");
    }

    @Test
    void findsTheStoresOfANodeAndTakesTheNestedOneFirst() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            assertThat(captured.stores())
                    .extracting(CapturedStore::store)
                    .containsExactly(
                            new DatabaseStore("db/full/parachains/db", Engine.ROCKSDB, "live", "structure", 64 << 20),
                            new DatabaseStore("db/full", Engine.ROCKSDB, "live", "structure", 64 << 20));
            assertThat(captured.stores()).allSatisfy(store -> {
                assertThat(store.databaseIdentity()).hasSize(36);
                assertThat(store.sequence()).isEqualTo(3);
                assertThat(store.notes()).isEmpty();
            });
            assertThat(captured.pauseMillis()).isZero();
            assertThat(captured.freeBytesAtStart()).isPositive();
            assertThat(captured.emptyDirectories()).isEmpty();
        }
    }

    @Test
    void givesExactlyTheFilesOfTheCopySortedByPath() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            List<CapturedFile> files = captured.files();

            assertThat(files).extracting(CapturedFile::path).isSorted();
            assertThat(files)
                    .extracting(file -> file.path().value().replaceAll("\\d{6}", "N"))
                    .containsExactly(
                            "db/full/N.sst",
                            "db/full/N.log",
                            "db/full/N.sst",
                            "db/full/CURRENT",
                            "db/full/IDENTITY",
                            "db/full/MANIFEST-N",
                            "db/full/OPTIONS-N",
                            "db/full/db_version",
                            "db/full/parachains/db/N.sst",
                            "db/full/parachains/db/N.log",
                            "db/full/parachains/db/N.sst",
                            "db/full/parachains/db/CURRENT",
                            "db/full/parachains/db/IDENTITY",
                            "db/full/parachains/db/MANIFEST-N",
                            "db/full/parachains/db/OPTIONS-N",
                            "db/full/parachains/db/db_version");
            assertThat(files).allSatisfy(file -> {
                assertThat(file.staged()).hasSize(file.size()).isRegularFile();
                assertThat(file.staged()).hasSameBinaryContentAs(file.path().under(root));
                assertThat(file.writeOnce()).isEqualTo(file.path().value().endsWith(".sst"));
            });
        }
    }

    @Test
    void knowsEachFileByWhatItIsInTheNodesDirectory() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            assertThat(captured.files()).allSatisfy(file -> {
                Path source = file.path().under(root.toRealPath());
                Map<String, Object> facts =
                        Files.readAttributes(source, "unix:dev,ino,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                assertThat(file.source().sourcePath()).isEqualTo(source.toString());
                assertThat(file.source().device()).isEqualTo(facts.get("dev"));
                assertThat(file.source().inode()).isEqualTo(facts.get("ino"));
                assertThat(file.source().size()).isEqualTo(facts.get("size"));
                assertThat(file.source().modifiedNanos())
                        .isEqualTo(Files.getLastModifiedTime(source).to(TimeUnit.NANOSECONDS));
                assertThat(file.source().databaseIdentity()).hasSize(36);
            });
        }
    }

    @Test
    void sharesOnlyFilesThatAreNeverWrittenAgain() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            assertThat(captured.files()).allSatisfy(file -> assertThat(
                            inode(file.staged()) == inode(file.path().under(root)))
                    .as(file.path().value())
                    .isEqualTo(file.writeOnce()));
        }
    }

    @Test
    void leavesTheNodesDirectoryAsItWas() throws Exception {
        Map<String, String> before = SampleDirectory.factsOf(root);

        try (CapturedDatabase captured = capture(request())) {
            captured.release(captured.files().get(0));
        }

        assertThat(SampleDirectory.factsOf(root)).isEqualTo(before);
        assertThat(request().stage()).doesNotExist();
        assertThat(root.getParent()).isDirectoryNotContaining(entry -> !entry.equals(root));
    }

    @Test
    void keepsWhatTheNodeDeletesUntilItIsReleased() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            CapturedFile table = captured.files().stream()
                    .filter(CapturedFile::writeOnce)
                    .findFirst()
                    .orElseThrow();
            Files.delete(table.path().under(root));

            assertThat(table.staged()).hasSize(table.size());
            captured.release(table);
            captured.release(table);
            assertThat(table.staged()).doesNotExist();
        }
    }

    @Test
    void onlyFilesOfTheCaptureAreReleased() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            CapturedFile file = captured.files().get(0);
            CapturedFile live =
                    new CapturedFile(file.path(), file.path().under(root), file.size(), false, file.source());

            assertThatThrownBy(() -> captured.release(live)).isInstanceOf(IllegalArgumentException.class);
            assertThat(live.staged()).exists();
        }
    }

    @Test
    void theRootItselfMayBeTheStore() throws Exception {
        Path store = root.resolve("db/full");
        CaptureRequest request =
                new CaptureRequest(NAME, store, List.of(), base.resolve("stage"), Map.of(Engine.ROCKSDB, 1L << 20), 0);

        try (CapturedDatabase captured = capture(request)) {
            assertThat(captured.stores())
                    .extracting(found -> found.store().path())
                    .containsExactly("parachains/db", "");
            assertThat(captured.stores())
                    .extracting(found -> found.store().chunkSize())
                    .containsOnly(1L << 20);
            assertThat(captured.files())
                    .extracting(file -> file.path().value())
                    .contains("CURRENT", "parachains/db/CURRENT");
        }
    }

    @Test
    void takesOnlyTheStoresThatAreNamed() throws Exception {
        try (CapturedDatabase captured = capture(withStores("db/full"))) {
            assertThat(captured.stores())
                    .extracting(found -> found.store().path())
                    .containsExactly("db/full");
        }
    }

    @Test
    void leavesOutWhatIsNoPartOfADatabaseAndSaysSo() throws Exception {
        Files.writeString(root.resolve("db/full/notes.txt"), "mine");
        Files.createDirectory(root.resolve("db/full/backup"));
        Files.createDirectory(root.resolve("db/full/lost+found"));
        Files.createSymbolicLink(root.resolve("db/full/link"), root.resolve("keystore/62616265"));
        new ProcessBuilder("mkfifo", root.resolve("db/full/pipe").toString())
                .start()
                .waitFor();

        try (CapturedDatabase captured = capture(request())) {
            assertThat(captured.stores().get(1).notes())
                    .hasSize(4)
                    .anyMatch(note -> note.contains("notes.txt"))
                    .anyMatch(note -> note.contains("backup"))
                    .anyMatch(note -> note.contains("link"))
                    .anyMatch(note -> note.contains("pipe"));
            assertThat(captured.files()).hasSize(16);
        }
    }

    @Test
    void refusesWhereThereIsNoDatabase() throws Exception {
        assertRefused(CaptureRequest.of(NAME, base.resolve("nowhere")), "there is no directory");
        assertRefused(CaptureRequest.of(NAME, Files.createDirectory(base.resolve("empty"))), "is empty");
        assertRefused(CaptureRequest.of(NAME, root.resolve("keystore")), "holds no database");
        assertRefused(CaptureRequest.of(NAME, root.resolve("keystore/62616265")), "is not a directory");
        assertRefused(withStores("db/nowhere"), "there is no directory");
        Files.createDirectory(root.resolve("other"));
        assertRefused(withStores("other"), "is empty");
        Files.writeString(root.resolve("other/data.mdb"), "x");
        assertRefused(withStores("other"), "holds neither a RocksDB nor a ParityDB");
        assertRefused(withStores("network"), "keeps secret keys");
        assertRefused(withStores("keystore"), "keeps secret keys");
    }

    @Test
    void refusesStoresThatAreNotBelowTheRoot() throws Exception {
        assertRefused(withStores("../demo/db/full"), "cannot be published");
        assertRefused(withStores("/etc"), "cannot be published");
        assertRefused(withStores("db/full", "db/full"), "named twice");
    }

    @Test
    void refusesAParityDbWithAWordAboutWhatIsComing() throws Exception {
        Path other = Files.createDirectory(base.resolve("parity"));
        SampleDirectory.parityDb(other.resolve("paritydb/full"));

        assertRefused(CaptureRequest.of(NAME, other), "ParityDB, which cannot be captured live");
    }

    @Test
    void refusesTwoEngines() throws Exception {
        SampleDirectory.parityDb(root.resolve("paritydb/full"));
        assertRefused(request(), "both a RocksDB and a ParityDB");

        SampleDirectory.parityDb(root.resolve("db/full"));
        assertRefused(withStores("db/full"), "both a RocksDB and a ParityDB");
    }

    @Test
    void refusesAStoreWithSecretKeysInIt() throws Exception {
        for (String key : List.of("keystore", "network", "secret_ed25519", "62616265" + "0a".repeat(32), "node.pem")) {
            Path inside = Files.createDirectory(root.resolve("db/full").resolve(key));
            assertRefused(request(), "secret keys (" + key + ")");
            Files.delete(inside);
        }
    }

    @Test
    void refusesFilesOfAnEngineThatItDoesNotKnow() throws Exception {
        Files.createFile(root.resolve("db/full/000099.vlog"));

        assertRefused(request(), "000099.vlog");
    }

    @Test
    void refusesEngineFilesThatAreNotRegularFilesWithoutOpeningThem() throws Exception {
        Path table = root.resolve("db/full/000999.sst");
        Files.createSymbolicLink(table, root.resolve("keystore/62616265"));
        assertRefused(request(), "000999.sst is not a regular file");
        Files.delete(table);

        Path log = root.resolve("db/full/000998.log");
        new ProcessBuilder("mkfifo", log.toString()).start().waitFor();
        assertRefused(request(), "000998.log is not a regular file");
    }

    @Test
    void refusesUnfitSettingsOfTheEngine() throws Exception {
        Path recycling =
                SampleDirectory.rocksDb(base.resolve("recycling/db/full"), options -> options.setRecycleLogFileNum(2));
        assertRefused(CaptureRequest.of(NAME, recycling.resolve("../..").normalize()), "recycle_log_file_num=2");

        Path wal = Files.createDirectory(base.resolve("wal"));
        SampleDirectory.rocksDb(base.resolve("elsewhere/db/full"), options -> options.setWalDir(wal.toString()));
        assertRefused(CaptureRequest.of(NAME, base.resolve("elsewhere")), "wal_dir=" + wal);
    }

    @Test
    void refusesADatabaseWhoseSettingsAreNotKnown() throws Exception {
        try (var files = Files.newDirectoryStream(root.resolve("db/full"), "OPTIONS-*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }

        assertRefused(request(), "no OPTIONS file");
    }

    @Test
    void refusesAStageInsideTheNodesDirectoryOrAroundIt() throws Exception {
        assertRefused(withStage(root.resolve("db/full/stage")), "inside the database directory");
        assertRefused(withStage(root.resolve("db")), "or around it");
        assertRefused(withStage(base.resolve("nowhere/stage")), "does not exist");
        assertRefused(withStage(root.resolve("stage")), "inside the database directory");
        assertRefused(withStage(root.getParent()), "or around it");
    }

    @Test
    void permitsAStageInTheNodesDirectoryIfThatIsAMountOfItsOwn() throws Exception {
        Path mount = Path.of("/dev/shm");
        assumeTrue(
                Files.isDirectory(mount)
                        && !Files.getAttribute(mount, "unix:dev")
                                .equals(Files.getAttribute(Path.of("/dev"), "unix:dev")),
                "needs a mount");

        assertThat(StagePlace.outside(mount, List.of(), mount.resolve("stage"))).isEqualTo(mount.resolve("stage"));
    }

    @Test
    void refusesAStageOnAnotherMount() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory));
        Path stage = memory.resolve("caravan-test-" + ProcessHandle.current().pid());

        assertRefused(withStage(stage), "another mount");
        assertThat(stage).doesNotExist();
    }

    @Test
    void refusesToGoBelowTheFloorOfFreeSpace() throws Exception {
        assertRefused(
                new CaptureRequest(NAME, root, List.of(), base.resolve("stage"), Map.of(), Long.MAX_VALUE),
                "less than the floor");
        assertThat(base.resolve("stage")).doesNotExist();
    }

    @Test
    void leavesNothingBehindWhenItRefuses() throws Exception {
        Files.createFile(root.resolve("db/full/000099.vlog"));
        Map<String, String> before = SampleDirectory.factsOf(root);

        assertRefused(request(), "000099.vlog");

        assertThat(SampleDirectory.factsOf(root)).isEqualTo(before);
        assertThat(request().stage()).doesNotExist();
    }

    @Test
    void aDatabaseHasOneCaptureAtATime() throws Exception {
        try (CapturedDatabase captured = capture(request())) {
            assertRefused(request(), "in use by another capture");
            assertThat(captured.files())
                    .allSatisfy(file -> assertThat(file.staged()).exists());
        }
        capture(request()).close();
    }

    private void assertRefused(CaptureRequest request, String words) {
        assertThatThrownBy(() -> capture(request).close())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(words)
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
    }

    private static CapturedDatabase capture(CaptureRequest request) throws Exception {
        return new LiveCapture().capture(request);
    }

    private CaptureRequest request() {
        return CaptureRequest.of(NAME, root);
    }

    private CaptureRequest withStores(String... stores) {
        return new CaptureRequest(NAME, root, List.of(stores), base.resolve("stage"), Map.of(), 0);
    }

    private CaptureRequest withStage(Path stage) {
        return new CaptureRequest(NAME, root, List.of(), stage, Map.of(), 0);
    }

    private static long inode(Path file) throws Exception {
        return (long) Files.getAttribute(file, "unix:ino");
    }
}
