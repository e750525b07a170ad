package caravan.locals3;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.regex.Pattern;

/**
 * What a killed S3Proxy leaves behind. It writes an object to {@code <key>-<uuid>} and renames it when it is whole, so
 * the key itself is never half written, but after a kill the temporary file stays and is listed as an object.
 */
final class HalfWritten {

    private static final Pattern TEMPORARY =
            Pattern.compile(".+-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private HalfWritten() {}

    /** Deletes every such file below {@code bucket}; no key of ours ends in a UUID. */
    static void removeFrom(Path bucket) throws IOException {
        Files.walkFileTree(bucket, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()
                        && TEMPORARY.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
