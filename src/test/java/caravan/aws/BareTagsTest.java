package caravan.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.snapshot.Digest;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import caravan.store.ReplaceOutcome;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that compares {@code If-Match} with the bare tag, as Ceph's gateway 16.2 was seen to do. */
@Timeout(60)
final class BareTagsTest {

    private final List<String> conditions = Collections.synchronizedList(new ArrayList<>());

    private volatile boolean lengthTold = true;

    private volatile byte[] stored = "one".getBytes(UTF_8);

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
    void pointerIsReplacedWhereTagsAreComparedWithoutTheirQuotes() throws Exception {
        String etag = store.head("polkadot/latest").orElseThrow().etag();

        assertThat(store.replace("polkadot/latest", text("two"), etag)).isEqualTo(ReplaceOutcome.REPLACED);

        assertThat(stored).isEqualTo("two".getBytes(UTF_8));
        assertThat(conditions).containsExactly(etag, etag.replace("\"", ""));
    }

    @Test
    void pointerThatHasChangedIsNotReplacedThereEither() throws Exception {
        String etag = store.head("polkadot/latest").orElseThrow().etag();
        stored = "of somebody else".getBytes(UTF_8);

        assertThat(store.replace("polkadot/latest", text("two"), etag)).isEqualTo(ReplaceOutcome.CONFLICT);

        assertThat(stored).isEqualTo("of somebody else".getBytes(UTF_8));
        assertThat(conditions).containsExactly(etag);
    }

    @Test
    void answerWithoutALengthIsNoAnswer() {
        lengthTold = false;

        assertThatThrownBy(() -> store.head("polkadot/latest"))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("polkadot/latest without a Content-Length");
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String tag = Digest.of(stored).hex();
        exchange.getResponseHeaders().add("ETag", "\"" + tag + "\"");
        int status = 200;
        if (exchange.getRequestMethod().equals("PUT")) {
            String condition = exchange.getRequestHeaders().getFirst("If-Match");
            conditions.add(condition);
            status = condition.equals(tag) ? 200 : 412;
            if (status == 200) {
                stored = body;
            }
        }
        if (exchange.getRequestMethod().equals("HEAD") && lengthTold) {
            exchange.getResponseHeaders().add("Content-Length", String.valueOf(stored.length));
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static Content text(String text) {
        return Content.of(text.getBytes(UTF_8), "text/plain", CachePolicy.MUTABLE);
    }
}
