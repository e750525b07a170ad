package caravan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentRateTest {

    private final RecentRate rate = new RecentRate();

    @Test
    void anHourOfFastMinutesDoesNotHideThatTheLastOneWasSlow() {
        for (int second = 0; second <= 3600; second++) {
            rate.add(TimeUnit.SECONDS.toNanos(second), 1000L * second);
        }
        assertThat(rate.perSecond()).isEqualTo(1000);
        for (int second = 3601; second <= 3660; second++) {
            rate.add(TimeUnit.SECONDS.toNanos(second), 3_600_000L + second - 3600);
        }

        assertThat(rate.perSecond()).isEqualTo(1);
    }

    @Test
    void isNotKnownAtFirstAndAfterTheCountBeganAnew() {
        assertThat(rate.perSecond()).isZero();
        rate.add(0, 500);
        assertThat(rate.perSecond()).isZero();
        rate.add(TimeUnit.SECONDS.toNanos(1), 800);
        assertThat(rate.perSecond()).isEqualTo(300);
        rate.add(TimeUnit.SECONDS.toNanos(2), 100);
        assertThat(rate.perSecond()).isZero();
    }

    @Test
    void timesAreSaidRoughly() {
        assertThat(Words.roughly(0.2)).isEqualTo("1 s");
        assertThat(Words.roughly(89)).isEqualTo("89 s");
        assertThat(Words.roughly(90)).isEqualTo("2 min");
        assertThat(Words.roughly(3 * 3600 + 20 * 60)).isEqualTo("3 h 20 min");
        assertThat(Words.roughly(52 * 3600)).isEqualTo("2 d 4 h");
    }
}
