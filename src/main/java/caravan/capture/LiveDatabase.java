package caravan.capture;

import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What a live capture gives. The node never stood still for it. */
final class LiveDatabase implements CapturedDatabase {

    private final StageDirectory stage;
    private final List<CapturedStore> stores;
    private final CapturedFiles files;
    private final long freeBytesAtStart;

    LiveDatabase(StageDirectory stage, List<CapturedStore> stores, CapturedFiles files, long freeBytesAtStart) {
        this.stage = stage;
        this.stores = List.copyOf(stores);
        this.files = files;
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

    /** A RocksDB has none. */
    @Override
    public List<SnapshotPath> emptyDirectories() {
        return List.of();
    }

    @Override
    public long pauseMillis() {
        return 0;
    }

    @Override
    public long freeBytesAtStart() {
        return freeBytesAtStart;
    }

    @Override
    public void release(CapturedFile file) throws IOException {
        if (!file.staged().startsWith(stage.path())) {
            throw new IllegalArgumentException(file.staged() + " is not of the capture in " + stage.path());
        }
        Files.deleteIfExists(file.staged());
    }

    @Override
    public void close() throws IOException {
        stage.close();
    }
}
