package caravan.app.command;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** How fast a number grew of late, so that an hour of fast minutes does not hide that the last one was slow. */
final class RecentRate {

    private static final long WINDOW = TimeUnit.SECONDS.toNanos(15);

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(long nanos, long value) {}

    /** The number's value now. A number that falls counts anew. */
    void add(long nanos, long value) {
        if (!samples.isEmpty() && value < samples.getLast().value()) {
            samples.clear();
        }
        samples.addLast(new Sample(nanos, value));
        while (samples.size() > 2 && nanos - samples.getFirst().nanos() > WINDOW) {
            samples.removeFirst();
        }
    }

    /** Growth in a second; 0 until it is known. */
    double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        long nanos = samples.getLast().nanos() - samples.getFirst().nanos();
        long grown = samples.getLast().value() - samples.getFirst().value();
        return nanos <= 0 ? 0 : grown * 1e9 / nanos;
    }
}
