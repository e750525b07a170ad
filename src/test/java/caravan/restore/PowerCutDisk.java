package caravan.restore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A file system in a file, whose power can be cut: what was not brought to the disk is gone, as the "shutdown" of ext4 and
 * XFS has it, and mounting it again replays the file system's own journal.
 */
final class PowerCutDisk {

    private final Path image;
    private final Path mount;

    private PowerCutDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /** Makes and mounts one in {@code directory}; the test is skipped where that is not possible. */
    static PowerCutDisk make(Path directory, String type) throws Exception {
        return make(directory, type, "400M");
    }

    /** The same with another size, of which the image takes what is written. */
    static PowerCutDisk make(Path directory, String type, String size) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "mounting an image needs root");
        assumeTrue(run("mkfs." + type, "-V") == 0, "needs mkfs." + type);
        assumeTrue(run("xfs_io", "-V") == 0, "needs xfs_io");
        PowerCutDisk disk =
                new PowerCutDisk(directory.resolve(type + ".img"), Files.createDirectory(directory.resolve(type)));
        require("truncate", "-s", size, disk.image.toString());
        require("mkfs." + type, "-q", disk.image.toString());
        assumeTrue(disk.mount() == 0, "this machine mounts no image of " + type);
        return disk;
    }

    /** Where files go. */
    Path root() {
        return mount;
    }

    /**
     * What was written to the files below {@code directory} gets to the disk, but not that they were changed: as the system
     * writes memory back when it likes.
     */
    static void writeBackData(Path directory) throws Exception {
        require(
                "find",
                directory.toString(),
                // The restore goes on meanwhile, and takes away what it needs no more.
                "-ignore_readdir_race",
                "-type",
                "f",
                "-exec",
                "xfs_io",
                "-c",
                "sync_range -b -w -a 0 0",
                "{}",
                ";");
    }

    /** Cuts the power and turns it on again. What {@code running} still does goes nowhere. */
    void cut(Process running) throws Exception {
        require("xfs_io", "-F", "-x", "-c", "shutdown", mount.toString());
        running.destroyForcibly().waitFor();
        require("umount", mount.toString());
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::isDetached);
        assertThat(mount()).as("mounting %s again", image).isZero();
    }

    /**
     * Not while somebody holds a copy of the mount, as whoever makes a container meanwhile does: to mount the image then
     * would bring back the one that has no power.
     */
    private boolean isDetached() throws Exception {
        Process process = start("losetup", "-j", image.toString());
        return process.getInputStream().readAllBytes().length == 0;
    }

    private int mount() throws Exception {
        return run("mount", "-o", "loop", image.toString(), mount.toString());
    }

    /** Ends its use. */
    void unmount() throws Exception {
        require("umount", mount.toString());
    }

    private static int run(String... command) throws Exception {
        try {
            Process process = start(command);
            process.getInputStream().readAllBytes();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (IOException e) {
            return 127; // there is no such program
        }
    }

    private static void require(String... command) throws Exception {
        Process process = start(command);
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }

    private static Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
        return builder.start();
    }
}
