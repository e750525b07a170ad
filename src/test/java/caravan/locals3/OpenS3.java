package caravan.locals3;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/**
 * The local S3 without any check of keys and signatures, so that a proxy before it can change signed headers, and with
 * the bucket's name taken from the host too ({@code bucket.localhost}).
 */
public final class OpenS3 implements AutoCloseable {

    private final S3Proxy server;

    private OpenS3(S3Proxy server) {
        this.server = server;
    }

    /** Serves {@code directory} with one bucket. */
    public static OpenS3 start(Path directory, String bucket) throws Exception {
        Files.createDirectories(directory.resolve(bucket));
        S3Proxy server = S3Proxy.builder()
                .blobStore(new AtomicReplace(new FilesystemNio2BlobStore(directory.toString())))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .virtualHost("localhost")
                .stopTimeout(0)
                .awsAuthentication(AuthenticationType.NONE, null, null)
                .build();
        server.start();
        return new OpenS3(server);
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://localhost:" + server.getPort());
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
