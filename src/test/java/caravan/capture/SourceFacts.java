package caravan.capture;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/** What must not be changed of the files in a node's directory by a capture, while the node may change them itself. */
final class SourceFacts {

    private static final Integer GONE = 0;

    private SourceFacts() {}

    /** Mode, owner and number of links of every file, by inode: the parts that no engine changes. */
    static Map<Long, String> of(Path directory) throws IOException {
        Map<Long, String> facts = new TreeMap<>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                add(file, facts);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    // The node has deleted it since it was listed.
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return facts;
    }

    private static void add(Path file, Map<Long, String> facts) throws IOException {
        try {
            Map<String, Object> found = new TreeMap<>(Files.readAttributes(file, "unix:ino,mode,uid,gid,nlink"));
            if (found.get("nlink").equals(GONE)) {
                // The node deletes it in this moment.
                return;
            }
            facts.put((Long) found.remove("ino"), found.toString());
        } catch (NoSuchFileException e) {
            // The node has deleted it since it was listed.
            return;
        }
    }
}
