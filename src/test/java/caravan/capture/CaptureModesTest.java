package caravan.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import caravan.capture.node.FreezeNode;
import caravan.capture.node.NodeControl;
import caravan.capture.node.NodePause;
import caravan.capture.node.StopNode;
import caravan.capture.rocksdb.RestlessCapture;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modes on databases that nobody has open, and what they refuse. With a node that writes: the *IT beside. */
class CaptureModesTest {

    private static final DatabaseName NAME = new DatabaseName("demo");
    private static final Duration LONGEST = Duration.ofMinutes(1);

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
    }

    @Test
    void everyModeGivesTheSameFilesOfADatabaseThatNobodyHasOpen() throws Exception {
        List<String> expected;
        try (CapturedDatabase live = new LiveCapture().capture(request())) {
            expected = live.files().stream().map(CaptureModesTest::factsOf).toList();
        }
        Map<String, String> before = SampleDirectory.factsOf(root);

        for (CaptureMode mode : List.of(new FreezeCapture(freeze()), new CopyCapture(freeze()), hook())) {
            try (CapturedDatabase captured = mode.capture(request())) {
                assertThat(captured.files().stream()
                                .map(CaptureModesTest::factsOf)
                                .toList())
                        .as(mode.mode())
                        .isEqualTo(mode.mode().equals("hook") ? withoutInodes(captured, expected) : expected);
                assertThat(captured.pauseMillis()).isZero();
                assertThat(captured.stores())
                        .allSatisfy(
                                store -> assertThat(store.store().captureMode()).isEqualTo(mode.mode()))
                        .allSatisfy(store ->
                                assertThat(store.store().verification()).isEqualTo("structure"));
                assertThat(captured.files()).allSatisfy(file -> assertThat(file.staged())
                        .hasSameBinaryContentAs(file.path().under(root)));
            }
            assertThat(SampleDirectory.factsOf(root)).as(mode.mode()).isEqualTo(before);
            assertThat(request().stage()).doesNotExist();
            assertThat(base.resolve("snapshot")).doesNotExist();
        }
    }

    @Test
    void checkingChangesNothing() throws Exception {
        Map<String, String> before = SampleDirectory.factsOf(base);

        for (CaptureMode mode : List.of(new FreezeCapture(freeze()), new CopyCapture(freeze()), hook(), auto())) {
            assertThat(mode.check(request())).as(mode.mode()).hasSize(2);
        }

        assertThat(SampleDirectory.factsOf(base)).isEqualTo(before);
    }

    @Test
    void logsThatAreUsedAgainAreCopiedAndNeverLinked() throws Exception {
        Path recycling = base.resolve("recycling");
        SampleDirectory.rocksDb(recycling.resolve("db/full"), options -> options.setRecycleLogFileNum(2));
        CaptureRequest request = CaptureRequest.of(NAME, recycling);

        for (CaptureMode mode : List.of(new LiveCapture(), new FreezeCapture(freeze()))) {
            assertRefused(mode, request, "recycle_log_file_num=2", "capture=hook, or copy");
        }
        try (CapturedDatabase captured = new CopyCapture(freeze()).capture(request)) {
            assertThat(captured.files()).isNotEmpty();
        }
    }

    @Test
    void noModeTakesADatabaseInTwoPlaces() throws Exception {
        Path wal = Files.createDirectory(base.resolve("wal"));
        SampleDirectory.rocksDb(base.resolve("two/db/full"), options -> options.setWalDir(wal.toString()));
        CaptureRequest request = CaptureRequest.of(NAME, base.resolve("two"));

        for (CaptureMode mode : List.of(new LiveCapture(), new FreezeCapture(freeze()), new CopyCapture(freeze()))) {
            assertRefused(mode, request, "wal_dir=" + wal, "");
        }
    }

    @Test
    void autoTakesTheModeThatPausesLeastAndSaysWhy() throws Exception {
        assertThat(auto().check(request()))
                .allMatch(line -> line.contains("(rocksdb, live)") && line.contains("auto chose live"));
        Path parity = parity();

        assertThatThrownBy(() -> auto().check(CaptureRequest.of(NAME, parity)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no capture mode is safe for demo: not live:")
                .hasMessageContaining("not freeze:");
        AutoCapture withHook = new AutoCapture(List.of(new LiveCapture(), hook(parity), new FreezeCapture(freeze())));
        assertThat(withHook.check(CaptureRequest.of(NAME, parity)))
                .hasSize(1)
                .allMatch(line -> line.contains("auto chose hook, because not live: ")
                        && line.contains("which cannot be captured live"));
    }

    @Test
    void whatIsWrongWithTheSourceIsSaidOnceAndNotForEachModeThatAutoTried() {
        Path missing = base.resolve("missing");

        assertThatThrownBy(() -> auto().check(CaptureRequest.of(NAME, missing)))
                .isInstanceOf(RefusedException.class)
                .hasMessage("there is no directory " + missing);
    }

    @Test
    void aSnapshotThatAKilledRunLeftIsRemovedFirst() throws Exception {
        Path left = Files.createDirectories(base.resolve("snapshot/db"));
        Files.writeString(left.resolve("old"), "old");

        try (CapturedDatabase captured = hook().capture(request())) {
            assertThat(left.resolve("old")).doesNotExist();
            assertThat(captured.files()).isNotEmpty();
        }
        assertThat(base.resolve("snapshot")).doesNotExist();
    }

    @Test
    void theLiveDatabaseIsNoSnapshotOfItself() throws Exception {
        SnapshotCommands link = commands(
                "ln -s '" + root + "' '" + base.resolve("snapshot") + "'", "rm -f '" + base.resolve("snapshot") + "'");

        assertRefused(new HookCapture(link), request(), "is the live database and no snapshot of it", "");
        assertThat(base.resolve("snapshot")).doesNotExist();
        assertThat(root.resolve("db/full/CURRENT")).exists();
    }

    @Test
    void aSnapshotCommandThatFailsOrMakesNothingIsReported() {
        assertThatThrownBy(() -> new HookCapture(commands("echo no space left >&2; exit 3", "true")).capture(request()))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("snapshot-command failed with status 3: no space left");
        assertThatThrownBy(() -> new HookCapture(commands("true", "true")).capture(request()))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("nothing is in " + base.resolve("snapshot"));
        assertThat(request().stage()).doesNotExist();
    }

    @Test
    void aSnapshotCommandThatHangsOrFloodsIsEnded() {
        SnapshotCommands hanging =
                new SnapshotCommands("yes; sleep 1000", "true", base.resolve("snapshot"), Duration.ofSeconds(1));

        assertThatThrownBy(() -> new HookCapture(hanging).capture(request()))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("snapshot-command took longer than 1 s")
                .satisfies(failure -> assertThat(failure.getMessage().length()).isLessThan(3_000));
    }

    @Test
    void aSnapshotThatIsBeingMadeWhenTheCaptureIsInterruptedIsRemoved() throws Exception {
        Path snapshot = base.resolve("snapshot");
        Path making = base.resolve("making");
        SnapshotCommands commands = commands(
                "mkdir '" + snapshot + "'; echo $$ > '" + making + ".new'; mv '" + making + ".new' '" + making
                        + "'; sleep 600; touch '" + snapshot + "/late'",
                "sleep 0.5; rm -rf '" + snapshot + "'; touch '" + base.resolve("released") + "'");
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        Thread capturing = new Thread(() -> {
            assertThatThrownBy(() -> new HookCapture(commands).capture(request()))
                    .isInstanceOf(TransientException.class);
            stillInterrupted.set(Thread.currentThread().isInterrupted());
        });
        capturing.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(making));

        capturing.interrupt();
        capturing.join(30_000);

        assertThat(stillInterrupted).isTrue();
        assertThat(base.resolve("released")).exists();
        assertThat(snapshot).doesNotExist();
        long maker = Long.parseLong(Files.readString(making).strip());
        assertThat(ProcessHandle.of(maker).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aNodeIsNotStoppedForACaptureThatWasInterruptedBefore() throws Exception {
        OnePause pause = new OnePause();
        NodeControl interrupting = new NodeControl() {
            @Override
            public String check(List<LockedStore> locked) {
                return pause.check(locked);
            }

            @Override
            public NodePause prepare(List<LockedStore> locked) {
                Thread.currentThread().interrupt();
                return pause.prepare(locked);
            }

            @Override
            public Duration longest() {
                return pause.longest();
            }
        };

        assertThatThrownBy(() -> new CopyCapture(interrupting).capture(request()))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("before the node was held");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(pause.steps).containsExactly("prepare");
        assertThat(base.resolve("stage")).doesNotExist();
    }

    @Test
    void somethingThatACommandLeavesRunningDoesNotHoldUpTheCapture() throws Exception {
        SnapshotCommands forking = commands(
                "cp -a '" + root + "' '" + base.resolve("snapshot") + "'; setsid sleep 30 &",
                "rm -rf '" + base.resolve("snapshot") + "'");

        try (CapturedDatabase captured = new HookCapture(forking).capture(request())) {
            assertThat(captured.files()).isNotEmpty();
        }
    }

    @Test
    void anUnknownEngineIsTakenOnlyWhileItsNodeIsStopped() throws Exception {
        Path store = Files.createDirectories(root.resolve("mdbx"));
        Files.writeString(store.resolve("mdbx.dat"), "data");
        Files.createDirectories(store.resolve("static/empty"));
        Files.writeString(store.resolve("static/headers"), "headers");
        CaptureRequest request = new CaptureRequest(NAME, root, List.of("mdbx"), base.resolve("stage"), Map.of(), 0);

        for (CaptureMode mode :
                List.of(new LiveCapture(), new FreezeCapture(freeze()), new CopyCapture(freeze()), hook())) {
            assertThatThrownBy(() -> mode.capture(request))
                    .as(mode.mode())
                    .isInstanceOf(RefusedException.class)
                    .satisfies(refusal ->
                            assertThat(((CaravanException) refusal).hint()).contains("copy"));
        }
        try (CapturedDatabase captured = new CopyCapture(stop()).capture(request)) {
            assertThat(captured.files())
                    .extracting(file -> file.path().value())
                    .containsExactly("mdbx/mdbx.dat", "mdbx/static/headers");
            assertThat(captured.files()).allSatisfy(file -> assertThat(file.staged())
                    .hasSameBinaryContentAs(file.path().under(root)));
            assertThat(captured.emptyDirectories()).extracting(Object::toString).containsExactly("mdbx/static/empty");
            assertThat(captured.stores().get(0).store().engine()).isEqualTo(Engine.UNKNOWN);
        }
    }

    @Test
    void databasesOfEnginesWithTheFileNamesOfRocksDbAreTakenWhileTheirNodeIsStopped() throws Exception {
        Path levelDb = SampleDirectory.rocksDb(root.resolve("leveldb"));
        Path pebble = SampleDirectory.rocksDb(root.resolve("pebble"));
        for (Path store : List.of(levelDb, pebble)) {
            try (var files = Files.newDirectoryStream(store, "{OPTIONS-*,IDENTITY}")) {
                for (Path file : files) {
                    Files.delete(file);
                }
            }
        }
        try (var files = Files.newDirectoryStream(levelDb, "*.sst")) {
            for (Path file : files) {
                Files.move(file, levelDb.resolve(file.getFileName().toString().replace(".sst", ".ldb")));
            }
        }
        Files.writeString(pebble.resolve("OPTIONS-000003"), "[Version]\n  pebble_version=0.1\n\n[Options]\n");
        for (String store : List.of("leveldb", "pebble")) {
            CaptureRequest request = new CaptureRequest(NAME, root, List.of(store), base.resolve("stage"), Map.of(), 0);

            assertRefused(new LiveCapture(), request, "neither a RocksDB nor a ParityDB", "capture=copy");
            try (CapturedDatabase captured = new CopyCapture(stop()).capture(request)) {
                assertThat(captured.stores().get(0).store().engine()).isEqualTo(Engine.UNKNOWN);
                assertThat(captured.files())
                        .extracting(file -> file.path().value())
                        .contains(store + "/CURRENT", store + "/LOCK");
            }
        }
    }

    @Test
    void keysDeepInAnUnknownStoreStopTheCaptureBeforeTheNodeIsStopped() throws Exception {
        Path store = Files.createDirectories(root.resolve("geth/chaindata/deep"));
        Files.writeString(store.resolve("data"), "data");
        Files.createDirectory(store.resolve("keystore"));
        CaptureRequest request = new CaptureRequest(NAME, root, List.of("geth"), base.resolve("stage"), Map.of(), 0);

        assertRefused(new CopyCapture(stop()), request, "holds secret keys (chaindata/deep/keystore)", "");
        assertThat(base.resolve("calls")).doesNotExist();
    }

    @Test
    void nameThatCannotBePublishedStopsTheCaptureBeforeTheNodeIsStopped() throws Exception {
        Path store = Files.createDirectories(root.resolve("mdbx"));
        Files.writeString(store.resolve("two\nlines"), "data");
        CaptureRequest request = new CaptureRequest(NAME, root, List.of("mdbx"), base.resolve("stage"), Map.of(), 0);

        assertRefused(new CopyCapture(stop()), request, "cannot be published", "rename or move it");
        assertThat(base.resolve("calls")).doesNotExist();
    }

    @Test
    void filesThatTheNodeDeletesBeforeItIsStoppedDoNotStopTheCapture() throws Exception {
        Path store = Files.createDirectories(root.resolve("mdbx"));
        for (int i = 0; i < 300; i++) {
            Files.createFile(store.resolve("file-" + i));
        }
        CaptureRequest request = new CaptureRequest(NAME, root, List.of("mdbx"), base.resolve("stage"), Map.of(), 0);
        CopiedTree tree = new CopiedTree(
                StoreDescription.of(
                        request, new StoreDiscovery(root).find(List.of("mdbx")).get(0), "copy"),
                base.resolve("unused"),
                Duration.ofMinutes(1));
        AtomicBoolean running = new AtomicBoolean(true);
        Thread node = new Thread(() -> {
            for (int i = 0; running.get(); i = (i + 1) % 300) {
                try {
                    Files.deleteIfExists(store.resolve("file-" + i));
                    Files.createFile(store.resolve("file-" + i));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        node.start();
        try {
            for (int i = 0; i < 100; i++) {
                tree.prepare();
            }
        } finally {
            running.set(false);
            node.join();
        }
    }

    @Test
    void aHookMakesNothingBesideTheDatabase() throws Exception {
        CaptureRequest request = new CaptureRequest(NAME, root, List.of(), base.resolve("nowhere/stage"), Map.of(), 0);

        try (CapturedDatabase captured = hook().capture(request)) {
            assertThat(captured.files()).isNotEmpty();
            assertThat(captured.freeBytesAtStart()).isPositive();
        }
    }

    @Test
    void aTableThatIsMissingIsFoundByACheckOfEachMode() throws Exception {
        Path table;
        try (var tables = Files.newDirectoryStream(root.resolve("db/full"), "*.sst")) {
            table = tables.iterator().next();
        }
        Files.delete(table);

        for (CaptureMode mode :
                List.of(new LiveCapture(), auto(), hook(), new CopyCapture(freeze()), new FreezeCapture(freeze()))) {
            assertThatThrownBy(() -> mode.check(request()))
                    .as(mode.mode())
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining(table.getFileName() + ", which the MANIFEST names, is missing");
        }
    }

    @Test
    void aCheckRefusesACopyOfAnUnknownEngineWithoutCommands() throws Exception {
        Files.writeString(Files.createDirectories(root.resolve("mdbx")).resolve("data"), "data");
        CaptureRequest request = new CaptureRequest(NAME, root, List.of("mdbx"), base.resolve("stage"), Map.of(), 0);

        assertThatThrownBy(() -> new CopyCapture(freeze()).check(request)).isInstanceOf(RefusedException.class);
    }

    @Test
    void aStageInTheNodesDirectoryIsRefused() throws Exception {
        Path link = Files.createSymbolicLink(base.resolve("link"), root);
        for (Path stage : List.of(root.resolve("stage"), link.resolve("stage"))) {
            CaptureRequest request = new CaptureRequest(NAME, root, List.of(), stage, Map.of(), 0);
            for (CaptureMode mode : List.of(new LiveCapture(), new CopyCapture(freeze()))) {
                assertRefused(mode, request, "is inside the database directory", "stage-directory");
                assertThatThrownBy(() -> mode.check(request)).isInstanceOf(RefusedException.class);
            }
            assertThat(stage).doesNotExist();
        }
    }

    @Test
    void aCopyNeedsRoomForAll() throws Exception {
        CaptureRequest request =
                new CaptureRequest(NAME, root, List.of(), base.resolve("stage"), Map.of(), Long.MAX_VALUE / 2);

        assertRefused(new CopyCapture(freeze()), request, "that the copy takes", "free some space");
    }

    @Test
    void aParityDbWhoseIndexIsCutShortIsNotPublished() throws Exception {
        Path parity = parity();
        Files.write(parity.resolve("paritydb/full/index_00_04"), new byte[1000]);

        assertThatThrownBy(() -> new CopyCapture(freeze()).capture(CaptureRequest.of(NAME, parity)))
                .hasMessageContaining("index_00_04 has 1000 bytes, an index of 4 bits has 24576");
    }

    @Test
    void storesOfOneNodeAreTakenInOnePauseWhetherTheyLieInOrBesideOneAnother() throws Exception {
        Path parity = parity();
        SampleDirectory.parityDb(parity.resolve("paritydb/parachains"));
        for (CaptureRequest request : List.of(CaptureRequest.of(NAME, parity), request())) {
            OnePause pause = new OnePause();
            try (CapturedDatabase captured = new CopyCapture(pause).capture(request)) {
                List<String> paths = captured.stores().stream()
                        .map(store -> store.store().path())
                        .toList();
                assertThat(paths)
                        .isEqualTo(
                                request.root().equals(parity)
                                        ? List.of("paritydb/parachains", "paritydb/full")
                                        : List.of("db/full/parachains/db", "db/full"));
                assertThat(captured.files()).allSatisfy(file -> assertThat(paths)
                        .anyMatch(store -> file.path().value().startsWith(store + "/")));
                assertThat(pause.stores).hasSize(2);
                assertThat(pause.steps).containsExactly("prepare", "begin", "end");
            }
        }
    }

    /** Counts. The node that it would hold still does not run. */
    private static final class OnePause implements NodeControl {

        private final List<String> steps = new ArrayList<>();

        private List<LockedStore> stores = List.of();

        @Override
        public String check(List<LockedStore> locked) {
            return "counted";
        }

        @Override
        public NodePause prepare(List<LockedStore> locked) {
            stores = locked;
            steps.add("prepare");
            return new NodePause() {
                @Override
                public void begin() {
                    steps.add("begin");
                }

                @Override
                public Duration end() {
                    steps.add("end");
                    return Duration.ZERO;
                }

                @Override
                public void close() {
                    // nothing is held
                }
            };
        }

        @Override
        public Duration longest() {
            return Duration.ofMinutes(1);
        }
    }

    @Test
    void aNodeThatDoesNotComeBackOutweighsWhyItsCaptureFailedAndNoOtherModeIsTried() {
        NodeDownException down = new NodeDownException("it does not start", "start it by hand");
        TransientException first = new TransientException("the disk is busy", "");
        CopyCapture failing = new CopyCapture(new NoWayBack(first, down));
        OnePause next = new OnePause();

        for (CaptureMode mode : List.of(failing, new AutoCapture(List.of(failing, new CopyCapture(next))))) {
            assertThatThrownBy(() -> mode.capture(request()))
                    .as(mode.mode())
                    .isSameAs(down)
                    .satisfies(thrown -> assertThat(thrown.getSuppressed()).contains(first));
        }
        assertThat(next.steps).isEmpty();
        assertThat(request().stage()).doesNotExist();
    }

    /** A node that does not come back after a capture of it failed. */
    private record NoWayBack(CaravanException failure, NodeDownException down) implements NodeControl {

        @Override
        public String check(List<LockedStore> stores) {
            return "never comes back";
        }

        @Override
        public NodePause prepare(List<LockedStore> stores) {
            return new NodePause() {
                @Override
                public void begin() throws CaravanException {
                    throw failure;
                }

                @Override
                public Duration end() {
                    return Duration.ZERO;
                }

                @Override
                public void close() throws CaravanException {
                    throw down;
                }
            };
        }

        @Override
        public Duration longest() {
            return LONGEST;
        }
    }

    @Test
    void aParityDbHasTablesOfAllSizesAndOneWhoseLogIsDamagedIsNotPublished() throws Exception {
        Path parity = parity();
        Files.createFile(parity.resolve("paritydb/full/table_00_0a"));
        Files.createFile(parity.resolve("paritydb/full/table_00_fe"));
        try (CapturedDatabase captured = new CopyCapture(freeze()).capture(CaptureRequest.of(NAME, parity))) {
            assertThat(captured.files()).hasSize(4);
        }
        Files.write(parity.resolve("paritydb/full/log3"), new byte[100]);
        assertThatThrownBy(() -> new CopyCapture(freeze()).capture(CaptureRequest.of(NAME, parity)))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("log3 is damaged");
    }

    @Test
    void filesOfAParityDbThatAreNotKnownAreRefusedAndForeignOnesLeftOut() throws Exception {
        Path parity = parity();
        Files.writeString(parity.resolve("paritydb/full/notes.txt"), "mine");
        try (CapturedDatabase captured = new CopyCapture(freeze()).capture(CaptureRequest.of(NAME, parity))) {
            assertThat(captured.stores().get(0).notes()).hasSize(1).allMatch(note -> note.contains("notes.txt"));
            assertThat(captured.files()).hasSize(2);
        }
        Files.createFile(parity.resolve("paritydb/full/table_00_00.new"));

        assertRefused(
                new CopyCapture(freeze()),
                CaptureRequest.of(NAME, parity),
                "not known what the file table_00_00.new",
                "");
    }

    @Test
    void aDatabaseThatChangesTooFastForOneModeIsTakenByTheNext() throws Exception {
        FreezeCapture second = new FreezeCapture(freeze());
        LiveCapture restless = new LiveCapture(RestlessCapture.make(root.resolve("db/full")));

        assertThatThrownBy(() -> restless.capture(request())).isInstanceOf(TransientException.class);
        try (CapturedDatabase captured = new AutoCapture(List.of(restless, second)).capture(request())) {
            assertThat(captured.stores())
                    .allSatisfy(store -> assertThat(store.store().captureMode()).isEqualTo("freeze"));
        }
    }

    private Path parity() throws Exception {
        Path parity = Files.createDirectory(base.resolve("parity"));
        SampleDirectory.parityDb(parity.resolve("paritydb/full"));
        return parity;
    }

    private void assertRefused(CaptureMode mode, CaptureRequest request, String words, String hint) {
        assertThatThrownBy(() -> mode.capture(request).close())
                .as(mode.mode())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining(words)
                .satisfies(refusal ->
                        assertThat(((CaravanException) refusal).hint()).contains(hint));
    }

    private CaptureRequest request() {
        return CaptureRequest.of(NAME, root);
    }

    private FreezeNode freeze() {
        return new FreezeNode(LONGEST, base.resolve("log"));
    }

    private StopNode stop() {
        String calls = base.resolve("calls").toString();
        return new StopNode("echo stop >>" + calls, "echo start >>" + calls, LONGEST, LONGEST, base.resolve("log"));
    }

    private AutoCapture auto() {
        return new AutoCapture(List.of(new LiveCapture(), new FreezeCapture(freeze())));
    }

    private HookCapture hook() {
        return hook(root);
    }

    /** Nobody writes to the directory, so a copy is as good as a snapshot. */
    private HookCapture hook(Path directory) {
        Path snapshot = base.resolve("snapshot");
        return new HookCapture(commands("cp -a '" + directory + "' '" + snapshot + "'", "rm -rf '" + snapshot + "'"));
    }

    private SnapshotCommands commands(String make, String release) {
        return new SnapshotCommands(make, release, base.resolve("snapshot"), LONGEST);
    }

    /** What stands in for a snapshot here is a copy, whose files have other numbers. */
    private static List<String> withoutInodes(CapturedDatabase captured, List<String> expected) {
        List<String> replaced = new ArrayList<>();
        for (int at = 0; at < expected.size(); at++) {
            long inode = captured.files().get(at).source().inode();
            replaced.add(expected.get(at).replaceFirst("inode=\\d+", "inode=" + inode));
        }
        return replaced;
    }

    /** Everything but the file itself, which need not be the source's own. */
    private static String factsOf(CapturedFile file) {
        return file.path() + " " + file.size() + " " + file.writeOnce() + " " + file.source();
    }
}
