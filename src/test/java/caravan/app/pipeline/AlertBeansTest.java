package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.alert.MailSettings;
import caravan.app.settings.SettingsLoader;
import caravan.failure.FailedException;
import caravan.failure.WrongUsageException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of alerts: what is refused, and what reaches the mail server. */
class AlertBeansTest {

    @TempDir
    Path state;

    @Test
    void withoutSettingsAlertsGoIntoTheLog() throws Exception {
        assertThat(beans(Map.of()).summary()).isEqualTo("into the log only");
    }

    @Test
    void bothChannelsAreNamedWithoutTheirSecrets() throws Exception {
        Map<String, String> settings = mail();
        settings.put("CARAVAN_ALERT_SLACK_WEBHOOK", "https://hooks.slack.com/services/T0/B0/sEcReT");

        assertThat(beans(settings).summary()).isEqualTo("Slack; e-mail to a@example.org, b@example.org");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://hooks.slack.com/services/sEcReT",
                "ftp://x/sEcReT",
                "sEcReT",
                "https:///sEcReT",
                "https://a b/sEcReT"
            })
    void webhookThatIsNoneIsRefusedWithoutRepeatingIt(String webhook) {
        WrongUsageException failure = refused(Map.of("CARAVAN_ALERT_SLACK_WEBHOOK", webhook));

        assertThat(failure).hasMessageContaining("caravan.alert.slack.webhook");
        for (Throwable at = failure; at != null; at = at.getCause()) {
            assertThat(at.toString()).doesNotContain("sEcReT");
        }
    }

    @Test
    void serverAddressThatHoldsAPasswordIsRefusedWithoutRepeatingIt() {
        Map<String, String> settings = mail();
        settings.put("CARAVAN_ALERT_EMAIL_SMTP", "smtp://me:sEcReT@mail.example.org");

        assertThat(refused(settings))
                .hasMessageContaining("caravan.alert.email.smtp")
                .hasMessageNotContaining("sEcReT");
    }

    @Test
    void halfOfTheMailSettingsIsRefused() {
        for (String left : List.of("CARAVAN_ALERT_EMAIL_SMTP", "CARAVAN_ALERT_EMAIL_TO", "CARAVAN_ALERT_EMAIL_FROM")) {
            Map<String, String> settings = mail();
            settings.remove(left);
            assertThat(refused(settings)).as("without %s", left).isNotNull();
        }
        Map<String, String> settings = mail();
        settings.put("CARAVAN_ALERT_EMAIL_USER", "me");
        assertThat(refused(settings)).hasMessageContaining("caravan.alert.email.password");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "a@b@c", "a b@example.org", "<a@example.org>"})
    void addressThatIsNoneIsRefused(String address) {
        Map<String, String> settings = mail();
        settings.put("CARAVAN_ALERT_EMAIL_TO", address);

        assertThat(refused(settings)).hasMessageContaining("caravan.alert.email.to");
    }

    @Test
    void passwordIsNeverSentInTheClearToAnotherMachine() {
        Properties elsewhere =
                mailTo("smtp://mail.example.org:587", "me", "secret").properties();
        Properties here = mailTo("smtp://127.0.0.1:25", "me", "secret").properties();
        Properties lookalike =
                mailTo("smtp://127.0.0.1.example.org", "me", "secret").properties();

        assertThat(elsewhere).containsEntry("mail.smtp.starttls.required", "true");
        assertThat(lookalike).containsEntry("mail.smtp.starttls.required", "true");
        assertThat(here).containsEntry("mail.smtp.starttls.required", "false");
        assertThat(elsewhere).containsEntry("mail.smtp.ssl.checkserveridentity", "true");
    }

    @Test
    void portIsTheUsualOneUnlessItIsSet() {
        assertThat(mailTo("smtp://h", "", "").port()).isEqualTo(25);
        assertThat(mailTo("smtp://h", "me", "secret").port()).isEqualTo(587);
        assertThat(mailTo("smtps://h", "", "").port()).isEqualTo(465);
        assertThat(mailTo("smtps://h:1465", "", "").port()).isEqualTo(1465);
    }

    @Test
    void mailSettingsDoNotShowThePassword() {
        assertThat(mailTo("smtp://h", "me", "sEcReT").toString()).doesNotContain("sEcReT");
    }

    private static MailSettings mailTo(String server, String user, String password) {
        return new MailSettings(URI.create(server), "c@example.org", List.of("a@example.org"), user, password);
    }

    private static Map<String, String> mail() {
        return new HashMap<>(Map.of(
                "CARAVAN_ALERT_EMAIL_SMTP",
                "smtp://mail.example.org:587",
                "CARAVAN_ALERT_EMAIL_TO",
                "a@example.org, b@example.org",
                "CARAVAN_ALERT_EMAIL_FROM",
                "caravan@example.org"));
    }

    private WrongUsageException refused(Map<String, String> environment) {
        return catchThrowableOfType(WrongUsageException.class, () -> beans(environment));
    }

    private AlertBeans beans(Map<String, String> environment) throws WrongUsageException {
        return new AlertBeans(
                new SettingsLoader(environment, new Properties()).load(),
                state,
                (failure, route) -> new FailedException("failed", "", failure),
                () -> false,
                Clock.systemUTC());
    }
}
