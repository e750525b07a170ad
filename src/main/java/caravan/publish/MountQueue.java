package caravan.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Lets one publication at a time read from a mount, so that two databases on one disk do not slow each other and their
 * nodes down. Those that come later wait their turn. Safe for use by many threads; it knows this process only.
 */
final class MountQueue {

    private final Map<Object, Semaphore> turns = new ConcurrentHashMap<>();

    /** Waits until the mount that {@code directory} lies on is free; closing the result frees it. */
    AutoCloseable enter(Path directory) throws InterruptedException {
        Semaphore turn = turns.computeIfAbsent(mountOf(directory), mount -> new Semaphore(1, true));
        turn.acquire();
        return turn::release;
    }

    /** The device's number; a directory that cannot be looked at gets a queue of its own, and fails later, in words. */
    private static Object mountOf(Path directory) {
        try {
            return Files.getAttribute(directory, "unix:dev", LinkOption.NOFOLLOW_LINKS);
        } catch (IOException | UnsupportedOperationException e) {
            return directory;
        }
    }
}
