package caravan.restore.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.restore.source.AttemptFailure.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RetriesTest {

    private final Retries retries = new Retries(Duration.ofMillis(1), Duration.ofMillis(20), () -> 1);
    private final List<Integer> asked = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, 6, caravan.failure.TransientException",
        "DAMAGED, 3, caravan.failure.DamagedException",
        "ABSENT, 3, caravan.failure.FailedException",
        "FINAL, 1, caravan.failure.FailedException"
    })
    void eachKindHasItsEnd(Kind kind, int attempts, Class<? extends Throwable> verdict) {
        assertThatThrownBy(() -> retries.run(bypass -> fail(kind, bypass))).isInstanceOf(verdict);

        assertThat(asked).hasSize(attempts);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"DAMAGED", "ABSENT"})
    void onlyTheAttemptAfterTwoAnswersThatACacheMayKeepGoesPastCaches(Kind kind) {
        assertThatThrownBy(() -> retries.run(bypass -> fail(kind, bypass))).isInstanceOf(CaravanException.class);

        assertThat(asked).containsExactly(0, 0, 2);
    }

    @Test
    void kindsAreCountedApartAndTogether() {
        assertThatThrownBy(() ->
                        retries.run(bypass -> fail(asked.size() % 2 == 0 ? Kind.UNAVAILABLE : Kind.ABSENT, bypass)))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("after 6 attempts");
    }

    @Test
    void aServerMayAskForMorePatienceButNotForever() {
        Retries patient = new Retries(Duration.ofNanos(1), Duration.ofMillis(30), () -> 0);
        long begin = System.nanoTime();

        assertThatThrownBy(() -> patient.run(bypass -> {
                    throw new AttemptFailure(Kind.UNAVAILABLE, "busy", "", Duration.ofDays(1), null);
                }))
                .isInstanceOf(TransientException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(150), Duration.ofSeconds(20));
    }

    @Test
    void anInterruptEndsItAtOnce() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> retries.run(bypass -> fail(Kind.UNAVAILABLE, bypass)))
                .isInstanceOf(InterruptedException.class);

        assertThat(asked).hasSize(1);
    }

    private Void fail(Kind kind, int bypass) throws AttemptFailure {
        asked.add(bypass);
        throw new AttemptFailure(kind, "no", "", null);
    }
}
