package caravan.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RateLimitTest {

    private final FakeTime time = new FakeTime();

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 128 << 10, 64 << 20})
    void manyAmountsTogetherKeepTheRate(int amount) throws Exception {
        long rate = 10_000_000;
        RateLimit limit = RateLimit.of(rate, time);
        long total = Math.max(20_000, 5L * amount);

        for (long taken = 0; taken < total; taken += amount) {
            limit.take(amount);
        }

        double seconds = time.sleptMillis() / 1000.0;
        assertThat(seconds).isBetween((double) (total - 2L * amount) / rate - 0.11, (double) total / rate);
    }

    @Test
    void firstAmountGoesAtOnceAndTheNextPaysForIt() throws Exception {
        RateLimit limit = RateLimit.of(1000, time);

        limit.take(5000);
        assertThat(time.sleptMillis()).isZero();
        limit.take(1);
        assertThat(time.sleptMillis()).isEqualTo(5000);
    }

    @Test
    void unusedTimeIsNotSavedUp() throws Exception {
        RateLimit limit = RateLimit.of(1000, time);
        limit.take(1);
        time.pass(3_600_000);

        limit.take(1000);
        limit.take(1000);

        assertThat(time.sleptMillis()).isEqualTo(900);
    }

    @Test
    void threadsShareTheRate() throws Exception {
        RateLimit limit = RateLimit.of(1_000_000, time);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> takers = new ArrayList<>();
            for (int taker = 0; taker < 8; taker++) {
                takers.add(() -> {
                    for (int round = 0; round < 100; round++) {
                        limit.take(10_000);
                    }
                    return null;
                });
            }
            for (Future<Void> taker : threads.invokeAll(takers)) {
                taker.get();
            }
        } finally {
            threads.shutdownNow();
        }

        // Each sleeper moves the one clock, so together they sleep at least what the rate asks for.
        assertThat(time.sleptMillis()).isGreaterThanOrEqualTo(7800);
    }

    @Test
    void noLimitNeverWaits() throws Exception {
        RateLimit limit = RateLimit.unlimited();

        long begin = System.nanoTime();
        for (int round = 0; round < 1000; round++) {
            limit.take(Long.MAX_VALUE / 2);
        }

        assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
    }

    @Test
    void interruptEndsTheWait() throws Exception {
        RateLimit limit = RateLimit.of(10, time);
        limit.take(100);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> limit.take(1)).isInstanceOf(InterruptedException.class);
    }

    @Test
    void rateOfNothingIsACallersBug() {
        assertThatThrownBy(() -> RateLimit.of(0, time)).isInstanceOf(IllegalArgumentException.class);
    }
}
