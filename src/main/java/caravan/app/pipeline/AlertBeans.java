package caravan.app.pipeline;

import caravan.alert.AlertDelivery;
import caravan.alert.Alerts;
import caravan.alert.MailSettings;
import caravan.alert.SlackWebhook;
import caravan.app.routing.FailureReport;
import caravan.app.routing.TroubleEnds;
import caravan.app.settings.Settings;
import caravan.doctor.DoorCheck;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.camel.component.mail.JavaMailSender;
import org.apache.camel.main.Main;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The beans that tell people, made from {@code caravan.alert.*}. They hold the secrets; no endpoint does. */
final class AlertBeans {

    private static final Logger LOG = LoggerFactory.getLogger(AlertBeans.class);

    /** How long the end of a program may take to tell people what they do not know yet. */
    private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(10);

    private static final Duration LONGEST_POST = Duration.ofSeconds(15);

    /** Stands where a webhook would: nothing waits for a channel that is not set, so it is never called. */
    private static final URI NOWHERE = URI.create("https://slack.invalid");

    private final Alerts alerts;

    private final AlertDelivery delivery;

    private final FailureReport report;

    private final Optional<SlackWebhook> slack;

    private final Optional<MailSettings> mail;

    /**
     * Makes the beans; nothing is sent anywhere, and nothing is written.
     *
     * @param stopping whether the program was told to stop: what ends then is no news
     */
    AlertBeans(
            Settings settings,
            Path state,
            BiFunction<Throwable, String, CaravanException> words,
            BooleanSupplier stopping,
            Clock clock)
            throws WrongUsageException {
        slack = slack(settings);
        mail = mail(settings);
        List<String> channels = new ArrayList<>();
        slack.ifPresent(channel -> channels.add("slack"));
        mail.ifPresent(channel -> channels.add("email"));
        alerts = new Alerts(
                state,
                channels,
                settings.duration("caravan.alert.reminder"),
                settings.duration("caravan.alert.keep"),
                clock);
        delivery = new AlertDelivery(alerts, clock);
        report = new FailureReport(words, alerts, stopping, clock);
    }

    void bindTo(Main main) {
        main.bind("alerts", alerts);
        main.bind("alertDelivery", delivery);
        main.bind("failureReport", report);
        main.bind("troubleEnds", new TroubleEnds(report));
        main.bind("slackWebhook", slack.orElseGet(() -> new SlackWebhook(NOWHERE, LONGEST_POST)));
        main.bind("alertMail", mail.<JavaMailSender>map(AlertMailSender::new).orElseGet(DefaultJavaMailSender::new));
    }

    Alerts alerts() {
        return alerts;
    }

    /** How many alerts wait for {@code channel}; NaN if that cannot be found out. */
    double waitingFor(String channel) {
        try {
            return alerts.waitingFor(channel);
        } catch (CaravanException e) {
            return Double.NaN;
        }
    }

    /** The channels for which alerts wait. */
    List<String> waitingChannels() throws CaravanException {
        List<String> waiting = new ArrayList<>();
        for (String channel : alerts.channels()) {
            if (alerts.waitingFor(channel) > 0) {
                waiting.add(channel);
            }
        }
        return waiting;
    }

    /**
     * Sends the alerts that wait, each channel once, by the routes of {@code camel}, and returns after a few seconds at
     * most. The rest waits on.
     */
    void deliverBy(CamelContext camel) {
        try (ProducerTemplate template = camel.createProducerTemplate()) {
            List<CompletableFuture<Exchange>> sent = new ArrayList<>();
            for (String channel : waitingChannels()) {
                sent.add(template.asyncSend("direct:deliver-" + channel, exchange -> {}));
            }
            CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                    .get(LONGEST_GOODBYE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (CaravanException | IOException | ExecutionException | TimeoutException e) {
            LOG.warn("alerts wait for the next run: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where alerts go, for people. */
    String summary() {
        List<String> ways = new ArrayList<>();
        slack.ifPresent(webhook -> ways.add("Slack"));
        mail.ifPresent(settings -> ways.add("e-mail to " + String.join(", ", settings.to())));
        return ways.isEmpty() ? "into the log only" : String.join("; ", ways);
    }

    /** Whether the servers can be reached that alerts go through; without what is secret of their addresses. */
    static List<DoorCheck> doors(Settings settings) throws WrongUsageException {
        List<DoorCheck> doors = new ArrayList<>();
        webhook(settings).ifPresent(address -> {
            boolean https = "https".equals(address.getScheme());
            int port = address.getPort() > 0 ? address.getPort() : https ? 443 : 80;
            doors.add(new DoorCheck("slack", address.getHost(), port, https, false));
        });
        mail(settings)
                .ifPresent(mail -> doors.add(new DoorCheck(
                        "email",
                        mail.server().getHost(),
                        mail.port(),
                        mail.protocol().equals("smtps"),
                        true)));
        return doors;
    }

    private static Optional<SlackWebhook> slack(Settings settings) throws WrongUsageException {
        return webhook(settings).map(address -> new SlackWebhook(address, LONGEST_POST));
    }

    private static Optional<URI> webhook(Settings settings) throws WrongUsageException {
        String secret = settings.secret("caravan.alert.slack.webhook");
        if (secret.isEmpty()) {
            return Optional.empty();
        }
        URI address;
        try {
            address = URI.create(secret);
        } catch (IllegalArgumentException e) {
            // Its text repeats the address.
            throw settings.wrong("caravan.alert.slack.webhook", "it is no address");
        }
        String host = address.getHost();
        boolean here = host != null && (host.equals("localhost") || host.matches("127(\\.\\d{1,3}){3}"));
        if (host == null || !("https".equals(address.getScheme()) || (here && "http".equals(address.getScheme())))) {
            throw settings.wrong("caravan.alert.slack.webhook", "it begins with https:// and a host");
        }
        return Optional.of(address);
    }

    private static Optional<MailSettings> mail(Settings settings) throws WrongUsageException {
        Optional<URI> server = settings.uri("caravan.alert.email.smtp");
        if (server.isEmpty()) {
            if (settings.isSet("caravan.alert.email.to")) {
                throw settings.wrong("caravan.alert.email.to", "caravan.alert.email.smtp must name the server, too");
            }
            return Optional.empty();
        }
        try {
            return Optional.of(new MailSettings(
                    server.get(),
                    settings.text("caravan.alert.email.from"),
                    settings.names("caravan.alert.email.to"),
                    settings.text("caravan.alert.email.user"),
                    settings.secret("caravan.alert.email.password")));
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "e-mail cannot be sent: " + e.getMessage(), "config/application.properties explains each key", e);
        }
    }
}
