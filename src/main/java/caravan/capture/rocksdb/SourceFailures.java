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

    /**
     * What a copy is that lacks what is in no log.
     *
     * @param nodeEnds whether its node had ended, and so put everything into tables
     * @throws RefusedException if something is missing all the same, or may be
     */
    Verdict.Sound ended(Verdict.Unlogged verdict, boolean nodeEnds) throws RefusedException {
        if (!nodeEnds || verdict.otherwise().isEmpty()) {
            throw unlogged(verdict);
        }
        return verdict.otherwise().get();
    }

    RefusedException unlogged(Verdict.Unlogged verdict) {
        return new RefusedException(
                "capturing " + source + ": " + verdict.reason()
                        + "; the node writes without its log (disableWAL), and what"
                        + " is not in tables yet is in its memory alone",
                "use caravan.database.<name>.capture=stop, or copy with stop-command and start-command: a node that ends"
                        + " properly puts everything into tables. If that was done, it was killed before it had");
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
