package caravan.restore;

import caravan.restore.target.FileIdentity;
import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Makes files of a tree ready to be written: our own, and no longer than they will be. For one thread. */
final class FilePreparation {

    private final TargetTree tree;
    private String madeDirectory = "";

    FilePreparation(TargetTree tree) {
        this.tree = tree;
    }

    /**
     * Bytes that the disk must have for the file at {@code path} to become {@code size} long. One that has other names
     * is copied apart, so all of it counts.
     */
    static long growth(Path path, Optional<BasicFileAttributes> there, long size) throws IOException {
        boolean own = there.filter(BasicFileAttributes::isRegularFile).isPresent() && !FileIdentity.hasOtherNames(path);
        return own ? Math.max(0, size - there.get().size()) : size;
    }

    /** Makes an empty file, with the directories above it. */
    void create(String place) throws IOException {
        String parent = TargetTree.parentOf(place);
        if (!parent.equals(madeDirectory)) {
            tree.makeDirectories(parent);
            madeDirectory = parent;
        }
        tree.create(place).close();
    }

    /**
     * Takes the file that is there, which becomes no longer than {@code size}.
     *
     * @return whether it had to be changed
     */
    boolean claim(String place, BasicFileAttributes there, long size) throws IOException {
        if (!there.isRegularFile()) {
            throw new FileSystemException(place, null, "is not a regular file");
        }
        if (FileIdentity.hasOtherNames(tree.root().resolve(place))) {
            copyApart(place, Math.min(there.size(), size));
            return true;
        }
        if (there.size() <= size) {
            return false;
        }
        try (FileChannel file = tree.write(place)) {
            file.truncate(size);
        }
        return true;
    }

    /** Whoever else holds a hard link to the file keeps it as it is. */
    private void copyApart(String place, long size) throws IOException {
        String fresh = TargetTree.WORK + "/new-copy";
        tree.deleteIfThere(fresh);
        try (FileChannel from = tree.read(place);
                FileChannel to = tree.create(fresh)) {
            long at = 0;
            while (at < size) {
                long count = from.transferTo(at, size - at, to);
                if (count <= 0) {
                    throw new FileSystemException(place, null, "became shorter while it was copied");
                }
                at += count;
            }
            // what is found in it is recorded as found, and so as on the disk
            to.force(true);
        }
        tree.move(fresh, place);
    }
}
