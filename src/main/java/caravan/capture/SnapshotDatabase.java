package caravan.capture;

import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.util.List;

/** A capture whose files are in a snapshot of the file system. */
final class SnapshotDatabase implements CapturedDatabase {

    /** Removes the snapshot. */
    interface Release {

        void run() throws IOException;
    }

    private final Release release;
    private final List<CapturedStore> stores;
    private final CapturedFiles files;
    private final long freeBytesAtStart;

    SnapshotDatabase(Release release, List<StoreTaking.Taken> taken, long freeBytesAtStart) {
        this.release = release;
        this.stores = taken.stream().map(StoreTaking.Taken::store).toList();
        this.files =
                new CapturedFiles(taken.stream().map(StoreTaking.Taken::files).toList());
        this.freeBytesAtStart = freeBytesAtStart;
    }

    @Override
    public List<CapturedStore> stores() {
        return stores;
    }

    @Override
    public List<CapturedFile> files() {
        return files;
    }

    @Override
    public List<SnapshotPath> emptyDirectories() {
        return List.of();
    }

    @Override
    public long pauseMillis() {
        return 0;
    }

    @Override
    public boolean pins() {
        return true;
    }

    @Override
    public long freeBytesAtStart() {
        return freeBytesAtStart;
    }

    /** A snapshot goes as a whole. */
    @Override
    public void release(CapturedFile file) {}

    @Override
    public void close() throws IOException {
        release.run();
    }
}
