package caravan.restore.journal;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.restore.target.FileIdentity;
import caravan.restore.target.TargetTree;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a restore has verified, in a file of our own directory in the tree.
 *
 * <p>A chunk is recorded twice: as written once its hash was right, which tells the next run where it is worth to look;
 * and as durable, with how its file looks from outside, after the file was forced to the disk. Only the second is
 * trusted, and only while the file looks the same. So neither a kill nor a power cut nor somebody else's edit makes us
 * believe in bytes that are not there; see docs/adr/0012.
 *
 * <p>Safe for use by many threads, of which one calls {@link #sync}.
 */
public final class RestoreJournal implements AutoCloseable {

    /** Where it lies in the tree. */
    public static final String PLACE = TargetTree.WORK + "/journal";

    private final TargetTree tree;
    private final Clock clock;
    private final Forcing forcing;
    private final FileChannel file;
    private final Map<String, RecordedFile> recorded;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Set<Entry> dirty = new LinkedHashSet<>();
    private int lastNumber;
    private Exception unsound;

    private RestoreJournal(TargetTree tree, Clock clock, Forcing forcing, FileChannel file, Past past) {
        this.tree = tree;
        this.clock = clock;
        this.forcing = forcing;
        this.file = file;
        this.recorded = past.files();
        this.lastNumber = past.lastNumber();
        recorded.forEach((place, known) -> entries.put(place, new Entry(past.numberOf(place), known.count())));
    }

    /** A file of the tree in this run. */
    private static final class Entry {

        private final int number;
        private int written;
        private boolean onDisk;
        private String place = "";

        Entry(int number, int written) {
            this.number = number;
            this.written = written;
        }
    }

    /** What the journal of {@code tree} says of files, by their place; nothing if there is none. Changes nothing. */
    public static Map<String, RecordedFile> read(TargetTree tree) throws IOException {
        if (tree.look(PLACE).filter(BasicFileAttributes::isRegularFile).isEmpty()) {
            return Map.of();
        }
        try (FileChannel file = tree.read(PLACE)) {
            return Past.read(file).files();
        }
    }

    /** Opens the journal of {@code tree}, whose own directory must be there; what is torn at its end is cut off. */
    public static RestoreJournal open(TargetTree tree, Clock clock, Forcing forcing) throws IOException {
        boolean there =
                tree.look(PLACE).filter(BasicFileAttributes::isRegularFile).isPresent();
        if (!there) {
            tree.deleteIfThere(PLACE);
        }
        FileChannel file = there ? tree.write(PLACE) : tree.create(PLACE);
        try {
            Past past = Past.read(file);
            file.truncate(past.goodBytes());
            writeAgain(file);
            RestoreJournal journal = new RestoreJournal(tree, clock, forcing, file, past);
            if (past.goodBytes() == 0) {
                journal.append(JournalLine.HEADER + "\n");
                forcing.force(PLACE, file);
                tree.syncDirectory(TargetTree.WORK);
            }
            return journal;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * What was read may be in memory alone, if an fsync failed. Lines that count must not stand behind some that a
     * power cut takes away. Ends behind the last line.
     */
    private static void writeAgain(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        long at = 0;
        for (int count = file.read(bytes, at); count > 0; count = file.read(bytes.clear(), at)) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
        }
        file.position(at);
    }

    /** Nothing that was recorded before is believed without a hash. */
    public void doubtAll() {
        recorded.values().forEach(RecordedFile::doubt);
    }

    /** What runs before this one recorded of the file at {@code place}. */
    public RecordedFile recorded(String place) {
        return recorded.getOrDefault(place, RecordedFile.UNKNOWN);
    }

    /**
     * From here on this journal knows all that is written to the file; what it said before is void, and that is on the
     * disk after the next {@link #force}.
     *
     * @param held what is there
     */
    public synchronized void begin(String place, RecordedFile.Held held) throws IOException {
        Entry entry = new Entry(++lastNumber, 0);
        entries.put(place, entry);
        append(new JournalLine.Begun(entry.number, held, place).format());
    }

    /** What is recorded of the file holds, and all of it is on the disk. */
    public synchronized void resume(String place) {
        entries.get(place).onDisk = true;
    }

    /** Returns when all that was recorded so far is on the disk; must precede a write to a file that was recorded. */
    public void force() throws IOException {
        try {
            forcing.force(PLACE, file);
        } catch (IOException | RuntimeException e) {
            isUnsound(e);
            throw e;
        }
    }

    /** A chunk was put to its place and its hash is right. */
    public void written(String place, long offset, Digest digest) throws IOException {
        record(place, offset, digest, false);
    }

    /** A chunk was at its place before this restore, or was there and on the disk. */
    public void found(String place, long offset, Digest digest) throws IOException {
        record(place, offset, digest, true);
    }

    private synchronized void record(String place, long offset, Digest digest, boolean found) throws IOException {
        requireSound();
        Entry entry = entries.get(place);
        append(new JournalLine.Written(entry.number, offset, digest, found).format());
        entry.written++;
        entry.onDisk = false;
        entry.place = place;
        dirty.add(entry);
    }

    /** Fails if something could not be brought to the disk: after that nothing is believed to be there. */
    public synchronized void requireSound() throws IOException {
        if (unsound != null) {
            throw new IOException(unsound.getMessage(), unsound);
        }
    }

    private synchronized void isUnsound(Exception cause) {
        unsound = cause;
    }

    /** Whether all that was written to the file is on the disk. */
    public synchronized boolean isOnDisk(String place) throws IOException {
        requireSound();
        Entry entry = entries.get(place);
        return entry != null && entry.onDisk;
    }

    /** Brings what was written to the disk, and then records that. After a failure nothing more can be recorded. */
    public void sync() throws IOException {
        try {
            syncBatch();
        } catch (IOException | RuntimeException e) {
            isUnsound(e);
            throw e;
        }
    }

    private void syncBatch() throws IOException {
        List<Entry> batch;
        int[] counts;
        synchronized (this) {
            batch = List.copyOf(dirty);
            counts = batch.stream().mapToInt(entry -> entry.written).toArray();
        }
        List<JournalLine.Durable> durable = new ArrayList<>();
        for (int index = 0; index < batch.size(); index++) {
            Entry entry = batch.get(index);
            int count = counts[index];
            durableLook(entry).ifPresent(look -> durable.add(new JournalLine.Durable(entry.number, count, look)));
        }
        if (!batch.isEmpty()) {
            record(batch, durable);
        }
    }

    /**
     * Forces the file; how it looks if a later write would be seen. One that is just being written has its turn later.
     */
    private Optional<FileIdentity> durableLook(Entry entry) throws IOException {
        try (FileChannel channel = tree.write(entry.place)) {
            forcing.force(entry.place, channel);
        }
        return FileIdentity.of(tree.root().resolve(entry.place)).filter(look -> look.isQuiet(clock.instant()));
    }

    private void record(List<Entry> batch, List<JournalLine.Durable> durable) throws IOException {
        synchronized (this) {
            StringBuilder lines = new StringBuilder();
            durable.forEach(line -> lines.append(line.format()));
            append(lines.toString());
            Map<Integer, Integer> counts = new HashMap<>();
            durable.forEach(line -> counts.put(line.file(), line.count()));
            for (Entry entry : batch) {
                if (counts.getOrDefault(entry.number, -1) == entry.written) {
                    entry.onDisk = true;
                    dirty.remove(entry);
                }
            }
        }
        forcing.force(PLACE, file);
    }

    private void append(String lines) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(UTF_8));
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
