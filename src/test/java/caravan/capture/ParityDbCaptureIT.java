package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.capture.node.FreezeNode;
import caravan.capture.node.PauseSteps;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that is written in place through memory maps by a process of its own, as ParityDB does: {@link ParityShape}. */
class ParityDbCaptureIT {

    private static final DatabaseName NAME = new DatabaseName("parity");
    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));
    private static final int CAPTURES = LONG ? 2_000 : 50;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @TempDir
    Path base;

    private final List<Process> writers = new ArrayList<>();
    private final List<Path> mounts = new ArrayList<>();

    @AfterEach
    void stopWritersAndUnmount() throws Exception {
        for (Process writer : writers) {
            writer.destroyForcibly().waitFor();
        }
        for (Path mount : mounts) {
            run("umount", mount.toString());
        }
    }

    @Test
    void linksOfAFrozenStoreAreTornAsSoonAsItGoesOn() throws Exception {
        Path store = startWriter(base);
        Path links = Files.createDirectory(base.resolve("links"));
        String pid = Long.toString(writers.get(0).pid());
        run("kill", "-STOP", pid);
        for (Path file : filesIn(store)) {
            Files.createLink(links.resolve(file.getFileName()), file);
        }
        assertThat(ParityShape.faultIn(links, 0)).isEmpty();
        byte[] frozen = Files.readAllBytes(links.resolve("table_00_00"));
        run("kill", "-CONT", pid);

        await().atMost(LONGEST).pollInterval(Duration.ofMillis(1)).until(() -> !ParityShape.faultIn(links, 0)
                .isEmpty());
        assertThat(links.resolve("table_00_00"))
                .satisfies(link -> assertThat(Files.readAllBytes(link)).isNotEqualTo(frozen));
    }

    @Test
    void linksAndAnythingLiveAreRefusedWithTheModeThatIsSafe() throws Exception {
        startWriter(base);
        assumeTrue(
                !List.of("xfs", "btrfs", "zfs")
                        .contains(Files.getFileStore(base).type()),
                "needs a file system without reflink");

        assertThatThrownBy(() -> new LiveCapture().capture(request(base)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("cannot be captured live")
                .satisfies(refusal -> assertThat(((CaravanException) refusal).hint())
                        .contains("hook")
                        .contains("copy"));
        assertThatThrownBy(() -> new FreezeCapture(freeze()).capture(request(base)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("links are no copy of it, not even of a stopped node")
                .satisfies(refusal -> assertThat(((CaravanException) refusal).hint())
                        .contains("capture=hook")
                        .contains("capture=copy"));
        assertThatThrownBy(() ->
                        new AutoCapture(List.of(new LiveCapture(), new FreezeCapture(freeze()))).capture(request(base)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no capture mode is safe");
    }

    @Test
    void everyCopyOfAFrozenStoreIsOneMomentByteForByte() throws Exception {
        Path store = startWriter(base);

        torture(base, store, steps -> new CopyCapture(freeze().with(steps)), "copy", true);
    }

    @Test
    void everySharedCopyOfAFrozenStoreOnXfsIsOneMoment() throws Exception {
        Path mount = mount("mkfs.xfs", "xfs", "-q", "-m", "reflink=1");
        Path store = startWriter(mount);

        torture(mount, store, steps -> new FreezeCapture(freeze().with(steps)), "freeze", true);
    }

    @Test
    void everySharedCopyOfAFrozenStoreOnBtrfsIsOneMoment() throws Exception {
        Path mount = mount("mkfs.btrfs", "btrfs", "-q");
        Path store = startWriter(mount);

        torture(mount, store, steps -> new FreezeCapture(freeze().with(steps)), "freeze", true);
    }

    @Test
    void everySnapshotOfBtrfsIsOneMomentAndNoneIsLeft() throws Exception {
        Path mount = mount("mkfs.btrfs", "btrfs", "-q");
        Path node = mount.resolve("node");
        run("btrfs", "-q", "subvolume", "create", node.toString());
        Path store = startWriter(node);
        Path snapshot = mount.resolve("snapshot");
        SnapshotCommands commands = new SnapshotCommands(
                "btrfs -q subvolume snapshot -r '" + node + "' '" + snapshot + "'",
                "[ ! -d '" + snapshot + "' ] || btrfs -q subvolume delete '" + snapshot + "'",
                snapshot.resolve("root"),
                LONGEST);

        torture(node, store, steps -> new HookCapture(commands), "hook", false);

        assertThat(snapshot).doesNotExist();
    }

    private interface Mode {

        CaptureMode with(PauseSteps steps);
    }

    private void torture(Path directory, Path store, Mode mode, String name, boolean pauses) throws Exception {
        Path stage = CaptureRequest.stageBeside(directory.resolve("root"), NAME);
        PauseSteps comparing = new PauseSteps() {
            @Override
            public void taken() throws IOException {
                try (DirectoryStream<Path> copies = Files.newDirectoryStream(stage, "store-0-*")) {
                    assertSame(store, copies.iterator().next());
                }
            }
        };
        for (int i = 0; i < CAPTURES; i++) {
            long acknowledged = ParityShape.acknowledged(store);
            try (CapturedDatabase captured = mode.with(comparing).capture(request(directory))) {
                assertThat(captured.stores()).hasSize(1).allSatisfy(taken -> {
                    assertThat(taken.store().captureMode()).isEqualTo(name);
                    assertThat(taken.store().verification()).isEqualTo("protocol");
                });
                assertThat(captured.pauseMillis() > 0).isEqualTo(pauses);
                assertThat(captured.files())
                        .hasSize(6)
                        .noneMatch(CapturedFile::writeOnce)
                        .noneMatch(file -> file.path().value().endsWith("/lock"));
                Path copy = captured.files().get(0).staged().getParent();
                assertThat(ParityShape.faultIn(copy, acknowledged))
                        .as("capture " + i)
                        .isEmpty();
            }
            long after = ParityShape.acknowledged(store);
            await().atMost(LONGEST).until(() -> ParityShape.acknowledged(store) > after);
            assertThat(SourceFacts.of(store).values()).allMatch(fact -> fact.contains("nlink=1,"));
            assertThat(stage).doesNotExist();
        }
    }

    private static void assertSame(Path store, Path copy) throws IOException {
        for (Path file : filesIn(store)) {
            assertThat(copy.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
    }

    private static List<Path> filesIn(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> !file.endsWith("lock")).toList();
        }
    }

    private FreezeNode freeze() {
        return new FreezeNode(LONGEST, base.resolve("state/watchdog.log"));
    }

    private static CaptureRequest request(Path directory) {
        return CaptureRequest.of(NAME, directory.resolve("root"));
    }

    /** The writer gets its lock from {@code flock}, which Java cannot take. */
    private Path startWriter(Path directory) throws Exception {
        Path store = Files.createDirectories(directory.resolve("root/paritydb/full"));
        Files.createFile(store.resolve("lock"));
        Process writer = new ProcessBuilder(
                        "flock",
                        "--no-fork",
                        "-x",
                        store.resolve("lock").toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ParityShape.class.getName(),
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(base.resolve("writer.log").toFile())
                .start();
        writers.add(writer);
        await().atMost(LONGEST).until(() -> ParityShape.acknowledged(store) > 100);
        return store;
    }

    private Path mount(String mkfs, String type, String... options) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting an image needs root");
        assumeTrue(isThere(mkfs), "needs " + mkfs);
        Path image = base.resolve(type + ".img");
        run("truncate", "-s", "512M", image.toString());
        List<String> make = new ArrayList<>(List.of(mkfs));
        make.addAll(List.of(options));
        make.add(image.toString());
        run(make.toArray(String[]::new));
        Path mount = Files.createDirectory(base.resolve(type));
        Process process = new ProcessBuilder("mount", "-o", "loop", image.toString(), mount.toString()).start();
        String said = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assumeTrue(process.waitFor() == 0, "this machine mounts no image of " + type + ": " + said);
        mounts.add(mount);
        return mount;
    }

    private static boolean isThere(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "PATH=$PATH:/usr/sbin:/sbin command -v " + program)
                        .start()
                        .waitFor()
                == 0;
    }

    private static void run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }
}
