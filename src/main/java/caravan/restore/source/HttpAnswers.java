package caravan.restore.source;

import caravan.restore.source.AttemptFailure.Kind;
import caravan.snapshot.BucketPaths;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.MessageHeaders;

/** What an answer other than 200, or none at all, means for the next attempt. */
final class HttpAnswers {

    private HttpAnswers() {}

    /** Verdict on a status other than 200. */
    static AttemptFailure failureOf(String what, HttpResponse response) {
        int status = response.getCode();
        String message = what + " answered " + status + reason(response);
        if (status >= 300 && status < 400) {
            return new AttemptFailure(
                    Kind.FINAL,
                    message + " to " + valueOf(response, HttpHeaders.LOCATION),
                    "redirects are not followed; give the final URL if you trust it",
                    null);
        }
        return switch (status) {
            case HttpStatus.SC_NOT_FOUND, HttpStatus.SC_FORBIDDEN, HttpStatus.SC_GONE ->
                new AttemptFailure(Kind.ABSENT, message, absentHint(what), null);
            case HttpStatus.SC_TOO_MANY_REQUESTS, HttpStatus.SC_REQUEST_TIMEOUT -> busy(message, response);
            case HttpStatus.SC_PARTIAL_CONTENT ->
                new AttemptFailure(
                        Kind.DAMAGED, message + " to a request for the whole", "a proxy on the way is broken", null);
            default ->
                status >= 500
                        ? busy(message, response)
                        : new AttemptFailure(Kind.FINAL, message, "check the URL", null);
        };
    }

    /** What never retires is missing where the URL is wrong, as that of the base alone is. */
    private static String absentHint(String what) {
        return what.endsWith("/" + BucketPaths.LATEST)
                ? "check the URL: it is <base>/<database>; caravan list --all <base> shows what there is"
                : "check the URL; if it is right, the snapshot may have been retired: fetch the latest one";
    }

    /** Verdict on an exchange that ended without an answer, or within it. */
    static AttemptFailure failureOf(String what, IOException failure) {
        if (failure instanceof SSLHandshakeException || failure instanceof SSLPeerUnverifiedException) {
            return new AttemptFailure(
                    Kind.FINAL,
                    what + ": the server's certificate is not trusted: " + failure.getMessage(),
                    "check the host name and the clock; for an authority of your own give --ca FILE",
                    failure);
        }
        if (failure instanceof UnknownHostException) {
            return new AttemptFailure(
                    Kind.UNAVAILABLE,
                    what + ": no such host: " + failure.getMessage(),
                    "check the URL and DNS",
                    failure);
        }
        if (failure instanceof ConnectException) {
            return new AttemptFailure(
                    Kind.UNAVAILABLE,
                    what + ": " + failure.getMessage(),
                    "is the server up, and the port right?",
                    failure);
        }
        String protocol = failure instanceof SSLException ? "TLS: " : "";
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return new AttemptFailure(Kind.UNAVAILABLE, what + ": " + protocol + text, "try again later", failure);
    }

    private static AttemptFailure busy(String message, MessageHeaders response) {
        return new AttemptFailure(Kind.UNAVAILABLE, message, "try again later", retryAfter(response), null);
    }

    private static Duration retryAfter(MessageHeaders response) {
        String value = valueOf(response, HttpHeaders.RETRY_AFTER);
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant when = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration pause = Duration.between(Instant.now(), when);
            return pause.isNegative() ? Duration.ZERO : pause;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    private static String reason(HttpResponse response) {
        String reason = response.getReasonPhrase();
        return reason == null || reason.isBlank() ? "" : " " + printable(reason);
    }

    private static String valueOf(MessageHeaders response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null || header.getValue() == null ? "" : printable(header.getValue());
    }

    private static String printable(String text) {
        String cut = text.length() > 200 ? text.substring(0, 200) : text;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
