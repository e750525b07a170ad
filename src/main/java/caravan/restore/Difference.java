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

/** What of a manifest is not in a directory, in numbers. Only looks at names and sizes. */
final class Difference implements ManifestVisitor {

    /** Enough chunks to keep every connection of a measurement busy. */
    private static final int SAMPLE = 512;

    private final Path root;
    private final Look look;
    private final Optional<BitSet> hashed;
    private final Set<String> directories = new HashSet<>();
    private final List<ChunkRef> sample = new ArrayList<>();
    private long stride = 1;
    private int number;
    private long bytes;
    private long plainBytes;
    private long chunks;
    private long growth;
    private long inodes;
    private long filesNew;
    private long filesChanged;

    @FunctionalInterface
    private interface Look {
        Optional<BasicFileAttributes> at(String path) throws IOException;
    }

    private Difference(Path root, Look look, Optional<BitSet> hashed) {
        this.root = root;
        this.look = look;
        this.hashed = hashed;
    }

    /** All of it is to be fetched. */
    static Difference ofNothing(ManifestFile manifest) throws CaravanException, InterruptedException {
        Difference all = new Difference(Path.of(""), path -> Optional.empty(), Optional.empty());
        manifest.read(all);
        return all;
    }

    /**
     * What {@code tree} lacks.
     *
     * @param hashed numbers of the chunks that are in place; without it a file of the right size counts as the right one
     * @param changes whether something else is to be changed, too: whatever is changed, the seals are written anew
     */
    static Difference between(TargetTree tree, OpenSnapshot.Content content, Optional<BitSet> hashed, boolean changes)
            throws CaravanException, InterruptedException {
        Difference difference = new Difference(tree.root(), tree::look, hashed);
        content.manifest().read(difference);
        if (changes || difference.inodes > 0 || difference.chunks > 0) {
            difference.addSeals(content);
        }
        return difference;
    }

    @Override
    public void header(ManifestHeader header) {
        // the stores are of no concern here
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
        long before = chunks;
        for (ChunkRef chunk : file.chunks()) {
            boolean inPlace = hashed.isPresent() ? hashed.get().get(number) : !differs;
            if (!inPlace) {
                add(chunk);
            }
            number++;
        }
        growth += FilePreparation.growth(root.resolve(file.path().value()), there, file.size());
        if (there.isEmpty()) {
            filesNew++;
            inodes++;
            countDirectories(TargetTree.parentOf(file.path().value()));
        } else if (differs || chunks > before) {
            filesChanged++;
        }
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
        plainBytes += chunk.size();
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
        Optional<BitSet> before = hashed;
        content.manifest().read(new ManifestVisitor() {
            private int chunkNumber;

            @Override
            public void header(ManifestHeader header) {
                // known
            }

            @Override
            public void file(FileEntry file) throws IOException {
                boolean there = look.at(file.path().value())
                        .filter(found -> found.isRegularFile() && found.size() == file.size())
                        .isPresent();
                for (ChunkRef chunk : file.chunks()) {
                    boolean counted = before.isPresent() ? !before.get().get(chunkNumber) : !there;
                    if (content.header().isSeal(file.path()) && !counted) {
                        add(chunk);
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

    long plainBytesToFetch() {
        return plainBytes;
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
