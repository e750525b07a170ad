package caravan.restore.target;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import java.io.IOException;
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
        String lower = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (lower.contains("too many levels of symbolic links")
                || lower.contains("not a regular file")
                || failure instanceof NotDirectoryException
                || lower.contains("not a directory")) {
            return new RefusedException(
                    what + ": a link or something that is no plain file or directory is in the way",
                    "links are never followed; look at what it is and remove it",
                    failure);
        }
        return DiskFailures.of(
                what,
                failure,
                "what is there stays; free some space and run the same command again, it goes on from here",
                "run as the user who may write there");
    }
}
