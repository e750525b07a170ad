package caravan.localedge;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long an answer may be given again without asking the origin: by CloudFront's rules ("Manage how long content
 * stays in the cache", "Control how long CloudFront caches errors") with minimum 0, default a day and maximum a year.
 */
final class Freshness {

    /** How long an error is kept at least. */
    static final Duration ERROR = Duration.ofSeconds(10);

    private static final Duration DEFAULT = Duration.ofDays(1);

    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Set<Integer> KEPT = Set.of(200, 301, 302, 307, 308);

    private static final Set<Integer> KEPT_ERRORS = Set.of(400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504);

    private static final Pattern SHARED_AGE = Pattern.compile("(?:^|[\\s,])s-maxage=\"?([0-9]{1,12})");

    private static final Pattern AGE = Pattern.compile("(?:^|[\\s,])max-age=\"?([0-9]{1,12})");

    private static final Pattern NOT_KEPT = Pattern.compile("(?:^|[\\s,])(?:no-store|no-cache|private)(?:$|[\\s,=])");

    private Freshness() {}

    static Duration of(AnswerHead head, Instant now) {
        String control = head.header("Cache-Control").orElse("").toLowerCase(Locale.ROOT);
        boolean forbidden = NOT_KEPT.matcher(control).find();
        if (KEPT_ERRORS.contains(head.status())) {
            // What the origin says of a 403 is not heard, of the other errors it is.
            boolean heard = forbidden && head.status() != 403;
            return heard ? Duration.ZERO : longer(ERROR, seconds(AGE, control).orElse(0));
        }
        if (forbidden || !KEPT.contains(head.status())) {
            return Duration.ZERO;
        }
        OptionalLong stated = seconds(SHARED_AGE, control);
        if (stated.isEmpty()) {
            stated = seconds(AGE, control);
        }
        Duration time = stated.isPresent() ? Duration.ofSeconds(stated.getAsLong()) : untilExpires(head, now);
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }

    private static Duration longer(Duration least, long seconds) {
        return Duration.ofSeconds(Math.min(LONGEST.toSeconds(), Math.max(least.toSeconds(), seconds)));
    }

    private static OptionalLong seconds(Pattern form, String control) {
        Matcher matcher = form.matcher(control);
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    private static Duration untilExpires(AnswerHead head, Instant now) {
        String expires = head.header("Expires").orElse("");
        if (expires.isEmpty()) {
            return DEFAULT;
        }
        try {
            Instant end = ZonedDateTime.parse(expires, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return end.isAfter(now) ? Duration.between(now, end) : Duration.ZERO;
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }
}
