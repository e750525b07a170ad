package caravan.app.warming;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.manifest.WarmJobFormat;
import caravan.warm.WarmResult;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a publisher does with results that are not its own. */
final class WarmJobsTest {

    private final WarmJobs jobs = new WarmJobs(10, Duration.ofMinutes(1), Clock.systemUTC());

    @Test
    void resultOfAnotherPublisherIsLeftInTheQueueUnlessNobodySeemsToWaitForIt() throws Exception {
        // The digits of this publisher are random; these are not, for all that a test can tell.
        String result =
                WarmJobFormat.write(new WarmResult("00000000-0000-4000-8000-000000000000", List.of(), List.of()));

        assertThat(jobs.take(result, null)).isFalse();
        assertThat(jobs.take(result, 1)).isFalse();
        assertThat(jobs.take(result, 30)).isFalse();
        assertThat(jobs.take(result, 31)).isTrue();
    }
}
