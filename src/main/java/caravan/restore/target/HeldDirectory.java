package caravan.restore.target;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.HashSet;
import java.util.Set;

/**
 * One directory, and what can be done with the names directly in it. No link is ever followed.
 *
 * <p>Where the system can open relative to a directory (openat(2) and its relatives), the directory is held open, so
 * that nobody can put another one in its place between two steps. Elsewhere it is looked at before each step.
 */
abstract sealed class HeldDirectory implements AutoCloseable {

    /** The directory at {@code path}, whose own parents are trusted. */
    @SuppressWarnings("StreamResourceLeak") // the one that is held is closed by close
    static HeldDirectory open(Path path) throws IOException {
        DirectoryStream<Path> stream = Files.newDirectoryStream(path);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return new ByHandle(secure);
        }
        stream.close();
        return new ByPath(path);
    }

    /** The directory {@code name} in this one; fails if it is anything else, a link above all. */
    abstract HeldDirectory child(String name) throws IOException;

    abstract FileChannel open(String name, Set<OpenOption> options, FileAttribute<?>... attributes) throws IOException;

    abstract BasicFileAttributes attributes(String name) throws IOException;

    /** Owner, group and mode of {@code name}; of the directory itself if that is empty. */
    abstract PosixFileAttributeView owners(String name);

    abstract void deleteFile(String name) throws IOException;

    abstract void deleteDirectory(String name) throws IOException;

    /** Renames within one file system, replacing a file that has the name. */
    abstract void move(String name, HeldDirectory to, String newName) throws IOException;

    @Override
    public abstract void close() throws IOException;

    private static Set<OpenOption> noFollow(Set<OpenOption> options) {
        Set<OpenOption> all = new HashSet<>(options);
        all.add(LinkOption.NOFOLLOW_LINKS);
        return all;
    }

    private static final class ByHandle extends HeldDirectory {

        private final SecureDirectoryStream<Path> directory;

        ByHandle(SecureDirectoryStream<Path> directory) {
            this.directory = directory;
        }

        @Override
        HeldDirectory child(String name) throws IOException {
            return new ByHandle(directory.newDirectoryStream(Path.of(name), LinkOption.NOFOLLOW_LINKS));
        }

        @Override
        FileChannel open(String name, Set<OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return (FileChannel) directory.newByteChannel(Path.of(name), noFollow(options), attributes);
        }

        @Override
        BasicFileAttributes attributes(String name) throws IOException {
            return directory
                    .getFileAttributeView(Path.of(name), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        }

        @Override
        PosixFileAttributeView owners(String name) {
            return name.isEmpty()
                    ? directory.getFileAttributeView(PosixFileAttributeView.class)
                    : directory.getFileAttributeView(
                            Path.of(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        void deleteFile(String name) throws IOException {
            directory.deleteFile(Path.of(name));
        }

        @Override
        void deleteDirectory(String name) throws IOException {
            directory.deleteDirectory(Path.of(name));
        }

        @Override
        void move(String name, HeldDirectory to, String newName) throws IOException {
            directory.move(Path.of(name), ((ByHandle) to).directory, Path.of(newName));
        }

        @Override
        public void close() throws IOException {
            directory.close();
        }
    }

    private static final class ByPath extends HeldDirectory {

        private final Path directory;

        ByPath(Path directory) {
            this.directory = directory;
        }

        @Override
        HeldDirectory child(String name) throws IOException {
            if (!attributes(name).isDirectory()) {
                throw new NotDirectoryException(directory.resolve(name).toString());
            }
            return new ByPath(directory.resolve(name));
        }

        @Override
        FileChannel open(String name, Set<OpenOption> options, FileAttribute<?>... attributes) throws IOException {
            return FileChannel.open(directory.resolve(name), noFollow(options), attributes);
        }

        @Override
        BasicFileAttributes attributes(String name) throws IOException {
            return Files.readAttributes(directory.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        PosixFileAttributeView owners(String name) {
            return Files.getFileAttributeView(
                    name.isEmpty() ? directory : directory.resolve(name),
                    PosixFileAttributeView.class,
                    LinkOption.NOFOLLOW_LINKS);
        }

        @Override
        void deleteFile(String name) throws IOException {
            Files.delete(directory.resolve(name));
        }

        @Override
        void deleteDirectory(String name) throws IOException {
            Files.delete(directory.resolve(name));
        }

        @Override
        void move(String name, HeldDirectory to, String newName) throws IOException {
            Files.move(
                    directory.resolve(name), ((ByPath) to).directory.resolve(newName), StandardCopyOption.ATOMIC_MOVE);
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
