package caravan.localedge;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** What a viewer has already, as it says in the headers of its request, compared with what the edge has. */
record Preconditions(Optional<String> ifNoneMatch, Optional<String> ifModifiedSince, Optional<String> ifRange) {

    /** Whether the viewer has the very same already. */
    boolean areMetBy(AnswerHead head) {
        if (ifNoneMatch.isPresent()) {
            return matches(ifNoneMatch.get(), head.header("ETag"));
        }
        return ifModifiedSince.isPresent()
                && head.header("Last-Modified").isPresent()
                && !isAfter(head.header("Last-Modified").get(), ifModifiedSince.get());
    }

    /** Whether a part of what the edge has fits to the part that the viewer has. */
    boolean allowPartOf(AnswerHead head) {
        return ifRange.isEmpty() || ifRange.equals(head.header("ETag")) || ifRange.equals(head.header("Last-Modified"));
    }

    private static boolean matches(String listed, Optional<String> etag) {
        if (listed.strip().equals("*")) {
            return true;
        }
        for (String one : listed.split(",", -1)) {
            if (etag.isPresent() && strong(one).equals(strong(etag.get()))) {
                return true;
            }
        }
        return false;
    }

    private static String strong(String etag) {
        String text = etag.strip();
        return text.startsWith("W/") ? text.substring(2) : text;
    }

    private static boolean isAfter(String one, String other) {
        try {
            return instant(one).isAfter(instant(other));
        } catch (DateTimeException e) {
            return true;
        }
    }

    private static ZonedDateTime instant(String text) {
        return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    }
}
