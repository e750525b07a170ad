package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.SnapshotPath;
import java.nio.file.Path;

/**
 * One file of a capture.
 *
 * @param path its place in the snapshot
 * @param staged where to read it. It may be the node's own file under a second name: never write to it, never change
 *     its mode or its times
 * @param size bytes
 * @param writeOnce whether the engine never changes a file of this kind once it is complete, so that its content may be
 *     known by {@code source}
 * @param source the file it was taken from
 */
public record CapturedFile(SnapshotPath path, Path staged, long size, boolean writeOnce, SourceIdentity source) {

    /** Checks that nothing is missing. */
    public CapturedFile {
        requireNonNull(path, "path");
        requireNonNull(staged, "staged");
        requireNonNull(source, "source");
    }
}
