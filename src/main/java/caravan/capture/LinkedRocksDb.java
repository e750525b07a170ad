package caravan.capture;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.rocksdb.RocksDbCopy;
import caravan.capture.rocksdb.RocksDbTaking;
import caravan.failure.CaravanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Takes a RocksDB by hard links. */
final class LinkedRocksDb implements StoreTaking {

    private final StoreDescription description;
    private final Path staged;
    private final Path hold;
    private final RocksDbTaking taking;

    LinkedRocksDb(StoreDescription description, Path staged, Path hold, RocksDbTaking taking) {
        this.description = description;
        this.staged = staged;
        this.hold = hold;
        this.taking = taking;
    }

    @Override
    public void prepare() throws CaravanException {
        taking.prepare();
    }

    @Override
    public void take() throws CaravanException {
        taking.take();
    }

    @Override
    public Optional<Taken> finish(boolean last) throws IOException, CaravanException {
        Optional<RocksDbCopy> copy = taking.finish(last);
        if (copy.isEmpty()) {
            return Optional.empty();
        }
        Files.delete(hold);
        return Optional.of(new Taken(
                description.captured(copy.get()),
                new StoreFiles(
                        description.store(),
                        staged,
                        copy.get().databaseIdentity(),
                        copy.get().files()),
                List.of()));
    }

    @Override
    public void again() throws IOException {
        taking.again();
    }

    /** Everything is in the stage, which goes as a whole. */
    @Override
    public void close() {}
}
