package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.lock.OpenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HeldFilesTest {

    /** As btrfs is listed: not by the number that stat(2) gives for a file in it. */
    private static final String OTHER_DEVICE = "ffe:1234";

    @TempDir
    Path directory;

    private Path file;
    private Path proc;

    @BeforeEach
    void makeFile() throws IOException {
        Path real = directory.toRealPath();
        file = Files.writeString(real.resolve("LOCK"), "");
        proc = Files.createDirectory(real.resolve("proc"));
    }

    @Test
    void findsTheHolderOfBothKindsOfLocks() throws Exception {
        for (String kind : List.of("POSIX  ADVISORY  WRITE", "FLOCK  ADVISORY  WRITE")) {
            HeldFiles held = held("1: " + kind + " 1234 " + device() + inode() + " 0 EOF");

            assertThat(held.holderOf(file)).contains(new HeldFiles.Holder("process 1234", true));
        }
    }

    @Test
    void whoOnlyWaitsForALockDoesNotHoldIt() throws Exception {
        HeldFiles held = held("1: -> POSIX  ADVISORY  WRITE 1234 " + device() + inode() + " 0 EOF", "rubbish");

        assertThat(held.holderOf(file)).isEmpty();
    }

    @Test
    void ourOwnLocksAreNoObstacle() throws Exception {
        long self = ProcessHandle.current().pid();

        for (String device : List.of(device(), OTHER_DEVICE)) {
            assertThat(held("1: POSIX  ADVISORY  WRITE " + self + " " + device + inode() + " 0 EOF")
                            .holderOf(file))
                    .isEmpty();
        }
    }

    @Test
    void whereTheListNamesAnotherDeviceTheProcessMustHaveTheFileOpen() throws Exception {
        HeldFiles held = held(locked(1234));
        process(1234, file);
        assertThat(held.holderOf(file)).contains(new HeldFiles.Holder("process 1234", true));

        Files.delete(proc.resolve("1234/fd/3"));
        Path other = Files.writeString(directory.resolve("other"), "");
        Files.createSymbolicLink(proc.resolve("1234/fd/4"), other);
        assertThat(held.holderOf(file))
                .as("it locks another file of that number")
                .isEmpty();
    }

    @Test
    void whoeverInheritedALockHoldsIt() throws Exception {
        HeldFiles held = held(locked(1234));
        assertThat(held.holderOf(file)).as("nobody has it open").isEmpty();

        process(77, file);

        assertThat(held.holderOf(file)).contains(new HeldFiles.Holder("process 77", true));
    }

    @Test
    void aProcessThatMayNotBeLookedAtIsTakenForAHolderOnThatFileSystemAlone() throws Exception {
        String mount = "44 27 " + 0xffe + ":" + 0x1234 + " / " + file.getParent() + " rw - btrfs /dev/loop0 rw";
        String otherMount = "44 27 8:1 / " + file.getParent() + " rw - ext4 /dev/sda1 rw";

        for (long taker : new long[] {1234, -1}) {
            Optional<HeldFiles.Holder> doubtful =
                    Optional.of(new HeldFiles.Holder(taker > 0 ? "process 1234" : "a process", false));
            assertThat(hidden(locked(taker)).holderOf(file)).isEqualTo(doubtful);
            assertThat(hidden(locked(taker), mount).holderOf(file)).isEqualTo(doubtful);
            assertThat(hidden(locked(taker), otherMount).holderOf(file)).isEmpty();
        }
    }

    /** Where every process is somebody else's. */
    private static HeldFiles hidden(String lock, String... mounts) {
        return HeldFiles.of(List.of(lock), List.of(mounts), new OpenFiles() {
            @Override
            public Seen look(long pid, Map<String, Object> identity) {
                return Seen.HIDDEN;
            }

            @Override
            public List<Long> processes() {
                return List.of(1L);
            }
        });
    }

    @Test
    void splitsDeviceNumbersAsTheKernelPrintsThem() {
        assertThat(HeldFiles.device(0xFE00)).isEqualTo("fe:00");
        assertThat(HeldFiles.device(0x10302L)).isEqualTo("103:02");
    }

    @Test
    void aRealHolderIsFoundOnWhateverFileSystemTestsRun() throws Exception {
        requireFlock();
        try (FlockHolder holder = FlockHolder.of(file)) {
            assertThat(HeldFiles.now().holderOf(file)).contains(new HeldFiles.Holder("process " + holder.pid(), true));
            assertThat(FlockTrial.isHeld(file)).isTrue();
        }
        assertThat(HeldFiles.now().holderOf(file)).isEmpty();
        assertThat(FlockTrial.isHeld(file)).isFalse();
        assertThat(FlockTrial.isHeld(directory.resolve("nowhere"))).isFalse();
    }

    @Test
    void aRealHolderIsFoundInASubvolumeOfBtrfs() throws Exception {
        requireFlock();
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting an image needs root");
        Path image = directory.resolve("btrfs.img");
        Path mount = Files.createDirectory(directory.toRealPath().resolve("mount"));
        assumeTrue(run("truncate", "-s", "200M", image.toString()) == 0, "needs truncate");
        assumeTrue(run("mkfs.btrfs", "-q", image.toString()) == 0, "needs mkfs.btrfs");
        assumeTrue(run("mount", "-o", "loop", image.toString(), mount.toString()) == 0, "this machine mounts no btrfs");
        try {
            assertThat(run("btrfs", "-q", "subvolume", "create", mount + "/one"))
                    .isZero();
            assertThat(run("btrfs", "-q", "subvolume", "create", mount + "/two"))
                    .isZero();
            Path lock = Files.createFile(mount.resolve("one/lock"));
            Path sameNumber = Files.createFile(mount.resolve("two/lock"));
            assertThat(Files.getAttribute(sameNumber, "unix:ino")).isEqualTo(Files.getAttribute(lock, "unix:ino"));
            try (FlockHolder holder = FlockHolder.of(lock)) {
                assertThat(HeldFiles.now().holderOf(lock))
                        .contains(new HeldFiles.Holder("process " + holder.pid(), true));
                assertThat(HeldFiles.now().holderOf(sameNumber)).isEmpty();
            }
        } finally {
            assertThat(run("umount", mount.toString())).isZero();
        }
    }

    private static void requireFlock() throws Exception {
        assumeTrue(run("flock", "--version") == 0, "needs flock");
    }

    private HeldFiles held(String... locks) {
        return HeldFiles.of(List.of(locks), List.of(), OpenFiles.in(proc));
    }

    private String locked(long pid) throws IOException {
        return "1: FLOCK  ADVISORY  WRITE " + pid + " " + OTHER_DEVICE + inode() + " 0 EOF";
    }

    private void process(long pid, Path open) throws IOException {
        Path descriptors = Files.createDirectories(proc.resolve(pid + "/fd"));
        Files.createSymbolicLink(descriptors.resolve("3"), open);
    }

    private String device() throws IOException {
        return HeldFiles.device((Long) facts().get("dev"));
    }

    private String inode() throws IOException {
        return ":" + facts().get("ino");
    }

    private Map<String, Object> facts() throws IOException {
        return Files.readAttributes(file, "unix:dev,ino");
    }

    private static int run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        try {
            Process process = builder.start();
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (IOException e) {
            return 127; // there is no such program
        }
    }
}
