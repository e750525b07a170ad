package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.Optional;

/**
 * Removes versions of the plain-file layout that nobody is led to any more. The latest and the one that was it before
 * stay, and whatever is newer, and what ceased to be the latest a short while ago; nothing is removed but what lies in
 * the folder of an old version and is listed there, or in the manifest of its snapshot.
 *
 * <p>The list goes last, after the note says that it is all that is left, and then the version's line in the note: so
 * whatever a run leaves is taken up by the next.
 */
final class OldFiles {

    /** Of one publication: the rest is for the next, so that none takes much longer than another. */
    private static final int MOST = 3;

    private final ObjectStore store;
    private final DatabaseName database;
    private final Instant replacedBefore;

    /**
     * Old versions of a database.
     *
     * @param replacedBefore what ceased to be the latest after that stays: somebody may be fetching it
     */
    OldFiles(ObjectStore store, DatabaseName database, Instant replacedBefore) {
        this.store = store;
        this.database = database;
        this.replacedBefore = replacedBefore;
    }

    /** What is done with each file. */
    @FunctionalInterface
    private interface EachFile {
        void take(SnapshotPath path) throws CaravanException, IOException;
    }

    /** Removes a few that are older than {@code latest}, were not it right before, and not for long enough. */
    void remove(SnapshotId latest) throws CaravanException, InterruptedException {
        PlainVersions versions = PlainVersions.of(store, database);
        Optional<SnapshotId> before = versions.before(latest);
        CaravanException failure = null;
        int taken = 0;
        for (SnapshotId version : versions.all()) {
            boolean isOld = version.createdAt().isBefore(latest.createdAt());
            boolean isStillFetched = versions.replacedAt(version)
                    .filter(replacedBefore::isBefore)
                    .isPresent();
            if (!isOld || isStillFetched || before.filter(version::equals).isPresent()) {
                continue;
            }
            if (taken == MOST) {
                break;
            }
            try {
                if (!versions.wasEmptied(version)) {
                    removeFiles(version);
                    versions.isEmptied(version);
                }
                store.remove(BucketPaths.plainFile(database, version, BucketPaths.FILE_LIST));
                versions.remove(version);
                taken++;
            } catch (FailedException | DamagedException e) {
                failure = e; // the others may go
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void removeFiles(SnapshotId version) throws CaravanException, InterruptedException {
        try (FileCopies removals = new FileCopies()) {
            EachFile removal = path -> {
                try {
                    removals.submit(() -> store.remove(BucketPaths.plainFile(database, version, path.value())));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
            };
            if (!readList(version, removal) && !readManifest(version, removal)) {
                throw new FailedException(
                        "remove the plain files of " + version + " of " + database
                                + ": neither files.txt nor its manifest is there, so it is not known which they are",
                        "remove the folder " + BucketPaths.plainFile(database, version, "")
                                + " by hand, then its line in " + BucketPaths.plainVersions(database));
            }
            removals.finish();
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("interrupted while files were removed");
            }
            throw new FailedException(
                    "remove the plain files of " + version + " of " + database + ": reading their list: " + e,
                    "the next publication tries again",
                    e);
        }
    }

    private boolean readList(SnapshotId version, EachFile each) throws CaravanException, IOException {
        Optional<OpenObject> list = store.open(BucketPaths.plainFile(database, version, BucketPaths.FILE_LIST));
        if (list.isEmpty()) {
            return false;
        }
        try (OpenObject open = list.get();
                BufferedReader lines = new BufferedReader(new InputStreamReader(open.body(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                each.take(path(version, line));
            }
        }
        return true;
    }

    private SnapshotPath path(SnapshotId version, String line) throws FailedException {
        try {
            return new SnapshotPath(line);
        } catch (IllegalArgumentException e) {
            throw new FailedException(
                    "remove the plain files of " + version + " of " + database + ": its files.txt is not ours: "
                            + e.getMessage(),
                    "look who writes to the bucket",
                    e);
        }
    }

    private boolean readManifest(SnapshotId version, EachFile each) throws CaravanException, IOException {
        String key = BucketPaths.ofSnapshot(database, version, BucketPaths.MANIFEST);
        Optional<OpenObject> manifest = store.open(key);
        if (manifest.isEmpty()) {
            return false;
        }
        try (OpenObject open = manifest.get()) {
            ManifestReader.read(open.body(), key, new ManifestVisitor() {
                @Override
                public void header(ManifestHeader header) {
                    // the files alone matter
                }

                @Override
                public void file(FileEntry file) throws CaravanException, IOException {
                    each.take(file.path());
                }

                @Override
                public void directory(SnapshotPath path) {
                    // no object stands for it
                }
            });
        }
        return true;
    }
}
