package caravan.app.pipeline;

import caravan.disk.TreeRemoval;
import caravan.failure.CaravanException;
import caravan.locals3.LocalS3;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a test of a publication needs around it: a local S3, and the database of a node that is not running. Both are made
 * once in a JVM, for all test classes that it runs. Each test has a prefix in the bucket and a directory of its own, with a
 * copy of the database in it, which is removed after it. To be registered as an extension in a field of the test.
 */
public final class PublishingSite implements BeforeEachCallback, AfterEachCallback {

    private static final AtomicInteger TESTS = new AtomicInteger();

    private final String size;

    private String prefix;

    private Path home;

    private SampleDatabase database;

    private PublishingSite(String size) {
        this.size = size;
    }

    /** A site with a database of about {@code size}, for example {@code "1MB"}. */
    public static PublishingSite withDatabaseOf(String size) {
        return new PublishingSite(size);
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        prefix = context.getRequiredTestMethod().getName() + "-" + TESTS.incrementAndGet();
        home = Files.createDirectory(Shared.DIRECTORY.resolve(prefix));
        database = Shared.database(size).copyTo(home.resolve("node"));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        // What it published stays to the end: a request that was cut off may still be writing there.
        TreeRemoval.of(home);
    }

    /** The server, which other tests use, too. */
    public LocalS3 server() {
        return Shared.SERVER;
    }

    /** Where this test may put what it likes. */
    public Path home() {
        return home;
    }

    /** What the keys of this test begin with. */
    public String prefix() {
        return prefix;
    }

    /** This test's own. */
    public SampleDatabase database() {
        return database;
    }

    /** A publisher of the database. */
    public Publisher publisher() throws IOException, CaravanException {
        return publisherThrough(server().endpoint());
    }

    /** A publisher of the database that reaches the server at another address. */
    public Publisher publisherThrough(URI endpoint) throws IOException, CaravanException {
        return new Publisher(home.resolve("publisher"), database, endpoint, prefix);
    }

    /** What {@code publisher} publishes. */
    public PublishedBucket bucketOf(Publisher publisher) {
        return new PublishedBucket(objects(), publisher.trusted());
    }

    private Path objects() {
        return Shared.DIRECTORY.resolve("s3").resolve(Publisher.BUCKET).resolve(prefix);
    }

    /** What is made once. */
    private static final class Shared {

        private static final Path DIRECTORY = directory();

        private static final LocalS3 SERVER = server();

        private static final Map<String, SampleDatabase> DATABASES = new ConcurrentHashMap<>();

        private static SampleDatabase database(String size) {
            return DATABASES.computeIfAbsent(
                    size, made -> SampleDatabase.fill(DIRECTORY.resolve("original-" + made), made));
        }

        private static Path directory() {
            try {
                return Files.createTempDirectory("caravan-site");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private static LocalS3 server() {
            try {
                LocalS3 server = LocalS3.start(
                        DIRECTORY.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(server)));
                return server;
            } catch (CaravanException e) {
                throw new IllegalStateException(e);
            }
        }

        private static void remove(LocalS3 server) {
            server.close();
            try {
                TreeRemoval.of(DIRECTORY);
            } catch (IOException e) {
                System.err.println("left behind: " + DIRECTORY + ", " + e);
            }
        }
    }
}
