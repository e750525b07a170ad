package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.WrongUsageException;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.restore.source.Retries;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Space;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Manifests in the client's state, and which directory was restored from which. The restored tree itself holds nothing
 * but the snapshot, so this is how it can be checked later without a network.
 */
final class KeptManifests {

    private static final String MANIFESTS = "manifests";
    private static final String BEGUN = "begun";
    private static final String CHANGING = "changing";
    private static final String RESTORED = "restored";

    /** For how long a manifest stays after its last use, though nothing was restored from it. */
    private static final Duration LONGEST_USE = Duration.ofDays(1);

    private final ClientState state;

    KeptManifests(ClientState state) {
        this.state = requireNonNull(state, "state");
    }

    /**
     * The manifest that {@code record} vouches for, fetched unless it is here, and noted as the one that is to be
     * restored into {@code directory}: so it stays here meanwhile. The directory itself may turn out to be none for it.
     *
     * @throws DamagedException if other bytes came back
     */
    ManifestFile keep(Path directory, SnapshotRecord record, ObjectSource source, Retries retries)
            throws CaravanException, InterruptedException {
        state.makeDirectory(BEGUN);
        Digest digest = record.manifest().digest();
        state.exclusively(() -> {
            note(BEGUN, directory, digest, source.locate(pathOf(record)));
            return null;
        });
        return fetch(record, source, retries);
    }

    /** The manifest that {@code record} vouches for, fetched unless it is here. */
    ManifestFile fetch(SnapshotRecord record, ObjectSource source, Retries retries)
            throws CaravanException, InterruptedException {
        Path kept = state.makeDirectory(MANIFESTS);
        ObjectRef expected = record.manifest();
        Path file = kept.resolve(expected.digest().hex() + ".jsonl");
        ManifestFile manifest = new ManifestFile(file, expected.digest(), source.locate(pathOf(record)));
        noteUse(file);
        if (Files.exists(file) && digestOf(file).equals(expected.digest())) {
            return manifest;
        }
        Space.require(kept, expected.size());
        Path fresh = kept.resolve(UUID.randomUUID() + ".part");
        try {
            retries.run(bypass -> {
                download(
                        source,
                        ObjectRequest.exactly(pathOf(record), expected.size()).bypassingCaches(bypass),
                        expected.digest(),
                        fresh);
                return null;
            });
            PrivateFiles.rename(fresh, file);
        } catch (IOException e) {
            throw LocalFailures.of("keeping the manifest in " + file, e);
        } finally {
            deleteQuietly(fresh);
        }
        return manifest;
    }

    /** Notes that {@code directory} is about to be changed to what {@code manifest} says. */
    void changing(Path directory, ManifestFile manifest) throws CaravanException {
        state.makeDirectory(CHANGING);
        state.exclusively(() -> {
            note(CHANGING, directory, manifest.digest(), manifest.what());
            return null;
        });
    }

    /**
     * Notes that {@code directory} now is what {@code manifest} says, and forgets manifests nobody refers to or used
     * today.
     */
    void restored(Path directory, ManifestFile manifest) throws CaravanException {
        state.makeDirectory(RESTORED);
        state.exclusively(() -> {
            note(RESTORED, directory, manifest.digest(), manifest.what());
            Files.deleteIfExists(noteFile(BEGUN, directory));
            Files.deleteIfExists(noteFile(CHANGING, directory));
            forgetOthers();
            return null;
        });
    }

    /** Whether {@code directory} was restored by this client before. */
    boolean knows(Path directory) {
        return Files.exists(noteFile(RESTORED, directory));
    }

    /**
     * Whether a restore of something else than what {@code directory} is remembered to be has begun to change it, and
     * not ended.
     */
    boolean isBeingReplaced(Path directory) throws CaravanException {
        try {
            String begun = state.read(noteFile(CHANGING, directory)).split("\n", -1)[0];
            String restored = state.read(noteFile(RESTORED, directory)).split("\n", -1)[0];
            return !begun.isEmpty() && !begun.equals(restored);
        } catch (IOException e) {
            throw LocalFailures.of("reading what is remembered about " + directory, e);
        }
    }

    /**
     * The manifest {@code directory} was restored from.
     *
     * @throws WrongUsageException if we do not know of any
     */
    ManifestFile of(Path directory) throws CaravanException {
        String hint = "name the snapshot it should equal: verify " + directory + " --against URL";
        try {
            String[] lines = state.read(noteFile(RESTORED, directory)).split("\n", -1);
            if (lines.length < 3) {
                throw new WrongUsageException("nothing is remembered about " + directory, hint);
            }
            Digest digest = Digest.fromHex(lines[0]);
            Path file = state.at(MANIFESTS).resolve(digest.hex() + ".jsonl");
            if (!Files.exists(file) || !digestOf(file).equals(digest)) {
                throw new WrongUsageException("the manifest of " + directory + " is no longer kept in " + file, hint);
            }
            return new ManifestFile(file, digest, lines[1]);
        } catch (IOException e) {
            throw LocalFailures.of("reading what is remembered about " + directory, e);
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException("what is remembered about " + directory + " cannot be read", hint, e);
        }
    }

    private void note(String kind, Path directory, Digest digest, String what) throws IOException {
        String text = digest.hex() + "\n" + what + "\n" + directory + "\n";
        PrivateFiles.replace(noteFile(kind, directory), text.getBytes(StandardCharsets.UTF_8));
    }

    private Path noteFile(String kind, Path directory) {
        Digest name = Digest.of(directory.toString().getBytes(StandardCharsets.UTF_8));
        return state.at(kind).resolve(name.hex());
    }

    /** So it stays for as long as one run may go on, whoever else ends meanwhile. */
    private void noteUse(Path manifest) throws CaravanException {
        state.exclusively(() -> {
            if (Files.exists(manifest)) {
                Files.setLastModifiedTime(manifest, FileTime.from(Instant.now()));
            }
            return null;
        });
    }

    /** Also what a killed run left half fetched. Those that were used lately may be in use by who only looks. */
    private void forgetOthers() throws IOException {
        Set<String> wanted = new HashSet<>();
        for (String kind : new String[] {BEGUN, CHANGING, RESTORED}) {
            for (Path note : list(kind)) {
                wanted.add(state.read(note).split("\n", -1)[0] + ".jsonl");
            }
        }
        FileTime recently = FileTime.from(Instant.now().minus(LONGEST_USE));
        for (Path file : list(MANIFESTS)) {
            if (!wanted.contains(file.getFileName().toString()) && isOlder(file, recently)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static boolean isOlder(Path file, FileTime time) throws IOException {
        try {
            return Files.getLastModifiedTime(file).compareTo(time) < 0;
        } catch (NoSuchFileException e) {
            // another process has fetched it and given it its name
            return false;
        }
    }

    private Set<Path> list(String directory) throws IOException {
        Set<Path> files = new HashSet<>();
        if (Files.isDirectory(state.at(directory))) {
            try (Stream<Path> list = Files.list(state.at(directory))) {
                list.forEach(files::add);
            }
        }
        return files;
    }

    private void download(ObjectSource source, ObjectRequest request, Digest expected, Path to)
            throws AttemptFailure, CaravanException {
        MessageDigest digest = Digest.newMessageDigest();
        try (ObjectStream from = source.open(request);
                FileChannel file = PrivateFiles.create(to)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                digest.update(buffer, 0, count);
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
            Digest got = Digest.fromBytes(digest.digest());
            if (!got.equals(expected)) {
                throw from.damaged("hashes to " + got + ", the signed record says " + expected);
            }
            file.force(true);
        } catch (AttemptFailure e) {
            throw e.about(request.path());
        } catch (IOException e) {
            throw LocalFailures.of("writing " + to, e);
        }
    }

    private static Digest digestOf(Path file) throws CaravanException {
        MessageDigest digest = Digest.newMessageDigest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return Digest.fromBytes(digest.digest());
        } catch (IOException e) {
            throw LocalFailures.of("reading " + file, e);
        }
    }

    private static String pathOf(SnapshotRecord record) {
        return BucketPaths.ofSnapshot(record.database(), record.snapshot(), BucketPaths.MANIFEST);
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // a left-over of one manifest's size in our own state directory; the failure above it matters more
            return;
        }
    }
}
