package caravan.warm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {

    @Test
    void quantilesAreRightWithinAnEighth() {
        LatencyHistogram histogram = new LatencyHistogram();
        for (int millis = 1; millis <= 1000; millis++) {
            histogram.add(TimeUnit.MILLISECONDS.toNanos(millis));
        }

        assertThat(histogram.quantileMicros(0.5)).isBetween(500_000L, 562_500L);
        assertThat(histogram.quantileMicros(0.95)).isBetween(950_000L, 1_068_750L);
    }

    @Test
    void anyTimeHasABucket() {
        LatencyHistogram histogram = new LatencyHistogram();
        histogram.add(-1);
        histogram.add(Long.MAX_VALUE);

        assertThat(histogram.quantileMicros(0.5)).isZero();
        assertThat(histogram.quantileMicros(1)).isGreaterThanOrEqualTo(Long.MAX_VALUE / 1000);
    }

    @Test
    void nothingHasNoQuantile() {
        assertThat(new LatencyHistogram().quantileMicros(0.95)).isZero();
    }
}
