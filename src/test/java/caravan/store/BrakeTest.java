package caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.pace.FakeTime;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BrakeTest {

    private final FakeTime time = new FakeTime();
    private final Random random = new Random(3);
    private final Brake brake = new Brake(Duration.ofMillis(500), Duration.ofSeconds(60), time, random);

    @Test
    void nobodyWaitsWhileNothingIsWrong() throws Exception {
        for (int request = 0; request < 10_000; request++) {
            brake.await(0);
            brake.succeeded();
        }

        assertThat(time.sleptMillis()).isZero();
        assertThat(brake.requestsPerSecond()).isInfinite();
    }

    @ParameterizedTest
    @CsvSource({"1, 500", "2, 1000", "3, 2000", "8, 60000", "40, 60000", "1000000, 60000"})
    void ownFailuresAreFollowedByARandomWaitThatDoubles(int failures, long mostMillis) throws Exception {
        long sum = 0;
        long longest = 0;
        int rounds = 2000;
        for (int round = 0; round < rounds; round++) {
            brake.await(failures);
            long slept = time.sleptMillis();
            sum += slept;
            longest = Math.max(longest, slept);
        }

        assertThat(longest).isBetween(mostMillis * 9 / 10, mostMillis);
        assertThat(sum / rounds).isBetween(mostMillis * 4 / 10, mostMillis * 6 / 10);
    }

    @Test
    void whatTheStoreAsksForHoldsForEverybody() throws Exception {
        brake.failed(new TransientException("busy", "", null, Duration.ofSeconds(7)));

        brake.await(0);
        assertThat(time.sleptMillis()).isEqualTo(7000);
    }

    @Test
    void failuresHalveTheRateOnceARound() throws Exception {
        runAt(100, 5);

        for (int rival = 0; rival < 8; rival++) {
            brake.failed(busy());
        }

        assertThat(brake.requestsPerSecond()).isBetween(40.0, 60.0);
        time.pass(600);
        brake.failed(busy());
        assertThat(brake.requestsPerSecond()).isBetween(20.0, 30.0);
    }

    @Test
    void singleFailureAmongManySuccessesChangesNoRate() throws Exception {
        runAt(100, 5);
        brake.failed(busy());
        assertThat(brake.requestsPerSecond()).isInfinite();
        brake.failed(busy());
        assertThat(brake.requestsPerSecond()).isFinite();
    }

    @Test
    void storeThatAsksForTimeGetsASlowerRateAtOnce() throws Exception {
        runAt(100, 5);
        brake.failed(new TransientException("busy", "", null, Duration.ofSeconds(1)));
        assertThat(brake.requestsPerSecond()).isBetween(40.0, 60.0);
    }

    @Test
    void oneErrorInTenHardlySlowsAFastStore() throws Exception {
        int needed = 2000;
        long waited = 0;
        for (int chunk = 0; chunk < needed; chunk++) {
            for (int failures = 0; ; failures++) {
                brake.await(failures);
                waited += time.sleptMillis();
                time.pass(20);
                if (random.nextDouble() >= 0.1) {
                    brake.succeeded();
                    break;
                }
                brake.failed(busy());
            }
        }
        // One failure in ten costs a quarter of a second on average by itself, with the first pause of half a second.
        assertThat(waited).isLessThan(needed / 10 * 500L);
    }

    @Test
    void rateNeverFallsToNothing() {
        for (int round = 0; round < 100; round++) {
            time.pass(1000);
            brake.failed(busy());
        }

        assertThat(brake.requestsPerSecond()).isEqualTo(1);
    }

    @Test
    void rateSpacesRequests() throws Exception {
        runAt(100, 5);
        brake.failed(busy());
        brake.failed(busy());
        brake.await(0);
        double rate = brake.requestsPerSecond();
        time.sleptMillis();

        for (int request = 0; request < 100; request++) {
            brake.await(0);
        }

        assertThat(time.sleptMillis()).isBetween((long) (99_000 / rate), (long) (101_000 / rate));
    }

    @Test
    void storeThatIsWellAgainGetsFullSpeedBack() throws Exception {
        for (int round = 0; round < 20; round++) {
            time.pass(1000);
            brake.failed(busy());
        }

        long waited = 0;
        for (int request = 0; request < 100_000 && !Double.isInfinite(brake.requestsPerSecond()); request++) {
            brake.await(0);
            waited += time.sleptMillis();
            time.pass(50); // the request itself
            brake.succeeded();
        }

        assertThat(brake.requestsPerSecond()).isInfinite();
        assertThat(waited).isLessThan(15_000);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.1, 0.3, 0.6})
    void errorsCostAttemptsInProportionAndTheWorkGetsDone(double share) throws Exception {
        int needed = 5000;
        int attempts = 0;
        for (int chunk = 0; chunk < needed; chunk++) {
            for (int failures = 0; ; failures++) {
                brake.await(failures);
                attempts++;
                time.pass(20);
                if (random.nextDouble() >= share) {
                    brake.succeeded();
                    break;
                }
                brake.failed(busy());
            }
        }

        assertThat(attempts / (double) needed).isLessThan(1.2 / (1 - share));
    }

    @Test
    void otherFailuresSayNothingAboutTheStore() throws Exception {
        brake.failed(new FailedException("no such thing", ""));

        brake.await(0);

        assertThat(time.sleptMillis()).isZero();
    }

    @Test
    void interruptEndsTheWait() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> brake.await(5)).isInstanceOf(InterruptedException.class);
    }

    private static TransientException busy() {
        return new TransientException("busy", "");
    }

    /** Lets requests succeed at this rate for a while. */
    private void runAt(int perSecond, int seconds) throws Exception {
        for (int request = 0; request < perSecond * seconds; request++) {
            brake.await(0);
            time.pass(1000 / perSecond);
            brake.succeeded();
        }
    }
}
