package caravan.publish;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.lock.ExclusiveLock;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.watch.Appearance;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a publisher remembers of one database between runs, in a directory of its own that only its user can read:
 *
 * <ul>
 *   <li>{@code lock}: held while a publication is under way, so that there is one at a time;
 *   <li>{@code hashes}: the {@link HashCache};
 *   <li>{@code tables}: the {@link ProvenTables};
 *   <li>{@code proven}: the {@link ProvenChunks};
 *   <li>{@code work/}: files of the run that is under way, swept at the start of the next;
 *   <li>{@code published/}: manifest and pointer of the last snapshot this publisher made visible, how the database
 *       looked when it was captured, and the {@link KnownSource};
 *   <li>{@code refused}: snapshots that a drill found bad, the {@link Refusals};
 *   <li>{@code suspected/}: chunks that a drill found bad as they are stored or served, a file for each.
 * </ul>
 *
 * <p>Losing the directory costs time, never correctness: files are hashed again and chunks are asked for one by one.
 */
final class PublisherState implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PublisherState.class);

    /** Name of the file that holds how the database looked. */
    static final String APPEARANCE = "appearance";

    /** Name of the file that is locked while a publication is under way. */
    static final String LOCK = "lock";

    private static final String HASHES = "hashes";

    private static final String TABLES = "tables";

    private static final String PROVEN = "proven";

    private static final String DOUBTED = "doubted";

    private static final String SUSPECTED = "suspected";

    private final Path directory;

    private final ExclusiveLock lock;

    private final HashCache hashes;

    private final ProvenTables provenTables;

    private final ProvenChunks provenChunks;

    private final Set<Digest> suspected;

    private final Clock clock;

    private PublisherState(
            Path directory,
            ExclusiveLock lock,
            HashCache hashes,
            ProvenTables provenTables,
            ProvenChunks provenChunks,
            Set<Digest> suspected,
            Clock clock) {
        this.directory = directory;
        this.lock = lock;
        this.hashes = hashes;
        this.provenTables = provenTables;
        this.provenChunks = provenChunks;
        this.suspected = suspected;
        this.clock = clock;
    }

    /**
     * Locks and opens what is remembered of {@code database} below {@code stateDirectory}.
     *
     * @throws RefusedException if another publication of it is under way, in this process or another
     */
    @SuppressWarnings("MustBeClosedChecker")
    static PublisherState open(Path stateDirectory, DatabaseName database, Clock clock) throws CaravanException {
        Path directory = directoryOf(stateDirectory, database);
        try {
            makePrivate(directory);
            ExclusiveLock lock = ExclusiveLock.tryTake(directory.resolve(LOCK))
                    .orElseThrow(() -> new RefusedException(
                            "publish " + database + ": another publication of it is under way",
                            "wait until it has ended; " + directory.resolve(LOCK) + " is held by its process"));
            return open(directory, lock, clock);
        } catch (IOException e) {
            throw new FailedException(
                    "cannot use the state directory " + directory + ": " + e,
                    "caravan.state-directory must be writable by this user",
                    e);
        }
    }

    /** Under {@code lock}, which is given back if this fails, whatever else does. */
    @SuppressWarnings("MustBeClosedChecker")
    private static PublisherState open(Path directory, ExclusiveLock lock, Clock clock) throws IOException {
        List<Closeable> opened = new ArrayList<>();
        opened.add(lock::close);
        try {
            Path work = directory.resolve("work");
            sweep(work);
            makePrivate(work);
            makePrivate(directory.resolve("published"));
            forgetIfDoubted(directory);
            HashCache hashes = HashCache.open(directory.resolve(HASHES));
            opened.add(hashes::close);
            ProvenTables tables = ProvenTables.open(directory.resolve(TABLES));
            opened.add(tables::close);
            ProvenChunks chunks = ProvenChunks.open(directory.resolve(PROVEN));
            opened.add(chunks::close);
            return new PublisherState(directory, lock, hashes, tables, chunks, suspectedIn(directory), clock);
        } catch (IOException | RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    /** The last first. */
    private static void closeAll(List<Closeable> opened, Exception failure) {
        Collections.reverse(opened);
        for (Closeable each : opened) {
            try {
                each.close();
            } catch (IOException | RuntimeException e) {
                failure.addSuppressed(e);
            }
        }
    }

    /** How the database looked when the last snapshot that was published from here was captured. Needs no lock. */
    static Optional<Appearance> appearance(Path stateDirectory, DatabaseName database) {
        Path file = directoryOf(stateDirectory, database).resolve("published").resolve(APPEARANCE);
        try {
            return Appearance.of(Files.readAllBytes(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The same as {@link #publishedSource}. Needs no lock to be read. */
    static Path source(Path stateDirectory, DatabaseName database) {
        return sourceIn(directoryOf(stateDirectory, database));
    }

    private static Path sourceIn(Path directory) {
        return directory.resolve("published").resolve("source");
    }

    HashCache hashes() {
        return hashes;
    }

    ProvenTables provenTables() {
        return provenTables;
    }

    ProvenChunks provenChunks() {
        return provenChunks;
    }

    Instant now() {
        return clock.instant();
    }

    /** Holds the files of the run that is under way. */
    Path workDirectory() {
        return directory.resolve("work");
    }

    /** Manifest of the last snapshot that was published from here; it may be absent. */
    Path publishedManifest() {
        return directory.resolve("published").resolve(BucketPaths.MANIFEST);
    }

    /** Signed pointer that was published last from here; it may be absent. */
    Path publishedPointer() {
        return pointerIn(directory);
    }

    /** What the {@link KnownSource} of the last snapshot was; it may be absent. */
    Path publishedSource() {
        return sourceIn(directory);
    }

    /**
     * Remembers what has just become visible.
     *
     * @param cleared suspected chunks that it has, which were looked at or stored for it
     */
    void remember(Path manifest, byte[] pointerNote, Set<Digest> cleared) throws IOException {
        Path appearance = workDirectory().resolve(APPEARANCE);
        if (Files.exists(appearance)) {
            Files.move(appearance, publishedManifest().resolveSibling(APPEARANCE), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(manifest, publishedManifest(), StandardCopyOption.ATOMIC_MOVE);
        rememberPointer(pointerNote);
        provenChunks.clear();
        for (Digest chunk : cleared) {
            Files.deleteIfExists(directory.resolve(SUSPECTED).resolve(chunk.hex()));
        }
    }

    /** The session of the run that is under way, or of one that was killed. */
    OwnSession session() {
        return sessionIn(directory);
    }

    /** Chunks that a drill found bad, or missing, and that were not published since. */
    Set<Digest> suspected() {
        return suspected;
    }

    /** Remembers the pointer alone, after it was signed anew. */
    void rememberPointer(byte[] pointerNote) throws IOException {
        Path next = workDirectory().resolve(BucketPaths.LATEST);
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(pointerNote));
            channel.force(true);
        }
        Files.move(next, publishedPointer(), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws IOException {
        try {
            try (provenChunks;
                    provenTables) {
                hashes.close();
            }
            sweep(workDirectory());
        } finally {
            lock.close();
        }
    }

    /** Holds the {@link Refusals}. Needs no lock to be read. */
    static Path refused(Path stateDirectory, DatabaseName database) {
        return directoryOf(stateDirectory, database).resolve("refused");
    }

    /** Is there if nothing that is remembered of the database's files may be believed. Needs no lock to be made. */
    static Path doubted(Path stateDirectory, DatabaseName database) {
        return directoryOf(stateDirectory, database).resolve(DOUBTED);
    }

    /** Has a file for each chunk that a drill found bad in the bucket or at the edge. Needs no lock to be added to. */
    static Path suspected(Path stateDirectory, DatabaseName database) {
        return directoryOf(stateDirectory, database).resolve(SUSPECTED);
    }

    private static Set<Digest> suspectedIn(Path directory) throws IOException {
        Set<Digest> digests = new HashSet<>();
        if (Files.isDirectory(directory.resolve(SUSPECTED))) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.resolve(SUSPECTED))) {
                for (Path file : files) {
                    digestNamed(file).ifPresent(digests::add);
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return Set.copyOf(digests);
    }

    private static Optional<Digest> digestNamed(Path file) {
        try {
            return Optional.of(Digest.fromHex(file.getFileName().toString()));
        } catch (IllegalArgumentException e) {
            LOG.warn("{} is not named by a digest, and left out", file);
            return Optional.empty();
        }
    }

    private static void forgetIfDoubted(Path directory) throws IOException {
        if (Files.exists(directory.resolve(DOUBTED))) {
            Files.deleteIfExists(directory.resolve(HASHES));
            Files.deleteIfExists(directory.resolve(TABLES));
            Files.delete(directory.resolve(DOUBTED));
        }
    }

    static Path pointerIn(Path directory) {
        return directory.resolve("published").resolve(BucketPaths.LATEST);
    }

    static OwnSession sessionIn(Path directory) {
        return new OwnSession(directory.resolve("session"));
    }

    /** Holds what is remembered of {@code database}. */
    static Path directoryOf(Path stateDirectory, DatabaseName database) {
        return stateDirectory.resolve("publish").resolve(database.value());
    }

    private static void makePrivate(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** The work directory has files only, all of them ours. */
    private static void sweep(Path work) throws IOException {
        if (!Files.isDirectory(work)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(work)) {
            for (Path file : left) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
