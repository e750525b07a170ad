package caravan.app.routing;

import caravan.app.routing.NodeAnswerException.Kind;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * How the route {@code ask-node} talks to a node: an answer is one JSON object, of a limited size and in a limited
 * time, and whatever else comes back fails with one line that names the database and the address. Bean {@code
 * nodeConnection}; safe for many threads.
 */
public final class NodeConnection implements HttpClientConfigurer {

    /** Header of a question with the name of its database, for messages; it is not sent. */
    static final String DATABASE = "Caravan-Database";

    private static final int MOST_BYTES = 1 << 20;

    private static final Duration LONGEST = Duration.ofSeconds(20);

    private static final int MOST_SHOWN = 80;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final BooleanSupplier stopping;

    private final LongSupplier nanoTime;

    /**
     * Asks until {@code stopping}.
     *
     * @param nanoTime the clock by which an answer may last for 20 seconds
     */
    public NodeConnection(BooleanSupplier stopping, LongSupplier nanoTime) {
        this.stopping = stopping;
        this.nanoTime = nanoTime;
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        builder.disableAutomaticRetries()
                .disableRedirectHandling()
                .addExecInterceptorFirst("caravan-node", this::exchange);
    }

    private ClassicHttpResponse exchange(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        String tried = tried(request);
        request.removeHeaders(DATABASE);
        if (stopping.getAsBoolean()) {
            throw new NodeAnswerException(Kind.NOT_ASKED, tried + "not any more, the program is stopping", null);
        }
        long begin = nanoTime.getAsLong();
        ClassicHttpResponse response;
        try {
            response = chain.proceed(request, scope);
        } catch (IOException e) {
            throw new NodeAnswerException(Kind.NONE, tried + "it does not answer (" + textOf(e) + ")", e);
        }
        byte[] answer;
        try {
            answer = bytesOf(response.getEntity(), tried, begin);
        } catch (IOException e) {
            // Closing the answer would read it to its end.
            scope.execRuntime.discardEndpoint();
            throw e instanceof NodeAnswerException
                    ? e
                    : new NodeAnswerException(Kind.NONE, tried + "its answer broke off (" + textOf(e) + ")", e);
        }
        requireObject(response.getCode(), answer, tried);
        response.setEntity(new ByteArrayEntity(answer, ContentType.APPLICATION_JSON));
        return response;
    }

    private static String tried(ClassicHttpRequest request) {
        Header database = request.getFirstHeader(DATABASE);
        String address;
        try {
            address = request.getUri().toString().replaceFirst("[?#].*", "").replaceFirst("//[^/@]*@", "//");
        } catch (URISyntaxException e) {
            address = String.valueOf(request.getAuthority());
        }
        return "asked the node " + (database == null ? "" : "of " + database.getValue() + " ") + "at " + address + ": ";
    }

    private byte[] bytesOf(HttpEntity entity, String tried, long begin) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (entity == null) {
            return bytes.toByteArray();
        }
        InputStream in = entity.getContent();
        byte[] part = new byte[8192];
        for (int count = in.read(part); count >= 0; count = in.read(part)) {
            bytes.write(part, 0, count);
            if (bytes.size() > MOST_BYTES) {
                throw new NodeAnswerException(
                        Kind.ODD, tried + "its answer has more than " + MOST_BYTES + " bytes", null);
            }
            if (nanoTime.getAsLong() - begin > LONGEST.toNanos()) {
                throw new NodeAnswerException(
                        Kind.ODD, tried + "its answer has no end after " + LONGEST.toSeconds() + " s", null);
            }
        }
        return bytes.toByteArray();
    }

    private static void requireObject(int status, byte[] answer, String tried) throws NodeAnswerException {
        if (status < 200 || status >= 300) {
            throw new NodeAnswerException(Kind.ODD, tried + "it answered with HTTP status " + status, null);
        }
        JsonNode json = null;
        JsonProcessingException broken = null;
        try {
            json = JSON.readTree(answer);
        } catch (JsonProcessingException e) {
            broken = e;
        } catch (IOException e) {
            throw new NodeAnswerException(Kind.ODD, tried + "it answered what cannot be read", e);
        }
        if (json == null || !json.isObject()) {
            throw new NodeAnswerException(
                    Kind.ODD,
                    tried + "it answered with no JSON object, but with \"" + beginningOf(answer) + "\"",
                    broken);
        }
    }

    private static String beginningOf(byte[] answer) {
        String text = new String(answer, StandardCharsets.UTF_8)
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
    }

    private static String textOf(IOException failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage().replaceAll("\\s+", " ");
    }
}
