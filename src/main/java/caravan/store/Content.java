package caravan.store;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What to store: bytes that can be read more than once, what they are, and how long others may keep them. */
public sealed interface Content {

    /** Type of what no browser should interpret. */
    String OCTETS = "application/octet-stream";

    /** {@code bytes} themselves; they are not copied and must not change while they are being stored. */
    static Content of(byte[] bytes, String contentType, CachePolicy cachePolicy) {
        return new Bytes(bytes, Digest.of(bytes), contentType, cachePolicy);
    }

    /**
     * The whole of {@code file}, as long as it is now, read when it is sent.
     *
     * @param digest of the file; the store refuses bytes that do not match it, if it is a store that looks
     */
    static Content of(Path file, Digest digest, String contentType, CachePolicy cachePolicy) throws IOException {
        return new WholeFile(file, Files.size(file), digest, contentType, cachePolicy);
    }

    /** Number of bytes. */
    long size();

    /** What the sender says is the SHA-256 of the bytes; sent along. */
    Digest digest();

    /** Media type. */
    String contentType();

    /** What is said in {@code Cache-Control}. */
    CachePolicy cachePolicy();

    /** A new stream from the first byte; the caller closes it. */
    InputStream open() throws IOException;

    /** Content in memory. */
    @SuppressWarnings("ArrayRecordComponent") // two contents are never compared
    record Bytes(byte[] bytes, Digest digest, String contentType, CachePolicy cachePolicy) implements Content {

        public Bytes {
            requireNonNull(bytes, "bytes");
            requireNonNull(digest, "digest");
            requireNonNull(contentType, "contentType");
            requireNonNull(cachePolicy, "cachePolicy");
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }

    /** Content in a file. */
    record WholeFile(Path file, long size, Digest digest, String contentType, CachePolicy cachePolicy)
            implements Content {

        public WholeFile {
            requireNonNull(file, "file");
            requireNonNull(digest, "digest");
            requireNonNull(contentType, "contentType");
            requireNonNull(cachePolicy, "cachePolicy");
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
