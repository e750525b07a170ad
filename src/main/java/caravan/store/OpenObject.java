package caravan.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;

/**
 * A large object while it is being read. Closing it early gives up the rest; it must be closed.
 *
 * @param size bytes that {@code body} will give; ending sooner is an {@link IOException}
 * @param etag the version that is read
 * @param body to be read by one thread
 */
public record OpenObject(long size, String etag, InputStream body) implements AutoCloseable {

    /** Checks that nothing is missing. */
    public OpenObject {
        requireNonNull(etag, "etag");
        requireNonNull(body, "body");
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
