package caravan.capture.rocksdb;

import java.util.ArrayList;
import java.util.List;

/** Time that passes only when it is waited for. Every chance is one half. */
final class FakeClock implements RetryClock {

    final List<Long> pauses = new ArrayList<>();

    private final long nanosPerLook;
    private long now;

    FakeClock() {
        this(0);
    }

    /** @param nanosPerLook how much time passes whenever somebody looks */
    FakeClock(long nanosPerLook) {
        this.nanosPerLook = nanosPerLook;
    }

    @Override
    public long nanoTime() {
        now += nanosPerLook;
        return now;
    }

    @Override
    public void pause(long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        pauses.add(nanos);
        now += nanos;
    }

    @Override
    public double chance() {
        return 0.5;
    }
}
