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

    private MountRules() {}

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
