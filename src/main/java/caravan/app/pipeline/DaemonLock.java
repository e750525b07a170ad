package caravan.app.pipeline;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.lock.ExclusiveLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * One daemon for each state directory: two would publish on the same schedules, take each other's triggers and send
 * each other's alerts. {@code caravan publish} may run beside one.
 */
public final class DaemonLock {

    private static final String FILE = "daemon.lock";

    private DaemonLock() {}

    /** The file that a daemon has locked; it may be missing. */
    static Path fileIn(Path state) {
        return state.resolve(FILE);
    }

    /**
     * Takes the lock of {@code state}, which is made if it is missing. The lock is given back when it is closed, or
     * when this process ends, however it ends.
     *
     * @throws RefusedException if another daemon holds it
     */
    @SuppressWarnings("MustBeClosedChecker")
    public static ExclusiveLock take(Path state) throws CaravanException {
        Path file = fileIn(state);
        try {
            Files.createDirectories(
                    state, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return ExclusiveLock.tryTake(file)
                    .orElseThrow(() -> new RefusedException(
                            "run with the state directory " + state + ": another caravan run has it already",
                            "stop that one, or give this one a caravan.state-directory of its own; " + file
                                    + " is held by its process"));
        } catch (IOException e) {
            throw DiskFailures.of("use the state directory " + state, e);
        }
    }
}
