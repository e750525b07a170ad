package caravan.capture;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.rocksdb.StagedFile;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes everything that is in the directory of an engine we do not know, while the node is stopped. Its lock files are
 * copied, too: which they are is not known. A secret key anywhere in it stops the capture.
 */
final class CopiedTree implements StoreTaking {

    private static final long MOST_AT_ONCE = 8 << 20;

    private final StoreDescription description;
    private final Path staged;

    private final List<StagedFile> files = new ArrayList<>();
    private final Map<String, String> flatNames = new HashMap<>();
    private final List<SnapshotPath> emptyDirectories = new ArrayList<>();

    private final Duration limit;

    private long begun;

    /** @param limit how long the copying may take */
    CopiedTree(StoreDescription description, Path staged, Duration limit) {
        this.description = description;
        this.staged = staged;
        this.limit = limit;
    }

    @Override
    public void prepare() throws IOException, RefusedException, TransientException {
        // Better refused before the node is stopped.
        walk(description.store().directory(), "", false);
    }

    @Override
    public void take() throws IOException, RefusedException, TransientException {
        begun = System.nanoTime();
        walk(description.store().directory(), "", true);
    }

    @Override
    public Optional<Taken> finish(boolean last) {
        return Optional.of(new Taken(
                description.captured(List.of()),
                new StoreFiles(description.store(), staged, "", files, flatNames),
                List.copyOf(emptyDirectories)));
    }

    @Override
    public void again() {
        throw new IllegalStateException("a copy of a stopped node's files needs no second try");
    }

    @Override
    public void close() {}

    private void walk(Path directory, String prefix, boolean copying)
            throws IOException, RefusedException, TransientException {
        boolean empty = true;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                empty = false;
                String name = entry.getFileName().toString();
                String path = prefix.isEmpty() ? name : prefix + "/" + name;
                if (KeyMaterial.isNamed(name)) {
                    throw new RefusedException(
                            description.store().directory() + " holds secret keys (" + path + ")",
                            "a store must not be a directory in which a node keeps keys");
                }
                Optional<BasicFileAttributes> attributes = attributesOf(entry, copying);
                if (attributes.isEmpty()) {
                    continue;
                }
                if (attributes.get().isDirectory()) {
                    walk(entry, path, copying);
                } else if (attributes.get().isRegularFile()) {
                    pathOf(path);
                    if (copying) {
                        copy(entry, path);
                    }
                } else {
                    throw new RefusedException(
                            description.store().directory() + " holds " + path + ", which is not a regular file",
                            "links, pipes and devices cannot be published: move it elsewhere");
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (NoSuchFileException e) {
            if (copying) {
                throw e;
            }
        }
        if (empty && copying && !prefix.isEmpty()) {
            emptyDirectories.add(pathOf(prefix));
        }
    }

    /** None if it is gone since it was listed, which it may be while the node runs. */
    private static Optional<BasicFileAttributes> attributesOf(Path entry, boolean copying) throws IOException {
        try {
            return Optional.of(Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            if (copying) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** In the stage the files lie flat, by number. */
    private void copy(Path file, String path) throws IOException, TransientException {
        StagedFile source = StagedFile.of(file, path, false);
        String flat = "f-" + files.size();
        flatNames.put(path, flat);
        Path copy = staged.resolve(flat);
        if (copyBytes(file, copy) != source.size()) {
            throw new IOException(file + " changed its size while the node was stopped");
        }
        files.add(source);
    }

    /** A node is waiting: nobody shall have to copy a large file to its end first, when told to stop or out of time. */
    private long copyBytes(Path file, Path copy) throws IOException, TransientException {
        try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel to = FileChannel.open(copy, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            long copied = 0;
            long more = from.transferTo(0, MOST_AT_ONCE, to);
            while (more > 0) {
                copied += more;
                requireTimeLeft();
                more = from.transferTo(copied, MOST_AT_ONCE, to);
            }
            return copied;
        } catch (ClosedByInterruptException e) {
            throw FileCloning.interrupted("copying " + file, e);
        }
    }

    private void requireTimeLeft() throws TransientException {
        if (System.nanoTime() - begun > limit.toNanos()) {
            throw FileCloning.tookTooLong(
                    "copying the files of " + description.store().directory(), limit);
        }
    }

    private SnapshotPath pathOf(String path) throws RefusedException {
        String store = description.store().path();
        try {
            return new SnapshotPath(store.isEmpty() ? path : store + "/" + path);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    description.store().directory() + ": " + path + " cannot be published: " + e.getMessage(),
                    "rename or move it",
                    e);
        }
    }
}
