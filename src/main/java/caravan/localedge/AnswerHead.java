package caravan.localedge;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Status and headers of an answer of the origin. Headers that are about one connection are left out, and so is the
 * length, which each answer to a viewer states anew.
 */
record AnswerHead(int status, List<Map.Entry<String, String>> headers, OptionalLong length) {

    private static final Set<String> OF_ONE_CONNECTION = Set.of(
            "connection",
            "content-length",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    AnswerHead {
        requireNonNull(length, "length");
        headers = headers.stream()
                .filter(header -> !OF_ONE_CONNECTION.contains(header.getKey().toLowerCase(Locale.ROOT)))
                .toList();
    }

    boolean isError() {
        return status >= 400;
    }

    Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** This head with the headers of {@code newer} in place of its own, as after a 304. */
    AnswerHead renewedBy(AnswerHead newer) {
        List<Map.Entry<String, String>> merged = new ArrayList<>(newer.headers());
        headers.stream()
                .filter(header -> newer.header(header.getKey()).isEmpty())
                .forEach(merged::add);
        return new AnswerHead(status, merged, length);
    }
}
