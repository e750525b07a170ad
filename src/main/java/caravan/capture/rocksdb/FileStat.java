package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What {@code lstat} says about a file: a symbolic link is not followed, nothing is opened.
 *
 * @param modifiedNanos last modification, nanoseconds since 1970
 */
record FileStat(boolean isRegular, boolean isDirectory, long device, long inode, long size, long modifiedNanos) {

    static FileStat of(Path file) throws IOException {
        Map<String, Object> facts = Files.readAttributes(
                file, "unix:isRegularFile,isDirectory,dev,ino,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        return new FileStat(
                (boolean) facts.get("isRegularFile"),
                (boolean) facts.get("isDirectory"),
                (long) facts.get("dev"),
                (long) facts.get("ino"),
                (long) facts.get("size"),
                ((FileTime) facts.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS));
    }

    boolean isSameFileAs(FileStat other) {
        return device == other.device && inode == other.inode;
    }
}
