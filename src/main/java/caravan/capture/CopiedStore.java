package caravan.capture;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.paritydb.ParityDbCheck;
import caravan.capture.rocksdb.RocksDbCopy;
import caravan.capture.rocksdb.StagedFile;
import caravan.capture.rocksdb.StillRocksDb;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes a RocksDB or a ParityDB by copying each of its files while the node stands still: by sharing blocks, or byte by
 * byte.
 */
final class CopiedStore implements StoreTaking {

    private final StoreDescription description;
    private final Path staged;
    private final boolean sharing;
    private final Duration limit;
    private final boolean nodeEnds;

    private FileCloning cloning;
    private final Map<String, StagedFile> sources = new HashMap<>();
    private List<String> notes = new ArrayList<>();

    /**
     * Takes what {@code description} says into {@code staged}.
     *
     * @param sharing whether to share blocks and nothing else, which takes a moment; a copy takes its time
     * @param limit how long {@link #take} may take
     * @param nodeEnds whether the node ends for it, and does not only stand still
     */
    CopiedStore(StoreDescription description, Path staged, boolean sharing, Duration limit, boolean nodeEnds) {
        this.description = description;
        this.staged = staged;
        this.sharing = sharing;
        this.limit = limit;
        this.nodeEnds = nodeEnds;
    }

    @Override
    public void prepare() throws IOException, CaravanException {
        if (sharing) {
            FileCloning.flush(source());
        }
        cloning = sharing ? FileCloning.sharing(source(), staged) : FileCloning.copying(source(), staged);
    }

    @Override
    public void take() throws IOException, CaravanException {
        List<String> names = names();
        for (String name : names) {
            sources.put(name, StagedFile.of(source().resolve(name), name, isWriteOnce(name)));
        }
        cloning.copy(names, limit);
    }

    @Override
    public Optional<Taken> finish(boolean last) throws IOException, CaravanException {
        if (description.store().engine() == Engine.ROCKSDB) {
            Optional<RocksDbCopy> copy =
                    new StillRocksDb(staged, description.store().names(), nodeEnds).read(last);
            return copy.map(found -> new Taken(
                    description.captured(found),
                    new StoreFiles(
                            description.store(),
                            staged,
                            found.databaseIdentity(),
                            found.files().stream()
                                    .map(file -> sources.get(file.name()))
                                    .toList()),
                    List.of()));
        }
        for (StagedFile file : sources.values()) {
            Path copy = staged.resolve(file.name());
            if (Files.size(copy) != file.size()) {
                throw ParityDbFiles.damaged(
                        file.name() + " has " + Files.size(copy) + " bytes in the copy, and had " + file.size());
            }
        }
        notes.addAll(ParityDbCheck.of(staged).notes());
        return Optional.of(new Taken(
                description.captured(notes),
                new StoreFiles(description.store(), staged, "", List.copyOf(sources.values())),
                List.of()));
    }

    @Override
    public void again() throws IOException {
        close();
        sources.clear();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(staged)) {
            for (Path entry : entries) {
                Files.delete(entry);
            }
        }
    }

    @Override
    public void close() {
        if (cloning != null) {
            cloning.close();
        }
    }

    private List<String> names() throws IOException, RefusedException {
        if (description.store().engine() == Engine.ROCKSDB) {
            return StillRocksDb.namesIn(source());
        }
        ParityDbFiles.Listing listing = ParityDbFiles.of(source());
        notes = new ArrayList<>(listing.notes());
        return listing.names();
    }

    private boolean isWriteOnce(String name) {
        return description.store().engine() == Engine.ROCKSDB && StillRocksDb.isWriteOnce(name);
    }

    private Path source() {
        return description.store().directory();
    }
}
