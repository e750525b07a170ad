package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.manifest.PointerFormat;
import caravan.manifest.RecordFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import caravan.snapshot.StoredAs;
import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the objects of a bucket amount to for somebody who has nothing but a public key. Reading {@link #latest} fails
 * the test if anything that it leads to is not there or not what it should be.
 */
public final class PublishedBucket {

    public static final DatabaseName DATABASE = new DatabaseName("demo");

    /** Every name that format v1 has, and the notes that publishers leave for each other. */
    private static final Pattern NAMES = Pattern.compile("chunks/([0-9a-f]{2})/\\1[0-9a-f]{62}(?:\\.zst)?"
            + "|catalog\\.json|index\\.html|sync\\.sh(?:\\.sig)?"
            + "|demo/latest|demo/files/latest_version\\.meta\\.txt|demo/files/[0-9]{8}T[0-9]{6}Z-[0-9]+/(?:files\\.txt|db/full/.+)"
            + "|demo/[0-9]{8}T[0-9]{6}Z-[0-9]+/(?:record|manifest\\.jsonl|chunks\\.tsv|aria2\\.txt|SHA256SUMS|snapshot\\.meta4|regions\\.json)"
            + "|_control/(?:sessions/[0-9A-Za-z-]+|pending/demo/[0-9A-Z-]+|files/demo|probe/(?:mark|slot-[0-9]))");

    private static final Pattern MUTABLE = Pattern.compile(
            "demo/latest|demo/files/latest_version\\.meta\\.txt|demo/[^/]+/regions\\.json|catalog\\.json|index\\.html|sync\\.sh(?:\\.sig)?|_control/.*");

    /** The server writes an object under such a name first; it is not visible by its key. */
    private static final Pattern HALF_WRITTEN =
            Pattern.compile(".+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Path objects;

    private final TrustedKeys trusted;

    /**
     * A bucket whose objects are the files below {@code objects}.
     *
     * @param objects the bucket's prefix
     */
    public PublishedBucket(Path objects, TrustedKeys trusted) {
        this.objects = objects;
        this.trusted = trusted;
    }

    /** One published state, found to be whole. */
    @SuppressWarnings("ArrayRecordComponent") // two are never compared
    public record Snapshot(
            Pointer pointer,
            SnapshotRecord record,
            byte[] manifest,
            ManifestHeader header,
            List<FileEntry> files,
            List<SnapshotPath> directories) {

        Set<Digest> chunks() {
            return files.stream()
                    .flatMap(file -> file.chunks().stream())
                    .map(ChunkRef::digest)
                    .collect(Collectors.toSet());
        }

        long bytes() {
            return files.stream().mapToLong(FileEntry::size).sum();
        }
    }

    /** What {@code latest} leads to, by signatures and hashes alone, with every chunk of it there and right. */
    public Optional<Snapshot> latest() throws Exception {
        byte[] note;
        try {
            note = read(BucketPaths.latest(DATABASE));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Pointer pointer =
                PointerFormat.read(verify(note, NoteKind.POINTER, "latest").line(), "latest");
        assertThat(pointer.database()).isEqualTo(DATABASE);
        VerifiedNote recordNote = verify(read(DATABASE + "/" + pointer.record().path()), NoteKind.RECORD, "record");
        assertThat(recordNote.lineDigest()).isEqualTo(pointer.record().digest());
        assertThat(recordNote.lineSize()).isEqualTo(pointer.record().size());
        SnapshotRecord record = RecordFormat.read(recordNote.line(), "record");
        assertThat(record.snapshot()).isEqualTo(pointer.snapshot());
        return Optional.of(snapshotOf(pointer, record));
    }

    /** Fails if any object has a name that format v1 does not know. */
    public void requireKnownNamesOnly() throws IOException {
        assertThat(names()).allMatch(name -> NAMES.matcher(name).matches());
    }

    /** Names of all objects. */
    public Set<String> names() throws IOException {
        if (!Files.isDirectory(objects)) {
            return Set.of();
        }
        Set<String> names = new TreeSet<>();
        try (Stream<Path> all = Files.walk(objects)) {
            all.filter(Files::isRegularFile)
                    .map(path -> objects.relativize(path).toString())
                    .filter(name -> !HALF_WRITTEN.matcher(name).matches())
                    .forEach(names::add);
        }
        return names;
    }

    public Set<String> chunkNames() throws IOException {
        return names().stream().filter(name -> name.startsWith("chunks/")).collect(Collectors.toSet());
    }

    /** Digest of what the object of a chunk holds, unpacked if it is compressed. */
    public Digest contentOf(String chunk) throws IOException {
        byte[] stored = read(chunk);
        return Digest.of(
                chunk.endsWith(".zst") ? Zstd.decompress(stored, (int) Zstd.getFrameContentSize(stored)) : stored);
    }

    /** Digest of every object that may never change, by name. */
    public Map<String, Digest> immutable() throws IOException {
        Map<String, Digest> digests = new TreeMap<>();
        for (String name : names()) {
            if (!MUTABLE.matcher(name).matches()) {
                digests.put(name, Digest.of(read(name)));
            }
        }
        return digests;
    }

    /** Puts a file together from its chunks. */
    public byte[] contentOf(FileEntry file) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (ChunkRef chunk : file.chunks()) {
            content.write(contentOf(chunk));
        }
        assertThat(content.size()).as("size of %s", file.path()).isEqualTo((int) file.size());
        return content.toByteArray();
    }

    /** Puts all files of a snapshot together. */
    public Path restore(Snapshot snapshot, Path into) throws IOException {
        for (FileEntry file : snapshot.files()) {
            Path path = into.resolve(file.path().value());
            Files.createDirectories(path.getParent());
            Files.write(path, contentOf(file));
        }
        for (SnapshotPath directory : snapshot.directories()) {
            Files.createDirectories(into.resolve(directory.value()));
        }
        return into;
    }

    public byte[] read(String name) throws IOException {
        return Files.readAllBytes(fileOf(name));
    }

    /** Where an object lies, for harm to it. */
    public Path fileOf(String name) {
        return objects.resolve(name);
    }

    /** Has all objects whose names begin so stored earlier, by {@code time}. */
    public void makeOlder(Duration time, String begin) throws IOException {
        for (String name : names()) {
            if (name.startsWith(begin)) {
                Files.setLastModifiedTime(
                        fileOf(name), FileTime.from(Instant.now().minus(time)));
            }
        }
    }

    private Snapshot snapshotOf(Pointer pointer, SnapshotRecord record) throws Exception {
        byte[] manifest = part(record, record.manifest());
        part(record, record.chunks());
        List<ManifestHeader> header = new ArrayList<>();
        List<FileEntry> files = new ArrayList<>();
        List<SnapshotPath> directories = new ArrayList<>();
        ManifestTotals totals =
                ManifestReader.read(new ByteArrayInputStream(manifest), "manifest", new ManifestVisitor() {
                    @Override
                    public void header(ManifestHeader line) {
                        header.add(line);
                    }

                    @Override
                    public void file(FileEntry line) {
                        files.add(line);
                    }

                    @Override
                    public void directory(SnapshotPath line) {
                        directories.add(line);
                    }
                });
        assertThat(totals).isEqualTo(record.totals());
        assertThat(header.get(0).snapshot()).isEqualTo(record.snapshot());
        Snapshot snapshot = new Snapshot(pointer, record, manifest, header.get(0), files, directories);
        files.forEach(this::requireChunks);
        return snapshot;
    }

    private void requireChunks(FileEntry file) {
        for (ChunkRef chunk : file.chunks()) {
            assertThat(fileOf(BucketPaths.chunk(chunk.digest(), chunk.storedAs())))
                    .as("chunk of %s", file.path())
                    .isRegularFile();
            assertThat(chunk).satisfies(each -> {
                byte[] content = contentOf(each);
                assertThat(content).hasSize((int) each.size());
                assertThat(Digest.of(content)).isEqualTo(each.digest());
            });
        }
    }

    private byte[] contentOf(ChunkRef chunk) throws IOException {
        byte[] stored = read(BucketPaths.chunk(chunk.digest(), chunk.storedAs()));
        if (chunk.storedAs() instanceof StoredAs.Zstandard frame) {
            assertThat(stored).hasSize((int) frame.size());
            assertThat(Digest.of(stored)).isEqualTo(frame.digest());
            return Zstd.decompress(stored, (int) chunk.size());
        }
        return stored;
    }

    private byte[] part(SnapshotRecord record, ObjectRef ref) throws IOException {
        byte[] bytes = read(BucketPaths.ofSnapshot(DATABASE, record.snapshot(), ref.path()));
        assertThat(bytes).hasSize((int) ref.size());
        assertThat(Digest.of(bytes)).as(ref.path()).isEqualTo(ref.digest());
        return bytes;
    }

    private VerifiedNote verify(byte[] note, NoteKind kind, String what) throws Exception {
        return SignedNote.verify(note, kind, trusted, what);
    }
}
