package caravan.locals3;

import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;

/** The check that a directory can hold what S3Proxy keeps beside an object's bytes. */
final class ExtendedAttributes {

    private static final String NAME = "caravan-check";

    private ExtendedAttributes() {}

    /** Fails unless files in {@code directory} can have user attributes; objects would lose their headers silently. */
    static void require(Path directory) throws IOException, FailedException {
        Path file = Files.createTempFile(directory, ".caravan-check-", "");
        try {
            UserDefinedFileAttributeView attributes =
                    Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
            if (attributes == null) {
                throw new IOException("no view of user attributes");
            }
            attributes.write(NAME, ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)));
            if (!attributes.list().contains(NAME)) {
                throw new IOException("an attribute was taken and not kept");
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw new FailedException(
                    "cannot keep objects in " + directory + ": its file system has no extended attributes (" + e + ")",
                    "choose a directory on ext4, XFS or Btrfs; tmpfs has them only on newer kernels",
                    e);
        } finally {
            Files.delete(file);
        }
    }
}
