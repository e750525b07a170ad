package caravan.capture;

import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * On which file systems a live capture is right: those of this machine, where a size that one process sees is what
 * another has written, and a link keeps a file that is deleted elsewhere.
 */
final class MountRules {

    private static final Set<String> LOCAL = Set.of(
            "ext2",
            "ext3",
            "ext4",
            "xfs",
            "btrfs",
            "zfs",
            "f2fs",
            "jfs",
            "bcachefs",
            "tmpfs",
            "overlay",
            "apfs",
            "hfs");

    /** Those that can let two files share blocks until one of them is written. */
    private static final Set<String> SHARING = Set.of("xfs", "btrfs", "bcachefs", "zfs", "ocfs2", "apfs");

    private MountRules() {}

    /** Whether it really works is found out with a file in the stage. */
    static void requireReflink(Path directory) throws IOException, RefusedException {
        String type = Files.getFileStore(directory).type();
        if (!SHARING.contains(type.toLowerCase(Locale.ROOT))) {
            throw new RefusedException(
                    directory + " is a ParityDB on a file system of type " + type
                            + ", where files cannot share blocks: it changes its files in place, so links are no copy of"
                            + " it, not even of a stopped node",
                    "use a snapshot of the file system (caravan.database.<name>.capture=hook), XFS or btrfs, or"
                            + " capture=copy, which pauses the node for the whole copy");
        }
    }

    static void requireLocal(Path directory) throws IOException, RefusedException {
        requireLocal(directory, Files.getFileStore(directory).type());
    }

    static void requireLocal(Path directory, String type) throws RefusedException {
        if (!LOCAL.contains(type.toLowerCase(Locale.ROOT))) {
            throw new RefusedException(
                    directory + " is on a file system of type " + type + ", on which a live capture is not proven",
                    "a live capture needs a local file system, such as ext4, xfs, btrfs or zfs; over NFS, SMB and FUSE"
                            + " a size may be old and a link may break: run on the machine that has the disk");
        }
    }
}
