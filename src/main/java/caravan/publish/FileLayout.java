package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import caravan.store.CachePolicy;
import caravan.store.Composition;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plain-file layout, for who restores with rclone or a Helm chart: every file of a snapshot as one object under its
 * own name, put together by the store of the chunks that are there already. A copy for convenience: nothing signs it,
 * and our own clients never read it.
 *
 * <p>May be repeated: what is there is recognised by its size. Nothing is overwritten but the name of the latest
 * version and the note of versions; nothing is removed but what is older than the latest and the one before it, and was
 * replaced some time ago.
 */
public final class FileLayout {

    /** Most bytes of the name of a version. */
    private static final int MOST_NAME = 100;

    private static final Logger LOG = LoggerFactory.getLogger(FileLayout.class);

    private final ObjectStore store;
    private final ObjectStore patient;
    private final boolean wanted;
    private final Duration grace;
    private final Newest newest;
    private final Clock clock;

    /** Whether a publication still is what {@code latest} names. */
    @FunctionalInterface
    public interface Newest {
        boolean isStill(Publication publication) throws CaravanException;
    }

    /**
     * Lays out files in {@code store}.
     *
     * @param patient the same store for removals, which nobody but it tries again
     * @param wanted whether this layout is published at all; if not, every step does nothing
     * @param grace how long a version stays after another has replaced it as the latest
     */
    public FileLayout(
            ObjectStore store, ObjectStore patient, boolean wanted, Duration grace, Newest newest, Clock clock) {
        this.store = store;
        this.patient = patient;
        this.wanted = wanted;
        this.grace = grace;
        this.newest = newest;
        this.clock = clock;
    }

    /** Puts the files of a proven snapshot where they belong; nothing leads to them yet. */
    public void layOut(Publication publication) throws CaravanException, InterruptedException {
        if (!wanted) {
            return;
        }
        publication.requireGoing();
        layOut(
                publication.database().name(),
                publication.snapshot(),
                publication.proven().manifest().path());
    }

    /**
     * Names the snapshot as the latest version.
     *
     * @throws TransientException if another publisher has moved {@code latest} meanwhile: then its version is the
     *     latest
     */
    public void point(Publication publication) throws CaravanException {
        if (wanted) {
            if (!newest.isStill(publication)) {
                throw overtaken(
                        publication.database().name(), publication.snapshot(), "another publisher moved latest");
            }
            point(publication.database().name(), publication.snapshot());
        }
    }

    /**
     * Removes what is neither of the latest version nor of the one before it; what fails is for the next publication.
     */
    public void retire(Publication publication) throws CaravanException, InterruptedException {
        if (wanted) {
            retire(publication.database().name());
        }
    }

    /** The same for a database. */
    public void retire(DatabaseName database) throws CaravanException, InterruptedException {
        Optional<SnapshotId> latest = latest(patient, database);
        if (latest.isPresent()) {
            new OldFiles(patient, database, clock.instant().minus(grace)).remove(latest.get());
        }
    }

    /** Puts the files that {@code manifest} lists. */
    public void layOut(DatabaseName database, SnapshotId snapshot, Path manifest)
            throws CaravanException, InterruptedException {
        PlainVersions.of(store, database).add(snapshot);
        List<FileEntry> files = filesIn(manifest);
        StringBuilder list = new StringBuilder();
        try (FileCopies copies = new FileCopies()) {
            for (FileEntry file : files) {
                list.append(listed(file.path())).append('\n');
                copies.submit(() -> put(database, snapshot, file));
            }
            copies.finish();
        }
        String key = BucketPaths.plainFile(database, snapshot, BucketPaths.FILE_LIST);
        create(key, Content.of(list.toString().getBytes(UTF_8), SnapshotPublishing.TEXT, CachePolicy.IMMUTABLE));
    }

    /** Names the latest version; its files must be there. */
    public void point(DatabaseName database, SnapshotId snapshot) throws CaravanException {
        if (store.head(BucketPaths.plainFile(database, snapshot, BucketPaths.FILE_LIST))
                .isEmpty()) {
            throw overtaken(database, snapshot, "its files.txt is gone, so another publisher has removed it");
        }
        Optional<SnapshotId> before = replaced(database);
        if (before.isPresent() && !before.get().equals(snapshot)) {
            PlainVersions.of(store, database).isReplaced(before.get(), clock.instant());
        }
        store.put(
                BucketPaths.latestVersion(database),
                Content.of((snapshot + "\n").getBytes(UTF_8), SnapshotPublishing.TEXT, CachePolicy.MUTABLE));
    }

    private static TransientException overtaken(DatabaseName database, SnapshotId snapshot, String why) {
        return new TransientException(
                "name " + snapshot + " in " + BucketPaths.latestVersion(database) + ": " + why,
                "one publisher per database; nothing was changed");
    }

    /** What is to be overwritten may be anything; only to remove files by it would be rash. */
    private Optional<SnapshotId> replaced(DatabaseName database) throws CaravanException {
        try {
            return latest(store, database);
        } catch (FailedException | DamagedException e) {
            LOG.warn("{}: overwritten. HINT: {}", e.getMessage(), e.hint());
            return Optional.empty();
        }
    }

    private static Optional<SnapshotId> latest(ObjectStore store, DatabaseName database) throws CaravanException {
        String key = BucketPaths.latestVersion(database);
        Optional<StoredObject> named = store.read(key, MOST_NAME);
        try {
            return named.map(object -> SnapshotId.parse(new String(object.bytes(), UTF_8).strip()));
        } catch (IllegalArgumentException e) {
            throw new FailedException(
                    "read " + key + ": it names no version: " + e.getMessage(), "look who writes to the bucket", e);
        }
    }

    private void put(DatabaseName database, SnapshotId snapshot, FileEntry file) throws CaravanException {
        String key = BucketPaths.plainFile(database, snapshot, file.path().value());
        if (file.chunks().isEmpty()) {
            create(key, Content.of(new byte[0], Content.OCTETS, CachePolicy.IMMUTABLE));
            return;
        }
        if (isThere(key, file.size())) {
            return;
        }
        Composition composition = composition(file);
        if (store.compose(key, composition) == CreateOutcome.ALREADY_THERE && !isThere(key, file.size())) {
            throw taken(key);
        }
    }

    private static Composition composition(FileEntry file) throws RefusedException {
        List<Composition.Part> parts = new ArrayList<>();
        for (ChunkRef chunk : file.chunks()) {
            if (!chunk.storedAs().equals(StoredAs.PLAIN)) {
                throw new RefusedException(
                        "lay out " + file.path() + ": chunk " + chunk.digest() + " is compressed in the bucket",
                        "take filelist out of caravan.publish.layouts, or publish once more");
            }
            parts.add(new Composition.Part(BucketPaths.chunk(chunk.digest(), chunk.storedAs()), chunk.size()));
        }
        Composition composition = new Composition(parts, Content.OCTETS, CachePolicy.IMMUTABLE);
        if (!composition.isPossible()) {
            throw new RefusedException(
                    "lay out " + file.path() + ": S3 cannot put it together of " + parts.size() + " chunks of "
                            + parts.get(0).size() + " bytes: parts have 5 MiB or more, and there are no more than "
                            + Composition.MOST_PARTS,
                    "choose another caravan.database.<name>.chunk-size, or take filelist out of"
                            + " caravan.publish.layouts");
        }
        return composition;
    }

    /** Whether the file is there already, of this run or one before it. */
    private boolean isThere(String key, long size) throws CaravanException {
        Optional<ObjectHead> head = store.head(key);
        if (head.isPresent() && head.get().size() != size) {
            throw taken(key);
        }
        return head.isPresent();
    }

    private void create(String key, Content content) throws CaravanException {
        if (store.create(key, content) == CreateOutcome.ALREADY_THERE && !isThere(key, content.size())) {
            throw taken(key);
        }
    }

    private static TransientException taken(String key) {
        return new TransientException(
                "lay out " + key + ": another publisher has stored something else under that name",
                "one publisher per database; run it again for a new snapshot");
    }

    /** As rclone reads it with {@code --files-from}: a line is trimmed, and may be a comment. */
    private static String listed(SnapshotPath path) throws RefusedException {
        String value = path.value();
        boolean misread = !value.equals(value.strip()) || value.startsWith("#") || value.startsWith(";");
        if (misread || value.equals(BucketPaths.FILE_LIST)) {
            throw new RefusedException(
                    "lay out " + value + ": rclone could not tell this name in a list of files",
                    "take filelist out of caravan.publish.layouts");
        }
        return value;
    }

    private static List<FileEntry> filesIn(Path manifest) throws CaravanException {
        List<FileEntry> files = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(manifest))) {
            ManifestReader.read(in, manifest.toString(), new ManifestVisitor() {
                @Override
                public void header(ManifestHeader header) {
                    // the files alone matter
                }

                @Override
                public void file(FileEntry file) {
                    files.add(file);
                }

                @Override
                public void directory(SnapshotPath path) {
                    // no object stands for a directory; engines make their own
                }
            });
            return files;
        } catch (IOException e) {
            throw new FailedException("cannot read " + manifest + ": " + e, "check the state directory", e);
        }
    }
}
