package caravan.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UndisturbedTest {

    private final List<Boolean> seen = new ArrayList<>();

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    @Test
    void anInterruptThatCameBeforeIsHeldBackUntilTheWorkIsDone() {
        Thread.currentThread().interrupt();

        Undisturbed.run(() -> seen.add(Thread.currentThread().isInterrupted()));

        assertThat(seen).containsExactly(false);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anInterruptIsNotLostWhenTheWorkFails() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> Undisturbed.run(() -> {
                    throw new IOException("no");
                }))
                .hasMessage("no");

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void nobodyIsInterruptedWhoWasNot() {
        Undisturbed.run(() -> seen.add(Thread.currentThread().isInterrupted()));

        assertThat(seen).containsExactly(false);
        assertThat(Thread.interrupted()).isFalse();
    }
}
