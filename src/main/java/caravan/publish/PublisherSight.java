package caravan.publish;

import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a publisher remembers of a database, looked at without its lock and without a change.
 *
 * @param lock the file that a publication locks while it is under way; it may be absent
 * @param pointer the signed pointer that was published last from here; empty if there was none
 * @param left the session of a publication that is under way, or was killed
 * @param isDoubted whether the next publication reads everything anew, because a drill failed
 * @param suspected chunks that a drill found bad or missing and that were not published since
 */
@SuppressWarnings("ArrayRecordComponent") // two are never compared
public record PublisherSight(Path lock, byte[] pointer, Optional<SessionNote> left, boolean isDoubted, long suspected) {

    /** Looks below {@code stateDirectory}, which need not exist. */
    public static PublisherSight of(Path stateDirectory, DatabaseName database) throws IOException {
        Path directory = PublisherState.directoryOf(stateDirectory, database);
        return new PublisherSight(
                directory.resolve(PublisherState.LOCK),
                contentOf(PublisherState.pointerIn(directory)),
                PublisherState.sessionIn(directory).left(),
                Files.exists(PublisherState.doubted(stateDirectory, database)),
                count(PublisherState.suspected(stateDirectory, database)));
    }

    private static byte[] contentOf(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    private static long count(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }
}
