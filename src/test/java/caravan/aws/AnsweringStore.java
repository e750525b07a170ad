package caravan.aws;

import caravan.failure.CaravanException;
import caravan.store.ObjectStore;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import software.amazon.awssdk.services.s3.S3Client;

/** A server that answers for a bucket as a test says, and the way there. */
final class AnsweringStore implements AutoCloseable {

    private static final String BUCKET = "snapshots";

    private final HttpServer server;

    private final S3Client client;

    private final ObjectStore store;

    private AnsweringStore(HttpServer server) throws CaravanException {
        this.server = server;
        URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        S3Settings settings = S3Settings.of(endpoint, BUCKET, "", "key", "secret");
        client = S3Clients.build(settings);
        store = new S3ObjectStore(client, settings);
    }

    /** Answers every request with {@code answers}. */
    static AnsweringStore start(HttpHandler answers) throws IOException, CaravanException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/" + BUCKET, answers);
        server.start();
        return new AnsweringStore(server);
    }

    ObjectStore store() {
        return store;
    }

    @Override
    public void close() {
        client.close();
        server.stop(0);
    }
}
