package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** What a failure of a local file operation means to the person at the terminal. */
public final class LocalFailures {

    private LocalFailures() {}

    /**
     * The failure to report for {@code failure}, met while doing {@code what}.
     *
     * @param what for example {@code writing /data/db/000123.sst}
     */
    public static CaravanException of(String what, IOException failure) {
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left") || lower.contains("quota exceeded")) {
            return new FailedException(
                    what + ": no space left",
                    "what is there stays; free some space and run the same command again, it goes on from here",
                    failure);
        }
        if (lower.contains("file too large")) {
            return new FailedException(
                    what + ": file too large for this file system or limit", "see ulimit -f", failure);
        }
        if (lower.contains("read-only file system")) {
            return new FailedException(what + ": the file system is read-only", "see dmesg and mount", failure);
        }
        if (lower.contains("too many levels of symbolic links")
                || lower.contains("not a regular file")
                || failure instanceof NotDirectoryException
                || lower.contains("not a directory")) {
            return new RefusedException(
                    what + ": a link or something that is no plain file or directory is in the way",
                    "links are never followed; look at what it is and remove it",
                    failure);
        }
        if (failure instanceof AccessDeniedException) {
            return new FailedException(what + ": permission denied", "run as the user who may write there", failure);
        }
        return new FailedException(what + ": " + text, "look at the disk and the system log", failure);
    }
}
