package caravan.publish;

import java.time.Duration;
import java.util.Locale;

/** Numbers as the log shows them: one decimal, and a point whatever the language of the machine. */
final class Numbers {

    private static final double MEGA = 1e6;

    private Numbers() {}

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0);
    }

    static String megabytesPerSecond(long bytes, Duration time) {
        return String.format(Locale.ROOT, "%.1f", bytes / MEGA / Math.max(0.001, time.toMillis() / 1000.0));
    }
}
