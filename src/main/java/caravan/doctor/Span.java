package caravan.doctor;

import java.time.Duration;

/** Lengths of time as a person says them. */
final class Span {

    private Span() {}

    /** For example {@code 3 h}; rounded down, without a sign. */
    static String of(Duration time) {
        Duration span = time.abs();
        if (span.toSeconds() < 120) {
            return span.toSeconds() + " s";
        }
        if (span.toMinutes() < 120) {
            return span.toMinutes() + " min";
        }
        return span.toHours() < 48 ? span.toHours() + " h" : span.toDays() + " days";
    }
}
