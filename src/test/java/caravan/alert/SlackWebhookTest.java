package caravan.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A webhook against Slack's stand-in, in every way in which Slack can answer. */
@Timeout(60)
class SlackWebhookTest {

    private SlackStandIn slack;

    private SlackWebhook webhook;

    @BeforeEach
    void start() throws Exception {
        slack = SlackStandIn.start();
        webhook = new SlackWebhook(URI.create(slack.webhook()), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        slack.close();
    }

    @Test
    void messageArrivesWithItsSubjectInBold() throws Exception {
        webhook.send("It failed", "because of \"this\"\nand that");

        assertThat(slack.texts()).containsExactly("*It failed*\nbecause of \"this\"\nand that");
    }

    @Test
    void textCannotMentionPeopleOrHideWhereALinkLeads() throws Exception {
        webhook.send("<!channel>", "see <https://evil.example|the log> & ${exchangeId}");

        assertThat(slack.texts())
                .containsExactly("*&lt;!channel&gt;*\nsee &lt;https://evil.example|the log&gt; &amp; ${exchangeId}");
    }

    @Test
    void longTextIsCut() throws Exception {
        webhook.send("long", "x".repeat(100_000));

        assertThat(slack.texts().get(0)).hasSizeLessThan(4_000).endsWith("…");
    }

    @Test
    void tooManyRequestsIsTriedLaterWhenSlackSays() {
        slack.answerNext(429, "rate_limited", "37");

        TransientException failure = catchThrowableOfType(TransientException.class, () -> webhook.send("a", "b"));

        assertThat(failure.retryAfter()).isEqualTo(Duration.ofSeconds(37));
        assertThat(failure).hasMessage("telling Slack: it answered HTTP status 429, rate_limited");
    }

    @ParameterizedTest
    @CsvSource({
        "500,''",
        "503,service_unavailable",
        "302,''",
        "403,invalid_token",
        "404,no_service",
        "410,channel_is_archived"
    })
    void whatMayPassOrBeSetRightIsTriedLater(int status, String said) {
        slack.answerNext(status, said, "");

        assertThatThrownBy(() -> webhook.send("a", "b"))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("HTTP status " + status)
                .hasMessageContaining(said);
    }

    @Test
    void messageThatSlackWillNeverTakeIsRefused() {
        slack.answerNext(400, "invalid_payload", "");

        assertThatThrownBy(() -> webhook.send("a", "b"))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("invalid_payload");
    }

    @Test
    void slackThatNeverAnswersIsGivenUpInTime() {
        slack.stall();
        SlackWebhook impatient = new SlackWebhook(URI.create(slack.webhook()), Duration.ofSeconds(1));

        assertThatThrownBy(() -> impatient.send("a", "b")).isInstanceOf(TransientException.class);
    }

    @Test
    void failuresDoNotGiveTheAddressAway() {
        slack.answerNext(404, "see " + slack.webhook(), "");
        CaravanException answered = catchThrowableOfType(CaravanException.class, () -> webhook.send("a", "b"));
        slack.close();
        CaravanException refused = catchThrowableOfType(CaravanException.class, () -> webhook.send("a", "b"));

        for (CaravanException failure : new CaravanException[] {answered, refused}) {
            for (Throwable at = failure; at != null; at = at.getCause()) {
                assertThat(at.toString()).doesNotContain("CANARY");
            }
            assertThat(failure.hint()).doesNotContain("CANARY");
        }
    }
}
