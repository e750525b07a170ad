package caravan.restore;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.disk.PrivateFiles;
import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.LocalFailures;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files of a directory that this client restored, with how they looked from outside when they were right: those that a
 * RocksDB writes once and never again. So a restore of a newer snapshot over them need not read them.
 *
 * <p>A file that was changed and given back its size and times, or that rotted on the disk, is not noticed: who wants
 * all bytes read asks for that.
 */
final class KnownFiles {

    /** Of a directory of which nothing is remembered. */
    static final KnownFiles NONE = new KnownFiles(Map.of(), files -> {});

    private static final String KIND = "files";
    private static final String HEADER = "caravan-files-1";

    private final Map<String, Known> files;
    private final Note note;

    private KnownFiles(Map<String, Known> files, Note note) {
        this.files = files;
        this.note = note;
    }

    /** How a file looked, and the hash of its list of chunks. */
    private record Known(FileIdentity look, Digest content) {

        String line(String path) {
            return look.inode() + " " + look.size() + " " + look.modified() + " " + content.hex() + " " + path + "\n";
        }
    }

    /** Where files are remembered. */
    @FunctionalInterface
    private interface Note {

        /** Remembers these and no others; returns when that is on the disk. */
        void replace(Map<String, Known> files) throws CaravanException;
    }

    /** What {@code state} remembers of {@code directory}. */
    static KnownFiles of(ClientState state, Path directory) throws CaravanException {
        Path file = fileOf(state, directory);
        try {
            List<String> lines = state.read(file).lines().toList();
            if (lines.isEmpty() || !lines.get(0).equals(HEADER)) {
                return NONE;
            }
            Map<String, Known> files = new LinkedHashMap<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.split(" ", 5);
                FileIdentity look = new FileIdentity(
                        Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2]), 0);
                files.put(words[4], new Known(look, Digest.fromHex(words[3])));
            }
            return new KnownFiles(files, left -> put(state, directory, left));
        } catch (IOException e) {
            throw LocalFailures.of("reading what is remembered about " + directory, e);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return NONE; // whatever it is, without it all is hashed
        }
    }

    /** Remembers {@code directory}, which now is what {@code manifest} says. */
    static void remember(ClientState state, Path directory, ManifestFile manifest, Instant now)
            throws CaravanException, InterruptedException {
        Map<String, Known> files = new LinkedHashMap<>();
        manifest.read(new ManifestVisitor() {
            private ManifestHeader header;

            @Override
            public void header(ManifestHeader first) {
                header = first;
            }

            @Override
            public void file(FileEntry file) throws IOException {
                if (isWriteOnce(header, file.path())) {
                    FileIdentity.of(directory.resolve(file.path().value()))
                            .filter(look -> look.isQuiet(now) && look.size() == file.size())
                            .ifPresent(look -> files.put(file.path().value(), new Known(look, contentOf(file))));
                }
            }

            @Override
            public void directory(SnapshotPath path) {
                // holds nothing
            }
        });
        put(state, directory, files);
    }

    private static void put(ClientState state, Path directory, Map<String, Known> files) throws CaravanException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        files.forEach((path, known) -> text.append(known.line(path)));
        state.makeDirectory(KIND);
        state.exclusively(() -> {
            PrivateFiles.replace(fileOf(state, directory), text.toString().getBytes(UTF_8));
            return null;
        });
    }

    /** The same of which none is believed. */
    KnownFiles doubted() {
        return new KnownFiles(Map.of(), note);
    }

    /**
     * Forgets all but those that hold what {@code manifest} says; must precede a change of the directory. After a power
     * cut in the midst of it a file may look as before though some of what was written has got to the disk.
     */
    void forgetOthers(Path directory, ManifestFile manifest) throws CaravanException, InterruptedException {
        Map<String, Known> left = new LinkedHashMap<>();
        manifest.read(new ManifestVisitor() {
            @Override
            public void header(ManifestHeader header) {
                // the files tell
            }

            @Override
            public void file(FileEntry file) throws IOException {
                String path = file.path().value();
                if (files.containsKey(path) && holds(file, FileIdentity.of(directory.resolve(path)))) {
                    left.put(path, files.get(path));
                }
            }

            @Override
            public void directory(SnapshotPath path) {
                // holds nothing
            }
        });
        note.replace(left);
    }

    /** Whether the file, which looks like {@code look}, holds what {@code expected} says. */
    boolean holds(FileEntry expected, Optional<FileIdentity> look) {
        Known known = files.get(expected.path().value());
        return known != null
                && look.isPresent()
                && known.look().hasContentOf(look.get())
                && known.content().equals(contentOf(expected));
    }

    /** As for hashes that a publisher uses again: what other engines write in place may keep its times. */
    private static boolean isWriteOnce(ManifestHeader header, SnapshotPath path) {
        boolean rocksDb = header.storeOf(path)
                .map(DatabaseStore::engine)
                .filter(Engine.ROCKSDB::equals)
                .isPresent();
        return rocksDb && (path.value().endsWith(".sst") || path.value().endsWith(".blob"));
    }

    private static Digest contentOf(FileEntry file) {
        MessageDigest digest = Digest.newMessageDigest();
        for (ChunkRef chunk : file.chunks()) {
            digest.update(chunk.digest().bytes());
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(chunk.size()).array());
        }
        return Digest.fromBytes(digest.digest());
    }

    private static Path fileOf(ClientState state, Path directory) {
        return state.at(KIND)
                .resolve(Digest.of(directory.toString().getBytes(UTF_8)).hex());
    }
}
