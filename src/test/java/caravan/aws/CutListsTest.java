package caravan.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.store.ListedObject;
import caravan.store.ObjectPage;
import caravan.store.ObjectStore;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that knows only the first version of ListObjects: it cuts a list, and has another way to ask for the rest. */
@Timeout(60)
final class CutListsTest {

    private volatile String rest = "";

    private AnsweringStore server;

    private ObjectStore store;

    @BeforeEach
    void start() throws Exception {
        server = AnsweringStore.start(this::answer);
        store = server.store();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void listThatIsCutAndCannotBeGoneOnWithIsNotTakenForAWholeOne() {
        rest = "<IsTruncated>true</IsTruncated><NextMarker>chunks/aa/1</NextMarker>";

        assertThatThrownBy(() -> store.list("", Optional.empty()))
                .isInstanceOfSatisfying(FailedException.class, failure -> assertThat(failure.hint())
                        .contains("ListObjectsV2"));
    }

    @Test
    void listThatEndsIsWhole() throws Exception {
        rest = "<IsTruncated>false</IsTruncated>";

        ObjectPage page = store.list("", Optional.empty());

        assertThat(page.objects()).extracting(ListedObject::key).containsExactly("chunks/aa/1");
        assertThat(page.next()).isEmpty();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>snapshots</Name>" + rest
                        + "<Contents><Key>chunks/aa/1</Key><LastModified>2026-11-01T08:00:00.000Z</LastModified>"
                        + "<ETag>\"1\"</ETag><Size>1</Size></Contents></ListBucketResult>")
                .getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
