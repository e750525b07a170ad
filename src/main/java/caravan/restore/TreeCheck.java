package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** Compares a directory with a manifest, by hashing all of it or from outside. Only reads. For one use. */
final class TreeCheck {

    private static final int KEPT_OBSTACLES = 20;

    private final TargetTree tree;
    private final ManifestFile manifest;
    private final int parallel;
    private final KnownFiles known;
    private final Progress progress;

    private final BitSet matching = new BitSet();
    private final Faults faults = new Faults();
    private final List<String> obstacles = new ArrayList<>();
    private long growth;

    /** A comparison that reads all there is. */
    TreeCheck(TargetTree tree, ManifestFile manifest, int parallel, Progress progress) {
        this(tree, manifest, parallel, KnownFiles.NONE, progress);
    }

    /** A comparison that does not read {@code known} files. */
    TreeCheck(TargetTree tree, ManifestFile manifest, int parallel, KnownFiles known, Progress progress) {
        this.tree = tree;
        this.manifest = manifest;
        this.parallel = parallel;
        this.known = known;
        this.progress = progress;
    }

    /** Compares all bytes. */
    TreeReport run() throws CaravanException, InterruptedException {
        try (Workers workers = new Workers(parallel, () -> {})) {
            manifest.read(new Visitor(
                    known,
                    (file, offset, chunk, number) ->
                            workers.submit(scratch -> compare(file.path(), offset, chunk, number, scratch))));
            workers.finish();
        }
        return conclude();
    }

    /** Compares names and sizes, and the bytes of seals: takes a moment, and finds most of what differs. */
    TreeReport look(Seals seals) throws CaravanException, InterruptedException {
        Scratch scratch = new Scratch();
        manifest.read(new Visitor(KnownFiles.NONE, (file, offset, chunk, number) -> {
            if (seals.isSeal(file.path())) {
                compare(file.path(), offset, chunk, number, scratch);
            }
        }));
        progress.forgetKept();
        return conclude();
    }

    private TreeReport conclude() throws CaravanException, InterruptedException {
        TreeExtras extras = TreeExtras.find(tree.root(), manifest, false);
        extras.obstacles().forEach(this::obstacle);
        extras.files().forEach(path -> faults.add(path + " is not in the snapshot"));
        extras.directories().forEach(path -> faults.add("directory " + path + " is not in the snapshot"));
        return report(extras);
    }

    private synchronized TreeReport report(TreeExtras extras) {
        return new TreeReport(
                matching, growth, faults.count(), faults.first(), obstacles, extras.files(), extras.directories());
    }

    private synchronized void obstacle(String path) {
        if (obstacles.size() < KEPT_OBSTACLES) {
            obstacles.add(path);
        }
        faults.add(path + " is a link, or neither file nor directory");
    }

    private synchronized void matches(int number) {
        matching.set(number);
    }

    /** Takes a chunk that may be in its place. */
    @FunctionalInterface
    private interface Comparison {
        void of(FileEntry file, long offset, ChunkRef chunk, int number) throws CaravanException, IOException;
    }

    private final class Visitor implements ManifestVisitor {

        private final KnownFiles recognised;
        private final Comparison comparison;
        private int number;

        Visitor(KnownFiles recognised, Comparison comparison) {
            this.recognised = recognised;
            this.comparison = comparison;
        }

        @Override
        public void header(ManifestHeader header) {
            // the stores are of no concern here
        }

        @Override
        public void directory(SnapshotPath path) throws CaravanException {
            Optional<BasicFileAttributes> there = look(path);
            if (there.isEmpty()) {
                faults.add("directory " + path + " is missing");
            } else if (!there.get().isDirectory()) {
                faults.add(path + " is not a directory");
            }
        }

        @Override
        public void file(FileEntry file) throws IOException, CaravanException {
            Optional<BasicFileAttributes> there = look(file.path());
            long size = there.filter(BasicFileAttributes::isRegularFile)
                    .map(BasicFileAttributes::size)
                    .orElse(0L);
            if (there.isEmpty()) {
                faults.add(file.path() + " is missing");
            } else if (there.get().isDirectory()) {
                faults.add(file.path() + " is a directory");
            } else if (!there.get().isRegularFile()) {
                obstacle(file.path().value());
            } else if (size != file.size()) {
                faults.add(file.path() + " has " + size + " bytes instead of " + file.size());
            }
            growth += FilePreparation.growth(tree.root().resolve(file.path().value()), there, file.size());
            boolean isKnown = there.isPresent()
                    && recognised.holds(
                            file,
                            FileIdentity.of(tree.root().resolve(file.path().value())));
            long offset = 0;
            for (ChunkRef chunk : file.chunks()) {
                if (isKnown) {
                    matches(number);
                    progress.kept(chunk.size());
                    progress.recognised(chunk.size());
                } else if (offset + chunk.size() <= size) {
                    comparison.of(file, offset, chunk, number);
                }
                offset += chunk.size();
                number++;
            }
        }

        private Optional<BasicFileAttributes> look(SnapshotPath path) throws CaravanException {
            try {
                return tree.look(path.value());
            } catch (IOException e) {
                throw LocalFailures.of("looking at " + tree.root().resolve(path.value()), e);
            }
        }
    }

    private void compare(SnapshotPath path, long offset, ChunkRef chunk, int number, Scratch scratch)
            throws CaravanException {
        try (FileChannel file = tree.read(path.value())) {
            if (isThere(file, offset, chunk, scratch)) {
                matches(number);
                progress.kept(chunk.size());
                return;
            }
            faults.add(path + " differs from the snapshot in bytes " + offset + " to " + (offset + chunk.size() - 1)
                    + ", expected " + chunk.digest());
        } catch (IOException e) {
            throw LocalFailures.of("reading " + tree.root().resolve(path.value()), e);
        }
    }

    /** Whether the bytes from {@code offset} on are those of {@code chunk}. */
    static boolean isThere(FileChannel file, long offset, ChunkRef chunk, Scratch scratch) throws IOException {
        MessageDigest digest = scratch.plainDigest();
        byte[] buffer = scratch.buffer();
        long left = chunk.size();
        long at = offset;
        while (left > 0) {
            int count = file.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, left)), at);
            if (count < 0) {
                return false;
            }
            digest.update(buffer, 0, count);
            at += count;
            left -= count;
        }
        return Digest.fromBytes(digest.digest()).equals(chunk.digest());
    }
}
