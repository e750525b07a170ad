package caravan.restore;

import caravan.restore.target.TargetTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Makes files of a tree ready to be written: our own, and no longer than they will be. For one thread. */
final class FilePreparation {

    private final TargetTree tree;
    private String madeDirectory = "";

    FilePreparation(TargetTree tree) {
        this.tree = tree;
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
        boolean shared = hasOtherNames(place);
        if (shared) {
            copyApart(place);
        }
        if (there.size() <= size) {
            return shared;
        }
        try (FileChannel file = tree.write(place)) {
            file.truncate(size);
        }
        return true;
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
}
