package caravan.aws;

import caravan.locals3.LocalS3;
import caravan.store.ObjectStore;
import caravan.store.ObjectStoreContract;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** S3 as the local server speaks it. */
final class S3ObjectStoreTest extends ObjectStoreContract {

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    @TempDir
    static Path serverDirectory;

    private static LocalS3 server;
    private static S3Client client;

    @BeforeAll
    static void start() throws Exception {
        server = LocalS3.start(serverDirectory, "snapshots", "key", "secret");
        client = S3Clients.build(settings(server.endpoint(), ""));
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Override
    protected ObjectStore store() {
        String prefix = "test/" + PREFIXES.incrementAndGet();
        return new S3ObjectStore(client, settings(server.endpoint(), prefix));
    }

    private static S3Settings settings(URI endpoint, String prefix) {
        return S3Settings.of(endpoint, "snapshots", prefix, "key", "secret");
    }
}
