package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a tree equal to a manifest, except for the seals: those it writes beside, into our own directory, and moves to
 * their places only when everything else is on the disk.
 *
 * <p>No list of finished chunks is kept: it could not be believed after a power cut, so what is there is hashed again
 * in any case, while other chunks are fetched.
 */
final class TreeBuilder {

    private final TargetTree tree;
    private final ManifestFile manifest;
    private final ManifestHeader header;
    private final ChunkFetcher fetcher;
    private final Progress progress;
    private final List<SnapshotPath> seals = new ArrayList<>();

    TreeBuilder(
            TargetTree tree, ManifestFile manifest, ManifestHeader header, ChunkFetcher fetcher, Progress progress) {
        this.tree = tree;
        this.manifest = manifest;
        this.header = header;
        this.fetcher = fetcher;
        this.progress = progress;
    }

    /**
     * Fetches whatever is not there.
     *
     * @param matching numbers of chunks that are known to be in place
     * @param mayHoldMore whether others may be too, so that it is worth to look before fetching
     */
    void fill(BitSet matching, boolean mayHoldMore, Workers workers) throws CaravanException, InterruptedException {
        seals.clear();
        manifest.read(new Filler(matching, mayHoldMore, workers));
        workers.finish();
    }

    /** Returns when everything but the seals' names is on the disk. */
    void sync(Workers workers) throws CaravanException, InterruptedException {
        Set<String> directories = new TreeSet<>();
        manifest.read(new ManifestVisitor() {
            @Override
            public void header(ManifestHeader first) {
                directories.add("");
                directories.add(TargetTree.WORK);
            }

            @Override
            public void file(FileEntry file) throws CaravanException, IOException {
                String place = placeOf(file.path());
                addWithParents(directories, TargetTree.parentOf(place));
                workers.submit(scratch -> force(place));
            }

            @Override
            public void directory(SnapshotPath path) {
                addWithParents(directories, path.value());
            }
        });
        workers.finish();
        for (String directory : directories) {
            local("syncing", directory, () -> tree.syncDirectory(directory));
        }
    }

    /** Moves the seals to their places, all together, and returns when that is on the disk. */
    void seal() throws CaravanException {
        for (SnapshotPath seal : seals) {
            local("sealing", seal.value(), () -> {
                tree.makeDirectories(TargetTree.parentOf(seal.value()));
                tree.move(placeOf(seal), seal.value());
            });
        }
        for (SnapshotPath seal : seals) {
            String parent = TargetTree.parentOf(seal.value());
            local("syncing", parent, () -> tree.syncDirectory(parent));
        }
    }

    /** Where the file is built. */
    private String placeOf(SnapshotPath file) {
        for (int store = 0; store < header.stores().size(); store++) {
            if (header.stores().get(store).seal().equals(file.value())) {
                return TargetTree.WORK + "/seal-" + store;
            }
        }
        return file.value();
    }

    private final class Filler implements ManifestVisitor {

        private final BitSet matching;
        private final boolean mayHoldMore;
        private final Workers workers;
        private String madeDirectory = "";
        private int number;

        Filler(BitSet matching, boolean mayHoldMore, Workers workers) {
            this.matching = matching;
            this.mayHoldMore = mayHoldMore;
            this.workers = workers;
        }

        @Override
        public void header(ManifestHeader first) {
            // known from the first reading
        }

        @Override
        public void directory(SnapshotPath path) throws CaravanException {
            local("making the directory", path.value(), () -> tree.makeDirectories(path.value()));
        }

        @Override
        public void file(FileEntry file) throws CaravanException, IOException {
            String place = placeOf(file.path());
            boolean seal = !place.equals(file.path().value());
            if (seal) {
                seals.add(file.path());
            }
            boolean wasThere = prepare(place, file.size());
            boolean look = wasThere && mayHoldMore;
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                if (matching.get(number) && !seal) {
                    progress.kept(chunk.size());
                } else {
                    long from = offset;
                    workers.submit(scratch -> place(chunk, place, from, look, scratch));
                }
                offset += chunk.size();
                number++;
            }
        }

        /** Makes sure that there is a file of our own of at most {@code size} bytes; whether it had been there. */
        private boolean prepare(String place, long size) throws CaravanException {
            boolean[] wasThere = new boolean[1];
            local("making", place, () -> {
                Optional<BasicFileAttributes> there = tree.look(place);
                if (there.isEmpty()) {
                    makeParent(place);
                    tree.create(place).close();
                    return;
                }
                if (!there.get().isRegularFile()) {
                    throw new FileSystemException(place, null, "is not a regular file");
                }
                wasThere[0] = true;
                if (hasOtherNames(place)) {
                    copyApart(place);
                }
                if (there.get().size() > size) {
                    try (FileChannel file = tree.write(place)) {
                        file.truncate(size);
                    }
                }
            });
            return wasThere[0];
        }

        private void makeParent(String place) throws IOException {
            String parent = TargetTree.parentOf(place);
            if (!parent.equals(madeDirectory)) {
                tree.makeDirectories(parent);
                madeDirectory = parent;
            }
        }
    }

    private boolean hasOtherNames(String place) throws IOException {
        Object links = Files.getAttribute(tree.root().resolve(place), "unix:nlink", LinkOption.NOFOLLOW_LINKS);
        return links instanceof Integer count && count > 1;
    }

    /** Whoever else holds a hard link to the file keeps it as it is. */
    private void copyApart(String place) throws IOException {
        String fresh = TargetTree.WORK + "/new-copy";
        tree.deleteIfThere(fresh);
        try (FileChannel from = tree.read(place);
                FileChannel to = tree.create(fresh)) {
            long size = from.size();
            for (long at = 0; at < size; ) {
                at += from.transferTo(at, size - at, to);
            }
        }
        tree.move(fresh, place);
    }

    private void place(ChunkRef chunk, String place, long offset, boolean look, Scratch scratch)
            throws CaravanException, InterruptedException {
        String what = "writing " + tree.root().resolve(place);
        try (FileChannel file = tree.write(place)) {
            if (look && TreeCheck.isThere(file, offset, chunk, scratch)) {
                progress.kept(chunk.size());
                return;
            }
            fetcher.fetch(chunk, (at, buffer, length) -> write(file, offset + at, buffer, length, what), scratch);
            progress.placed(chunk.size());
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private static void write(FileChannel file, long at, byte[] buffer, int length, String what)
            throws CaravanException {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length);
            while (bytes.hasRemaining()) {
                file.write(bytes, at + bytes.position());
            }
        } catch (IOException e) {
            throw LocalFailures.of(what, e);
        }
    }

    private void force(String place) throws CaravanException {
        local("syncing", place, () -> {
            try (FileChannel file = tree.write(place)) {
                file.force(true);
            }
        });
    }

    private static void addWithParents(Set<String> directories, String path) {
        String at = path;
        while (!at.isEmpty() && directories.add(at)) {
            at = TargetTree.parentOf(at);
        }
    }

    private void local(String doing, String place, LocalStep step) throws CaravanException {
        try {
            step.run();
        } catch (IOException e) {
            throw LocalFailures.of(doing + " " + tree.root().resolve(place), e);
        }
    }

    @FunctionalInterface
    private interface LocalStep {
        void run() throws IOException;
    }
}
