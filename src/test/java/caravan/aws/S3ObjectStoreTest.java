package caravan.aws;

import caravan.locals3.LocalS3;
import caravan.store.ObjectStore;
import caravan.store.ObjectStoreContract;
import caravan.store.StoreAbilities;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * S3 as the local server speaks it, or another server that {@code -Dcaravan.test.s3.endpoint} names: then the bucket
 * {@code snapshots} must be there, and the environment has its keys as for the aws command. Of a server that knows no
 * checksums, {@code -Dcaravan.test.s3.no-checksums=true} says so.
 */
final class S3ObjectStoreTest extends ObjectStoreContract {

    private static final Optional<URI> OTHER_SERVER =
            Optional.ofNullable(System.getProperty("caravan.test.s3.endpoint")).map(URI::create);

    private static final String RUN = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    @TempDir
    static Path serverDirectory;

    private static LocalS3 server;
    private static URI endpoint;
    private static S3Client client;

    @BeforeAll
    static void start() throws Exception {
        if (OTHER_SERVER.isEmpty()) {
            server = LocalS3.start(serverDirectory, "snapshots", "key", "secret");
        }
        endpoint = OTHER_SERVER.orElseGet(() -> server.endpoint());
        client = S3Clients.build(settings(""));
    }

    @AfterAll
    static void stop() {
        client.close();
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ObjectStore store() {
        return new S3ObjectStore(client, settings("test/" + RUN + "/" + PREFIXES.incrementAndGet()));
    }

    @Override
    protected StoreAbilities abilities() {
        boolean checksums = !Boolean.getBoolean("caravan.test.s3.no-checksums");
        return new StoreAbilities(true, true, checksums, checksums);
    }

    private static S3Settings settings(String prefix) {
        return OTHER_SERVER.isEmpty()
                ? S3Settings.of(endpoint, "snapshots", prefix, "key", "secret")
                : S3Settings.of(
                        endpoint,
                        "snapshots",
                        prefix,
                        System.getenv("AWS_ACCESS_KEY_ID"),
                        System.getenv("AWS_SECRET_ACCESS_KEY"));
    }
}
