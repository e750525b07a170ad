package caravan.watch;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;

/**
 * Files by which a person, a cron job or a hook says "now": {@code <directory>/<database>}, of any content. Each is
 * accepted once, by a rename, and deleted when the publication that it asked for has ended, however it ended. One that
 * was accepted by a process that then died is put back by the next. However many come while one is accepted, they ask
 * for one publication more.
 *
 * <p>The directory belongs to the publisher's user and nobody else may write in it, so whoever can write a trigger can
 * publish with {@code caravan publish} as well.
 */
public final class Triggers {

    private final Path directory;

    /** Triggers in {@code directory}, which {@link #prepare} makes. */
    public Triggers(Path directory) {
        this.directory = requireNonNull(directory, "directory");
    }

    /** Where they are put. */
    public Path directory() {
        return directory;
    }

    /** Makes the directory, and puts back what was accepted and never came to an end. */
    public void prepare(Collection<DatabaseName> databases) throws CaravanException {
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            for (DatabaseName database : databases) {
                moveIfThere(accepted(database), file(database));
            }
        } catch (IOException e) {
            throw failed("use", e);
        }
    }

    /** Takes the trigger of {@code database}; false if somebody has taken it back meanwhile. */
    public boolean accept(DatabaseName database) throws CaravanException {
        try {
            return moveIfThere(file(database), accepted(database));
        } catch (IOException e) {
            throw failed("accept a trigger in", e);
        }
    }

    /** The publication that the accepted trigger asked for has ended. */
    public void finish(DatabaseName database) throws CaravanException {
        try {
            Files.deleteIfExists(accepted(database));
        } catch (IOException e) {
            throw failed("delete a trigger in", e);
        }
    }

    private Path file(DatabaseName database) {
        return directory.resolve(database.value());
    }

    private Path accepted(DatabaseName database) {
        return directory.resolve(acceptedName(database.value()));
    }

    /** What a trigger of {@code database} is called from when it is accepted. */
    static String acceptedName(String database) {
        return "." + database + ".accepted";
    }

    private static boolean moveIfThere(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private FailedException failed(String what, IOException e) {
        return new FailedException(
                "cannot " + what + " " + directory + ": " + e,
                "caravan.state-directory must be writable by this user",
                e);
    }
}
