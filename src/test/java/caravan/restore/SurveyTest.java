package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.restore.source.Retries;
import caravan.restore.source.SourcePool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SurveyTest {

    private static final Duration GRACE = Duration.ofMillis(50);

    private final CountDownLatch never = new CountDownLatch(1);
    private final Retries retries = new Retries(Duration.ofMillis(1), Duration.ofMillis(1), () -> 0.5);
    private final SourcePool pool = new SourcePool(
            List.of(
                    new SourcePool.Named("https://origin", new Silent("origin")),
                    new SourcePool.Named("https://mirror", new Silent("mirror"))),
            Duration.ofSeconds(1));

    /** As a server is that was not asked for anything. */
    private record Silent(String name) implements ObjectSource {

        @Override
        public String locate(String path) {
            return name;
        }

        @Override
        public ObjectStream open(ObjectRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long sizeOf(String path) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // nothing is held
        }
    }

    @Test
    void aMirrorDoesNotWinOverTheFirstSourceOnlyBecauseItIsNearer() throws Exception {
        CountDownLatch mirrorHasAnswered = new CountDownLatch(1);
        Survey.Heard<String> heard = new Survey(pool, retries, GRACE, true).ask((source, patient) -> {
            if (source.locate("").equals("mirror")) {
                mirrorHasAnswered.countDown();
            } else {
                assertThat(mirrorHasAnswered.await(10, TimeUnit.SECONDS)).isTrue();
                // What is not to happen: the survey ends with its grace, and interrupts this.
                never.await(6 * GRACE.toMillis(), TimeUnit.MILLISECONDS);
            }
            return source.locate("");
        });

        assertThat(heard.answers()).extracting(Survey.Answer::value).containsExactly("origin", "mirror");
        assertThat(heard.silent()).isEmpty();
    }

    @Test
    void oneThatHasFailedOnceIsNotWaitedForAndItIsSaidThatItWasNotHeard() throws Exception {
        Survey.Heard<String> heard = new Survey(pool, retries, GRACE, true).ask((source, patient) -> {
            if (source.locate("").equals("origin")) {
                patient.run(bypass -> failOnceAndHang());
            }
            return source.locate("");
        });

        assertThat(heard.answers()).extracting(Survey.Answer::value).containsExactly("mirror");
        assertThat(heard.silent()).containsExactly(0);
    }

    @Test
    void aSilentMirrorHoldsNobodyUp() throws Exception {
        Survey.Heard<String> heard = new Survey(pool, retries, GRACE, true).ask((source, patient) -> {
            if (source.locate("").equals("mirror")) {
                never.await();
            }
            return source.locate("");
        });

        assertThat(heard.answers()).extracting(Survey.Answer::value).containsExactly("origin");
        assertThat(heard.silent()).containsExactly(1);
    }

    private boolean failed;

    private synchronized boolean failOnceAndHang() throws AttemptFailure {
        if (!failed) {
            failed = true;
            throw new AttemptFailure(AttemptFailure.Kind.UNAVAILABLE, "busy", "", null);
        }
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AttemptFailure(AttemptFailure.Kind.FINAL, "interrupted", "", null);
    }
}
