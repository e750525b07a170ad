package caravan.disk;

import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/**
 * What a failed operation on a local file or directory means to a person. The system says it in a text alone, which is
 * the same in every language.
 */
public final class DiskFailures {

    private DiskFailures() {}

    /**
     * The failure to report for {@code failure}, met while doing {@code what}.
     *
     * @param what for example {@code capturing /data/db}
     */
    public static FailedException of(String what, IOException failure) {
        return of(what, failure, "free some space there, and run it again", "run as the user whose files these are");
    }

    /**
     * The same with hints of the caller's own.
     *
     * @param noSpace what to do if there is no space left
     * @param noRight what to do if a right is missing
     */
    public static FailedException of(String what, IOException failure, String noSpace, String noRight) {
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        String lower = text.toLowerCase(Locale.ROOT);
        String tried = what + ": ";
        if (lower.contains("no space left")) {
            return new FailedException(tried + "no space left" + where(text), noSpace, failure);
        }
        if (lower.contains("quota exceeded")) {
            return new FailedException(
                    tried + "no space left within the disk quota of this user" + where(text),
                    noSpace + "; see quota -s",
                    failure);
        }
        if (lower.contains("input/output error")) {
            return new FailedException(
                    tried + "the disk failed: " + text,
                    "see dmesg: the disk, or the way to it, is faulty; look after it before anything else",
                    failure);
        }
        if (lower.contains("file too large")) {
            return new FailedException(
                    tried + "file too large for this file system or limit", "see ulimit -f", failure);
        }
        if (lower.contains("read-only file system")) {
            return new FailedException(
                    tried + "the file system is read-only" + where(text), "see dmesg and mount", failure);
        }
        if (lower.contains("too many open files")) {
            return new FailedException(
                    tried + "too many open files",
                    "raise the limit: ulimit -n, or LimitNOFILE of the service",
                    failure);
        }
        if (lower.contains("stale file handle")) {
            return new FailedException(tried + "the file server has forgotten it: " + text, "mount it again", failure);
        }
        if (failure instanceof AccessDeniedException) {
            return new FailedException(tried + "permission denied (" + text + ")", noRight, failure);
        }
        if (failure instanceof NoSuchFileException) {
            return new FailedException(
                    tried + text + " is not there",
                    "it was removed or its volume unmounted meanwhile; if it should be there, run it again",
                    failure);
        }
        return new FailedException(tried + text, "look at the disk and the system log", failure);
    }

    /** The file, if the text names one: {@code /data/x: No space left on device}. */
    private static String where(String text) {
        int end = text.lastIndexOf(": ");
        return end < 0 ? "" : " (" + text.substring(0, end) + ")";
    }
}
