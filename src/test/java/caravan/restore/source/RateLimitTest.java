package caravan.restore.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    @Test
    void keepsTheRate() throws Exception {
        RateLimit limit = RateLimit.of(1 << 20);
        long begin = System.nanoTime();

        for (int block = 0; block < 10; block++) {
            limit.moved(40 << 10);
        }

        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(280), Duration.ofSeconds(10));
    }

    @Test
    void aRateIsAtLeastOneByteASecond() {
        assertThatThrownBy(() -> RateLimit.of(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
