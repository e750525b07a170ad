package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import caravan.capture.CaptureRequest;
import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedStore;
import caravan.capture.LiveCapture;
import caravan.capture.rocksdb.EngineFile.Kind;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.samplenode.Profile;
import caravan.samplenode.RunningSampleNode;
import caravan.samplenode.SampleDatabaseCheck;
import caravan.samplenode.SampleDatabaseCheck.OpenMode;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Captures from a node in a process of its own that flushes, compacts and rolls its logs hundreds of times faster than
 * a real one. Each copy is opened as a node opens it, and every entry of every column is compared with what it must be.
 *
 * <p>The same judge must find fault with captures that leave a step out, or its acquittals would mean nothing.
 */
class RocksDbTortureIT {

    private static final Logger LOG = LoggerFactory.getLogger(RocksDbTortureIT.class);

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int CAPTURES = LONG ? 2_000 : 50;

    /** Tries within which a wrong way of capturing must have been caught. */
    private static final int MAX_WRONG_CAPTURES = 40;

    @TempDir
    static Path base;

    private static RunningSampleNode node;
    private static SampleDatabaseCheck judge;

    private static int made;

    @BeforeAll
    static void startNode() throws Exception {
        judge = new SampleDatabaseCheck(OpenMode.READ_WRITE);
        node = RunningSampleNode.start(base.resolve("node"), Profile.TORTURE);
        await().atMost(Duration.ofMinutes(1)).until(() -> node.acknowledgedHead() > 2_000);
    }

    @AfterAll
    static void stopNode() {
        node.close();
        judge.close();
    }

    @Test
    void everyCaptureIsOneMomentAndHasAllThatWasAcknowledgedBefore() throws Exception {
        CaptureRequest request = CaptureRequest.of(new DatabaseName("torture"), node.databaseRoot());
        long firstTable = newestTable();
        long startedAt = System.nanoTime();
        long captureNanos = 0;
        int retries = 0;
        long longestWindowMicros = 0;

        for (int i = 0; i < CAPTURES; i++) {
            long acknowledged = node.acknowledgedHead();
            long began = System.nanoTime();
            try (CapturedDatabase captured = new LiveCapture().capture(request)) {
                captureNanos += System.nanoTime() - began;
                CapturedStore main = captured.stores().get(1);
                assertThat(main.store().path()).isEqualTo("db/full");
                assertThat(StructureCheck.verify(copyOf(main, captured))).isInstanceOf(Verdict.Sound.class);
                assertThat(judge.check(copyOf(main, captured)).head()).isGreaterThanOrEqualTo(acknowledged);
                judge.check(copyOf(captured.stores().get(0), captured));
                retries += main.retries();
                longestWindowMicros =
                        Math.max(longestWindowMicros, main.window().toNanos() / 1_000);
            }
        }

        double seconds = (System.nanoTime() - startedAt) / 1e9;
        double filesPerSecond = (newestTable() - firstTable) / seconds;
        LOG.info(
                "{} captures took {} of {} s, {} retries, longest window {} us, {} new files a second",
                CAPTURES,
                captureNanos / 1_000_000_000,
                Math.round(seconds),
                retries,
                longestWindowMicros,
                Math.round(filesPerSecond));
        assertThat(filesPerSecond).as("how hard the node works").isGreaterThan(30);
    }

    @Test
    void copyingTheDirectoryAsItIsWouldBeCaught() throws Exception {
        assertThat(firstFault(this::copyNaively)).isNotEmpty();
    }

    @Test
    void linkingWithoutLookingAtTheManifestAgainWouldBeCaught() throws Exception {
        assertThat(firstFault(this::linkWithoutClosingTheWindow)).isNotEmpty();
    }

    /** The directory of a store's copy, as the engine may open it. */
    private static Path copyOf(CapturedStore store, CapturedDatabase captured) {
        String current = store.store().seal();
        return captured.files().stream()
                .filter(file -> file.path().value().equals(current))
                .map(file -> file.staged().getParent())
                .findFirst()
                .orElseThrow();
    }

    private interface WrongCapture {

        /** Whether it came to a copy that an engine would open. */
        boolean into(Path copy) throws Exception;
    }

    /** What the judge says about the first copy that is not whole; empty if all are. */
    private String firstFault(WrongCapture capture) throws Exception {
        for (int i = 1; i <= MAX_WRONG_CAPTURES; i++) {
            Path copy = newDirectory();
            long acknowledged = node.acknowledgedHead();
            boolean made = capture.into(copy);
            Verdict verdict = structureOf(copy);
            String fault = made ? faultOf(copy, acknowledged) : "";
            remove(copy);
            if (!fault.isEmpty()) {
                LOG.info("wrong capture {} was caught: {}; by structure: {}", i, fault, verdict);
                assertThat(verdict).as(fault).isNotInstanceOf(Verdict.Sound.class);
                return fault;
            }
        }
        return "";
    }

    private String faultOf(Path copy, long acknowledged) throws CaravanException {
        try {
            long head = judge.check(copy).head();
            return head >= acknowledged ? "" : "height " + head + " is older than the acknowledged " + acknowledged;
        } catch (DamagedException e) {
            return e.getMessage();
        }
    }

    private static Verdict structureOf(Path copy) throws IOException, RefusedException {
        return StructureCheck.verify(copy);
    }

    private boolean copyNaively(Path copy) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(node.fullStore())) {
            for (Path file : files) {
                if (Files.isRegularFile(file)) {
                    copyIfPresent(file, copy.resolve(file.getFileName()));
                }
            }
        }
        return true;
    }

    /** The right capture in every step but that between MANIFEST and logs time passes, and nothing is checked after. */
    private boolean linkWithoutClosingTheWindow(Path copy) throws Exception {
        Path source = node.fullStore().toRealPath();
        Path hold = newDirectory();
        StableWindow window =
                new StableWindow(source, copy, hold, Files::createLink, WindowHooks.NONE, RetryClock.SYSTEM);
        window.preLink();
        while (!window.open()) {
            LOG.debug("the MANIFEST was replaced; opening again");
        }
        Set<Long> logs = logsIn(source);
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> logsIn(source).stream().noneMatch(logs::contains));
        window.linkNewTables();
        window.linkLogs();
        window.linkSmallFiles();

        CopyBuilder builder = new CopyBuilder(source, copy, hold, 0);
        builder.build(window.cut(), window.linkedTables(), false);
        // Whatever the builder thinks of it, an engine would try to open it.
        return Files.exists(copy.resolve("CURRENT"));
    }

    private static Set<Long> logsIn(Path directory) throws IOException {
        return SourceListing.of(directory).stream()
                .filter(file -> file.kind() == Kind.WAL)
                .map(EngineFile::number)
                .collect(Collectors.toSet());
    }

    private static long newestTable() throws IOException {
        return SourceListing.of(node.fullStore()).stream()
                .filter(EngineFile::isWriteOnce)
                .mapToLong(EngineFile::number)
                .max()
                .orElse(0);
    }

    private static void copyIfPresent(Path file, Path copy) throws IOException {
        try {
            Files.copy(file, copy);
        } catch (NoSuchFileException e) {
            LOG.debug("{} went while it was copied", file);
        }
    }

    private static Path newDirectory() throws IOException {
        return Files.createDirectory(base.resolve("directory-" + ++made));
    }

    private static void remove(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(directory);
    }
}
