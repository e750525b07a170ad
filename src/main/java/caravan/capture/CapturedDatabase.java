package caravan.capture;

import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.util.List;

/**
 * A consistent copy of a database that holds still in its stage until it is closed.
 *
 * <p>Its files are readable from any thread; {@link #release} may be called from any thread, too. Closing removes the
 * stage and everything in it, and frees the space that files deleted by the node still take.
 */
public interface CapturedDatabase extends AutoCloseable {

    /** In the order of their capture: a nested store before the one around it. */
    List<CapturedStore> stores();

    /** Every file to publish, sorted by path. Its elements are made when they are asked for, and equal each time. */
    List<CapturedFile> files();

    /** Directories that a restore must make although no file is in them, sorted. */
    List<SnapshotPath> emptyDirectories();

    /** How long the node stood still for this capture, in milliseconds. */
    long pauseMillis();

    /**
     * Whether it keeps space of files that the node deletes meanwhile, as links, shared blocks and snapshots do; a copy
     * of the bytes does not.
     */
    boolean pins();

    /** Free bytes on the stage's mount when the capture began. */
    long freeBytesAtStart();

    /**
     * Removes {@code file} from the stage, because nothing will read it any more. If the node has deleted the file
     * meanwhile, its space becomes free. Doing it again is harmless.
     */
    void release(CapturedFile file) throws IOException;

    /** Removes the stage. Doing it again is harmless. */
    @Override
    void close() throws IOException;
}
