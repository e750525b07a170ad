package caravan.localedge;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import org.apache.hc.client5.http.ConnectTimeoutException;

/**
 * An error that the edge answers with when it has no answer of the origin.
 *
 * @param status of HTTP
 * @param text for people
 */
record GeneratedError(int status, String text) {

    static final List<Map.Entry<String, String>> HEADERS =
            List.of(Map.entry("Server", "CloudFront"), Map.entry("Content-Type", "text/plain; charset=utf-8"));

    static GeneratedError of(IOException failure) {
        if (failure instanceof SocketTimeoutException && !(failure instanceof ConnectTimeoutException)) {
            return new GeneratedError(504, "The origin did not answer in time.\n");
        }
        return new GeneratedError(
                502,
                failure instanceof ConnectException || failure instanceof ConnectTimeoutException
                        ? "The origin cannot be reached.\n"
                        : "The origin did not answer.\n");
    }
}
