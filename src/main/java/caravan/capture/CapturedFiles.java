package caravan.capture;

import caravan.capture.rocksdb.StagedFile;
import caravan.snapshot.SnapshotPath;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * The files of all stores, sorted by path. It keeps about a hundred bytes of each, and makes the rest when it is asked.
 */
final class CapturedFiles extends AbstractList<CapturedFile> implements RandomAccess {

    private final Row[] rows;

    /**
     * The files of one store.
     *
     * @param staged directory of the copy
     * @param flatNames what a file is called in the copy, where that is not its name in the source
     */
    record StoreFiles(
            StoreLocation store,
            Path staged,
            String databaseIdentity,
            List<StagedFile> files,
            Map<String, String> flatNames) {

        /** Files that are called in the copy as they are in the source. */
        StoreFiles(StoreLocation store, Path staged, String databaseIdentity, List<StagedFile> files) {
            this(store, staged, databaseIdentity, files, Map.of());
        }

        Path stagedPathOf(StagedFile file) {
            return staged.resolve(flatNames.getOrDefault(file.name(), file.name()));
        }

        SnapshotPath pathOf(StagedFile file) {
            return new SnapshotPath(store.path().isEmpty() ? file.name() : store.path() + "/" + file.name());
        }
    }

    private record Row(StoreFiles store, StagedFile file) {

        SnapshotPath path() {
            return store.pathOf(file);
        }
    }

    CapturedFiles(List<StoreFiles> stores) {
        rows = stores.stream()
                .flatMap(store -> store.files().stream().map(file -> new Row(store, file)))
                .toArray(Row[]::new);
        Arrays.sort(rows, Comparator.comparing(Row::path));
    }

    @Override
    public CapturedFile get(int index) {
        Row row = rows[index];
        StagedFile file = row.file();
        StoreFiles store = row.store();
        return new CapturedFile(
                row.path(),
                store.stagedPathOf(file),
                file.size(),
                file.writeOnce(),
                new SourceIdentity(
                        store.store().directory().resolve(file.name()).toString(),
                        file.device(),
                        file.inode(),
                        file.size(),
                        file.modifiedNanos(),
                        store.databaseIdentity()));
    }

    @Override
    public int size() {
        return rows.length;
    }
}
