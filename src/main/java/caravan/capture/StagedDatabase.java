package caravan.capture;

import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;

/** A capture whose files are in a stage. */
final class StagedDatabase implements CapturedDatabase {

    private final StageDirectory stage;
    private final List<CapturedStore> stores;
    private final CapturedFiles files;
    private final List<SnapshotPath> emptyDirectories;
    private final Duration pause;
    private final boolean pins;
    private final long freeBytesAtStart;

    /**
     * A capture in {@code stage}.
     *
     * @param pause how long the node stood still for it
     * @param pins whether it keeps space of files that the node deletes
     */
    StagedDatabase(
            StageDirectory stage, List<StoreTaking.Taken> taken, Duration pause, boolean pins, long freeBytesAtStart) {
        this.stage = stage;
        this.stores = taken.stream().map(StoreTaking.Taken::store).toList();
        this.files =
                new CapturedFiles(taken.stream().map(StoreTaking.Taken::files).toList());
        this.emptyDirectories = taken.stream()
                .flatMap(store -> store.emptyDirectories().stream())
                .sorted()
                .toList();
        this.pause = pause;
        this.pins = pins;
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
        return emptyDirectories;
    }

    /** Rounded up: a pause is never shown as none. */
    @Override
    public long pauseMillis() {
        return pause.plusNanos(999_999).toMillis();
    }

    @Override
    public boolean pins() {
        return pins;
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
