package caravan.alert;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A Slack incoming webhook, or anything that takes the same. Its address is a secret: whoever knows it can post. It is
 * known to this class alone, which puts it into no text, and to a client that logs nothing. Bean {@code slackWebhook};
 * safe for many threads; makes one attempt of bounded time and follows no redirect.
 */
public final class SlackWebhook {

    private static final String TRIED = "telling Slack: ";

    private static final int TOO_MANY = 429;

    private static final int MOST_SAID = 200;

    /** Slack takes 40,000 characters, and shows fewer. */
    private static final int LONGEST_TEXT = 3000;

    private final URI address;

    private final Duration longest;

    private final HttpClient client;

    /**
     * A webhook.
     *
     * @param address that Slack gave
     * @param longest time for the whole of an attempt
     */
    public SlackWebhook(URI address, Duration longest) {
        this.address = requireNonNull(address, "address");
        this.longest = requireNonNull(longest, "longest");
        this.client = HttpClient.newBuilder()
                .connectTimeout(longest)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /**
     * Posts a message. Called by route {@code send-slack}.
     *
     * @throws FailedException if Slack will never take this message
     * @throws TransientException if it may take it later
     */
    public void send(String subject, String text) throws CaravanException, InterruptedException {
        byte[] message = AlertFormat.bytes(
                AlertFormat.object().put("text", "*" + escaped(subject) + "*\n" + escaped(shortened(text))));
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(longest)
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofByteArray(message))
                .build();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        HttpResponse<Void> answer = answerTo(request, said);
        judge(answer, said.toString(StandardCharsets.UTF_8));
    }

    private HttpResponse<Void> answerTo(HttpRequest request, ByteArrayOutputStream said)
            throws CaravanException, InterruptedException {
        CompletableFuture<HttpResponse<Void>> answer = client.sendAsync(
                request,
                BodyHandlers.ofByteArrayConsumer(bytes -> bytes.ifPresent(more ->
                        said.write(more, 0, Math.min(more.length, MOST_SAID - Math.min(MOST_SAID, said.size()))))));
        try {
            return answer.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new TransientException(
                    TRIED + "no answer within " + longest.toSeconds() + " s",
                    "it must be reachable from here; the alert is kept and sent later",
                    e);
        } catch (ExecutionException e) {
            // The cause may hold the address, so neither its text nor itself goes on.
            throw new TransientException(
                    TRIED + e.getCause().getClass().getSimpleName(),
                    "it must be reachable from here; caravan.alert.slack.webhook must be what Slack gave");
        }
    }

    private static void judge(HttpResponse<?> answer, String said) throws CaravanException {
        int status = answer.statusCode();
        if (status >= 200 && status < 300) {
            return;
        }
        String line = TRIED + "it answered HTTP status " + status + reasonIn(said);
        if (status == 400 || status == 413) {
            throw new FailedException(line, "the text of this alert is in routes/80-alert.camel.yaml");
        }
        if (status == TOO_MANY || status >= 500) {
            throw new TransientException(line, "the alert is kept and sent later", null, retryAfter(answer));
        }
        throw new TransientException(line, "the webhook may have been revoked; set caravan.alert.slack.webhook anew");
    }

    /** Slack says what is wrong in one word, such as {@code invalid_payload}; nothing else is repeated. */
    private static String reasonIn(String said) {
        return said.strip().matches("[a-z_]{1,60}") ? ", " + said.strip() : "";
    }

    private static Duration retryAfter(HttpResponse<?> answer) {
        String seconds = answer.headers().firstValue("Retry-After").orElse("").strip();
        return seconds.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    /** Without it, a text could mention everybody or hide where a link leads. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
