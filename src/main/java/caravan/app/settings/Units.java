package caravan.app.settings;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units, as operators write them. Each method throws {@link IllegalArgumentException} with the form. */
final class Units {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)\\s*([A-Za-z]*)");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

    private static final Map<String, Long> SIZES = Map.of(
            "",
            1L,
            "B",
            1L,
            "KB",
            1000L,
            "MB",
            1000_000L,
            "GB",
            1000_000_000L,
            "TB",
            1000_000_000_000L,
            "KiB",
            1L << 10,
            "MiB",
            1L << 20,
            "GiB",
            1L << 30,
            "TiB",
            1L << 40);

    private Units() {}

    static long size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches() || !SIZES.containsKey(matcher.group(2))) {
            throw new IllegalArgumentException(
                    "a size is a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, as 64MiB");
        }
        try {
            return new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(SIZES.get(matcher.group(2))))
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a size is a whole number of bytes below 9 EB", e);
        }
    }

    static long rate(String text) {
        if (text.equals("0")) {
            return 0;
        }
        if (!text.endsWith("/s")) {
            throw new IllegalArgumentException("a rate is a size per second, as 50MB/s, or 0 for no limit");
        }
        return size(text.substring(0, text.length() - 2).strip());
    }

    static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("a duration is a whole number with ms, s, m, h or d, as 30s");
        }
        long amount = Long.parseLong(matcher.group(1));
        Duration duration =
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(amount);
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    case "h" -> Duration.ofHours(amount);
                    default -> Duration.ofDays(amount);
                };
        if (duration.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new IllegalArgumentException("a duration is at most 36500d");
        }
        return duration;
    }
}
