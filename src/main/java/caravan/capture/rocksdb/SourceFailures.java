package caravan.capture.rocksdb;

import caravan.disk.DiskFailures;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/** Says in the words of an operator what went wrong with a database's directory. */
final class SourceFailures {

    private final Path source;

    SourceFailures(Path source) {
        this.source = source;
    }

    DamagedException damaged(String reason) {
        return new DamagedException(
                "the copy of the RocksDB in " + source + " is not whole: " + reason,
                "nothing was published. If it happens again the node's own database is damaged: look into its LOG");
    }

    RefusedException unsupported(UnsupportedFormatException cause) {
        return StructureCheck.unsupported(source, cause);
    }

    /** What {@code cause} means, if it is not for safety that it stops us. */
    FailedException refusedOrFailed(IOException cause) throws RefusedException {
        String reason = cause instanceof FileSystemException failure && failure.getReason() != null
                ? failure.getReason().toLowerCase(Locale.ROOT)
                : "";
        if (cause instanceof NotRegularException) {
            throw new RefusedException(
                    "capturing " + source + ": " + cause.getMessage(),
                    "a database whose files are links or devices cannot be captured by hard links",
                    cause);
        }
        if (reason.contains("cross-device")) {
            throw new RefusedException(
                    "capturing " + source + ": the stage is on another mount, so files cannot be linked there",
                    "put the stage on the same mount as the database; another bind mount of the same file system and"
                            + " another btrfs subvolume are different mounts",
                    cause);
        }
        if (cause instanceof AccessDeniedException || reason.contains("not permitted")) {
            throw new RefusedException(
                    "capturing " + source + ": linking or reading its files is not permitted (" + cause.getMessage()
                            + ")",
                    "run as the node's user (its uid): with fs.protected_hardlinks=1 only the owner, or who may read"
                            + " and write a file, may link it; an immutable file (chattr +i) cannot be linked at all",
                    cause);
        }
        return DiskFailures.of("capturing " + source, cause);
    }
}
