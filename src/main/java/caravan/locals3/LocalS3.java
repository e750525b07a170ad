package caravan.locals3;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/**
 * An S3 server over one directory with one bucket, and beside it the public origin that a CDN would have: the same
 * objects for everybody, read-only, on a second port. Both answer on the loopback interface only, by path style.
 *
 * <p>Objects are files below {@code <directory>/<bucket>}; types, checksums and cache headers lie in extended
 * attributes, so the file system must have them, and a copy must keep them.
 */
public final class LocalS3 implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";

    // A signed body over plain http comes in one piece and is held in memory: above the largest chunk (128 MiB).
    private static final long LARGEST_OBJECT = 256L << 20;

    private final S3Proxy server;
    private final S3Proxy origin;
    private final String bucket;

    private LocalS3(S3Proxy server, S3Proxy origin, String bucket) {
        this.server = server;
        this.origin = origin;
        this.bucket = bucket;
    }

    /**
     * What to serve, where and to whom.
     *
     * @param directory where objects lie; made if missing
     * @param port of the S3 server, 0 for any that is free
     * @param publicPort of the public origin, 0 for any that is free
     * @param bucket made if missing
     * @param accessKey who may write
     * @param secretKey proof of it; not in the text form
     */
    public record Setup(Path directory, int port, int publicPort, String bucket, String accessKey, String secretKey) {

        @Override
        public String toString() {
            return "Setup[directory=" + directory + ", port=" + port + ", publicPort=" + publicPort + ", bucket="
                    + bucket + "]";
        }
    }

    /**
     * Starts serving. What an earlier server that was killed left half written is removed first, so no two servers may
     * have the same directory.
     *
     * @throws FailedException if the directory cannot be used
     * @throws TransientException if a port is taken
     */
    public static LocalS3 start(Setup setup) throws CaravanException {
        BlobStore store = openStore(setup);
        S3Proxy server = S3Proxy.builder()
                .blobStore(store)
                .endpoint(loopback(setup.port()))
                .stopTimeout(0)
                .awsAuthentication(AuthenticationType.AWS_V4, setup.accessKey(), setup.secretKey())
                .v4MaxNonChunkedRequestSize(LARGEST_OBJECT)
                .v4MaxChunkSize((int) LARGEST_OBJECT)
                .build();
        S3Proxy origin = S3Proxy.builder()
                .blobStore(PublicView.of(store))
                .endpoint(loopback(setup.publicPort()))
                .stopTimeout(0)
                .awsAuthentication(AuthenticationType.NONE, null, null)
                .build();
        LocalS3 started = new LocalS3(server, origin, setup.bucket());
        try {
            begin(server, setup.port());
            begin(origin, setup.publicPort());
        } catch (CaravanException e) {
            started.close();
            throw e;
        }
        return started;
    }

    /** As {@link #start(Setup)}, with any two free ports. */
    public static LocalS3 start(Path directory, String bucket, String accessKey, String secretKey)
            throws CaravanException {
        return start(new Setup(directory, 0, 0, bucket, accessKey, secretKey));
    }

    /** Address of the S3 server. */
    public URI endpoint() {
        return loopback(server.getPort());
    }

    /** Where everybody may read the bucket: an object is at {@code <publicUrl>/<its key in the bucket>}. */
    public URI publicUrl() {
        return loopback(origin.getPort()).resolve("/" + bucket);
    }

    /** Ends both servers at once. What is being written is dropped, as with any server that stops. */
    @Override
    public void close() {
        stop(origin);
        stop(server);
    }

    private static BlobStore openStore(Setup setup) throws FailedException {
        try {
            Path bucket = Files.createDirectories(setup.directory().resolve(setup.bucket()));
            ExtendedAttributes.require(bucket);
            HalfWritten.removeFrom(bucket);
            return new AtomicReplace(
                    new FilesystemNio2BlobStore(setup.directory().toString()));
        } catch (IOException e) {
            throw new FailedException(
                    "cannot keep objects in " + setup.directory() + ": " + e, "choose another directory", e);
        }
    }

    private static URI loopback(int port) {
        return URI.create("http://" + LOOPBACK + ":" + port);
    }

    private static void begin(S3Proxy server, int port) throws CaravanException {
        try {
            server.start();
        } catch (IOException e) {
            if (e instanceof BindException || e.getCause() instanceof BindException) {
                throw new TransientException(
                        "cannot serve S3 at " + LOOPBACK + ":" + port + ": the port is taken",
                        "another server runs there; stop it or choose another port",
                        e);
            }
            throw new FailedException(
                    "cannot serve S3 at " + LOOPBACK + ":" + port + ": " + e, FailedException.REPORT, e);
        } catch (Exception e) {
            throw new FailedException(
                    "cannot serve S3 at " + LOOPBACK + ":" + port + ": " + e, FailedException.REPORT, e);
        }
    }

    private static void stop(S3Proxy server) {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the local S3 does not stop", e);
        }
    }
}
