package caravan.capture;

import caravan.capture.rocksdb.LiveFiles;
import caravan.capture.rocksdb.RocksDbSource;
import caravan.capture.rocksdb.StillRocksDb;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A copy of every file, which is right for each engine, on each file system, and takes as long as it takes. */
final class CopyTakings implements Takings {

    private final Duration limit;
    private final boolean nodeEnds;

    /**
     * A way of taking.
     *
     * @param limit how long the copy of one store may take
     * @param nodeEnds whether the node ends for it, and does not only stand still
     */
    CopyTakings(Duration limit, boolean nodeEnds) {
        this.limit = limit;
        this.nodeEnds = nodeEnds;
    }

    @Override
    public List<String> check(StoreLocation store, CaptureRequest request) throws CaravanException {
        try {
            if (store.engine() == Engine.ROCKSDB) {
                List<String> notes = StillRocksDb.check(new RocksDbSource(store.directory(), store.names()));
                LiveFiles.require(store.directory());
                return notes;
            }
            return store.engine() == Engine.PARITYDB
                    ? ParityDbFiles.of(store.directory()).notes()
                    : List.of();
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + store.directory(), e);
        }
    }

    @Override
    public long bytesFor(StoreLocation store) throws IOException {
        AtomicLong bytes = new AtomicLong();
        int depth = store.engine() == Engine.UNKNOWN ? Integer.MAX_VALUE : 1;
        Files.walkFileTree(store.directory(), Set.of(), depth, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes.addAndGet(attributes.isRegularFile() ? attributes.size() : 0);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    // The node has deleted it since it was listed.
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return bytes.get();
    }

    @Override
    public boolean pins() {
        return false;
    }

    @Override
    public StoreTaking taking(
            CaptureRequest request, StoreLocation store, StageDirectory stage, int number, String mode)
            throws IOException {
        StoreDescription description = StoreDescription.of(request, store, mode);
        Path staged = Takings.directoryIn(stage, number);
        return store.engine() == Engine.UNKNOWN
                ? new CopiedTree(description, staged, limit)
                : new CopiedStore(description, staged, false, limit, nodeEnds);
    }
}
