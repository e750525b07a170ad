package caravan.restore;

import caravan.failure.CaravanException;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Path;

/** Where a snapshot goes, once it is known what it is. */
public sealed interface Destination permits Destination.Fixed, NodeBase {

    /**
     * The directory to restore into. Asked before anything is written.
     *
     * @throws CaravanException if there is no place for such a snapshot
     */
    Path of(SnapshotRecord record, ManifestHeader header) throws CaravanException;

    /** The same directory for every snapshot. */
    static Destination at(Path directory) {
        return new Fixed(directory);
    }

    /** A directory that the user names. */
    record Fixed(Path directory) implements Destination {

        @Override
        public Path of(SnapshotRecord record, ManifestHeader header) {
            return directory;
        }
    }
}
