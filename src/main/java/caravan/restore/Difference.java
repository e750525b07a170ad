package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What of a manifest is not in a directory, in numbers, and what of that has to come over the network. */
final class Difference implements ManifestVisitor {

    /** Enough chunks to keep every connection of a measurement busy. */
    private static final int SAMPLE = 512;

    private final Path root;
    private final Look look;
    private final ManifestHeader header;
    private final BitSet present;
    private final LocalCopies copies;
    private final Set<String> directories = new HashSet<>();
    private final List<ChunkRef> sample = new ArrayList<>();
    private long stride = 1;
    private int number;
    private long bytes;
    private long keptBytes;
    private long chunks;
    private long growth;
    private long inodes;
    private long filesNew;
    private long filesChanged;

    @FunctionalInterface
    private interface Look {
        Optional<BasicFileAttributes> at(String path) throws IOException;
    }

    private Difference(Path root, Look look, ManifestHeader header, BitSet present, LocalCopies copies) {
        this.root = root;
        this.look = look;
        this.header = header;
        this.present = present;
        this.copies = copies;
    }

    /** All of it is to be fetched. */
    static Difference ofNothing(OpenSnapshot.Content content) throws CaravanException, InterruptedException {
        LocalCopies copies = LocalCopies.find(content.manifest(), number -> false, number -> false, Optional.empty());
        Difference all = new Difference(Path.of(""), path -> Optional.empty(), content.header(), new BitSet(), copies);
        content.manifest().read(all);
        return all;
    }

    /**
     * What {@code tree} lacks.
     *
     * @param present numbers of the chunks that are in place
     * @param old manifest of the copy that is replaced, if it is known: what it has elsewhere need not be fetched
     * @param changes whether something else is to be changed, too: whatever is changed, the seals are written anew
     */
    static Difference between(
            TargetTree tree, OpenSnapshot.Content content, BitSet present, Optional<ManifestFile> old, boolean changes)
            throws CaravanException, InterruptedException {
        LocalCopies copies = LocalCopies.find(content.manifest(), present::get, number -> false, old);
        Difference difference = new Difference(tree.root(), tree::look, content.header(), present, copies);
        content.manifest().read(difference);
        if (changes || difference.inodes > 0 || difference.filesChanged > 0) {
            difference.addSeals(content);
        }
        return difference;
    }

    @Override
    public void header(ManifestHeader first) {
        // known
    }

    @Override
    public void directory(SnapshotPath path) throws IOException {
        countDirectories(path.value());
    }

    @Override
    public void file(FileEntry file) throws IOException {
        Optional<BasicFileAttributes> there = look.at(file.path().value()).filter(BasicFileAttributes::isRegularFile);
        long size = there.map(BasicFileAttributes::size).orElse(0L);
        boolean differs = there.isEmpty() || size != file.size();
        boolean lacks = false;
        long offset = 0;
        for (ChunkRef chunk : file.chunks()) {
            if (present.get(number)) {
                keptBytes += chunk.size();
            } else {
                lacks = true;
                take(file, chunk, offset);
            }
            offset += chunk.size();
            number++;
        }
        growth += FilePreparation.growth(root.resolve(file.path().value()), there, file.size());
        if (there.isEmpty()) {
            filesNew++;
            inodes++;
            countDirectories(TargetTree.parentOf(file.path().value()));
        } else if (differs || lacks) {
            filesChanged++;
        }
    }

    /** As {@link ChunkPlacing} does it. */
    private void take(FileEntry file, ChunkRef chunk, long offset) throws IOException {
        if (header.isSeal(file.path())) {
            add(chunk);
            return;
        }
        LocalCopies.Place place = new LocalCopies.Place(file.path().value(), offset);
        LocalCopies.Turn turn = copies.turn(chunk, place);
        if (turn instanceof LocalCopies.Turn.Fetch) {
            add(chunk);
        } else if (turn instanceof LocalCopies.Turn.Copy copy && !copy.settled()) {
            if (mayHold(copy.from(), place, chunk)) {
                keptBytes += chunk.size();
            } else {
                add(chunk);
            }
        }
    }

    /** The place itself was seen not to hold it, whatever it held once; the others were not looked at. */
    private boolean mayHold(LocalCopies.Place old, LocalCopies.Place place, ChunkRef chunk) throws IOException {
        return !old.equals(place)
                && look.at(old.file())
                        .filter(BasicFileAttributes::isRegularFile)
                        .filter(there -> there.size() >= old.offset() + chunk.size())
                        .isPresent();
    }

    private void countDirectories(String path) throws IOException {
        String at = path;
        while (!at.isEmpty() && directories.add(at)) {
            inodes += look.at(at).isPresent() ? 0 : 1;
            at = TargetTree.parentOf(at);
        }
    }

    private void add(ChunkRef chunk) {
        if (chunks % stride == 0) {
            sample.add(chunk);
            if (sample.size() == 2 * SAMPLE) {
                thinOut();
            }
        }
        bytes += ChunkFetcher.storedSize(chunk);
        chunks++;
    }

    /** Every second one goes, so that the sample always is spread over all that was seen. */
    private void thinOut() {
        List<ChunkRef> all = List.copyOf(sample);
        sample.clear();
        for (int index = 0; index < all.size(); index += 2) {
            sample.add(all.get(index));
        }
        stride *= 2;
    }

    private void addSeals(OpenSnapshot.Content content) throws CaravanException, InterruptedException {
        content.manifest().read(new ManifestVisitor() {
            private int chunkNumber;

            @Override
            public void header(ManifestHeader first) {
                // known
            }

            @Override
            public void file(FileEntry file) {
                for (ChunkRef chunk : file.chunks()) {
                    if (header.isSeal(file.path()) && present.get(chunkNumber)) {
                        add(chunk);
                        keptBytes -= chunk.size();
                    }
                    chunkNumber++;
                }
            }

            @Override
            public void directory(SnapshotPath path) {
                // no seal
            }
        });
    }

    /** Some of the chunks to fetch, spread over all of them. */
    List<ChunkRef> sample() {
        return List.copyOf(sample);
    }

    /** As stored. */
    long bytesToFetch() {
        return bytes;
    }

    /** Of files: in place, or taken from elsewhere in the copy that is replaced. */
    long bytesKept() {
        return keptBytes;
    }

    long chunksToFetch() {
        return chunks;
    }

    /** Bytes by which files must grow or come to be. */
    long growth() {
        return growth;
    }

    /** Files and directories to be made. */
    long inodes() {
        return inodes;
    }

    long filesNew() {
        return filesNew;
    }

    long filesChanged() {
        return filesChanged;
    }
}
