package caravan.publish;

import caravan.capture.CaptureRequest;
import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedFile;
import caravan.capture.CapturedStore;
import caravan.capture.DatabaseCapture;
import caravan.capture.SourceIdentity;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Any files at all, captured as they lie in a directory, as one RocksDB whose chunks are small. */
final class FakeCapture implements DatabaseCapture {

    static final int CHUNK = 1000;

    private final Path directory;

    private final Map<SnapshotPath, byte[]> files = new TreeMap<>();

    private final List<SnapshotPath> directories = new ArrayList<>();

    private final List<SnapshotPath> released = new ArrayList<>();

    private boolean pins = true;

    private String databaseIdentity = "";

    private Engine engine = Engine.UNKNOWN;

    private boolean closed;

    private long modifiedNanos = 1;

    FakeCapture(Path directory) {
        this.directory = directory;
    }

    FakeCapture file(String path, byte[] content) throws IOException {
        files.put(new SnapshotPath(path), content);
        Files.createDirectories(directory.resolve(path).getParent());
        Files.write(directory.resolve(path), content);
        return this;
    }

    /** Its captures keep nothing that the node deletes. */
    FakeCapture byCopy() {
        pins = false;
        return this;
    }

    /** Its files were all modified at {@code time}. */
    FakeCapture modifiedAt(Instant time) {
        modifiedNanos = time.toEpochMilli() * 1_000_000;
        return this;
    }

    /** What the store's IDENTITY says; without this it has none. */
    FakeCapture identity(String text) {
        databaseIdentity = text;
        return this;
    }

    FakeCapture engine(Engine known) {
        engine = known;
        return this;
    }

    FakeCapture emptyDirectory(String path) {
        directories.add(new SnapshotPath(path));
        return this;
    }

    Map<SnapshotPath, byte[]> contents() {
        return files;
    }

    /** Files that nobody will read any more, in the order in which that was said. */
    List<SnapshotPath> released() {
        return released;
    }

    /** Whether a capture of it was given back. */
    boolean closed() {
        return closed;
    }

    @Override
    public List<String> check(CaptureRequest request) {
        return List.of();
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) {
        return new CapturedDatabase() {
            @Override
            public List<CapturedStore> stores() {
                DatabaseStore store = new DatabaseStore("", engine, "copy", "none", CHUNK);
                return List.of(new CapturedStore(store, databaseIdentity, 1, 0, Duration.ZERO, List.of()));
            }

            @Override
            public List<CapturedFile> files() {
                return files.keySet().stream().map(FakeCapture.this::captured).toList();
            }

            @Override
            public List<SnapshotPath> emptyDirectories() {
                return directories;
            }

            @Override
            public long pauseMillis() {
                return 0;
            }

            @Override
            public boolean pins() {
                return pins;
            }

            @Override
            public long freeBytesAtStart() {
                return 0;
            }

            @Override
            public void release(CapturedFile file) {
                released.add(file.path());
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }

    private CapturedFile captured(SnapshotPath path) {
        Path file = directory.resolve(path.value());
        try {
            Map<String, Object> facts = Files.readAttributes(file, "unix:dev,ino");
            long size = Files.size(file);
            SourceIdentity source = new SourceIdentity(
                    file.toString(), (Long) facts.get("dev"), (Long) facts.get("ino"), size, modifiedNanos, "identity");
            return new CapturedFile(path, file, size, path.value().endsWith(".sst"), source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
