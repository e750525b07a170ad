package caravan.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class InvalidationDeadlineTest {

    private static final Instant BEGIN = Instant.parse("2026-11-22T08:33:00Z");

    private final Invalidation request =
            new Invalidation("run-1", URI.create("https://cdn.example.org"), List.of("/a"));

    @Test
    void whatIsUnderWayMayTakeItsTimeAndNoMore() throws Exception {
        InvalidationProgress progress = new InvalidationProgress(request, "I1", BEGIN, false);

        assertThat(after(Duration.ofMinutes(10)).require(progress)).isEqualTo(progress);
        assertThatThrownBy(() -> after(Duration.ofMinutes(10).plusMillis(1)).require(progress))
                .isInstanceOf(FailedException.class)
                .hasMessage("wait for invalidation I1 of https://cdn.example.org: it is still in progress after 600 s");
    }

    @Test
    void whatIsCompletedIsNeverTooLate() throws Exception {
        InvalidationProgress progress = new InvalidationProgress(request, "I1", BEGIN, true);

        assertThat(after(Duration.ofDays(1)).require(progress).isUnderWay()).isFalse();
    }

    @Test
    void nothingIsWaitedForWhenTheProgramStops() {
        AtomicBoolean stopping = new AtomicBoolean();
        InvalidationDeadline deadline =
                new InvalidationDeadline(Duration.ofMinutes(10), Clock.systemUTC(), stopping::get);

        assertThat(deadline.isWaitedFor(new InvalidationProgress(request, "I1", BEGIN, true)))
                .isFalse();
        assertThat(deadline.isWaitedFor(new InvalidationProgress(request, "I1", BEGIN, false)))
                .isTrue();
        stopping.set(true);
        assertThat(deadline.isWaitedFor(new InvalidationProgress(request, "I1", BEGIN, false)))
                .isFalse();
    }

    private static InvalidationDeadline after(Duration time) {
        return new InvalidationDeadline(
                Duration.ofMinutes(10), Clock.fixed(BEGIN.plus(time), ZoneOffset.UTC), () -> false);
    }
}
