package caravan.app.pipeline;

import static caravan.faults.FaultProxy.puts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.alert.SlackStandIn;
import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** Publications that fail and what people hear of it: the real routes, a real mail server, and Slack's stand-in. */
@Timeout(240)
class AlertsTest {

    private static final String PASSWORD = "mAiLcAnArY-password";

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    private SlackStandIn slack;

    private FaultProxy proxy;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        mail.setUser("caravan", "caravan", PASSWORD);
        mail.start();
        slack = SlackStandIn.start();
        proxy = FaultProxy.before(site.server().endpoint());
        publisher = site.publisherThrough(proxy.endpoint())
                .set("caravan.retry.attempts", "2")
                .set("caravan.alert.slack.webhook", slack.webhook())
                .set(
                        "caravan.alert.email.smtp",
                        "smtp://127.0.0.1:" + mail.getSmtp().getPort())
                .set("caravan.alert.email.to", "one@example.org, two@example.org")
                .set("caravan.alert.email.from", "caravan@example.org")
                .set("caravan.alert.email.user", "caravan")
                .set("caravan.alert.email.password", PASSWORD);
        bucket = site.bucketOf(publisher);
    }

    @AfterEach
    void tearDown() throws Exception {
        proxy.close();
        slack.close();
        mail.stop();
    }

    @Test
    void publicationThatFailsIsToldOfOnceThroughEachChannelAndTheNextOneSaysThatItIsOver() throws Exception {
        publisher.publish();
        PublishedBucket.Snapshot before = bucket.latest().orElseThrow();
        proxy.always(puts("/record"), Fault.answer(503));

        assertThatThrownBy(publisher::publish).isInstanceOf(TransientException.class);
        assertThatThrownBy(publisher::publish).isInstanceOf(TransientException.class);

        assertThat(bucket.latest().orElseThrow().pointer()).isEqualTo(before.pointer());
        assertThat(slack.texts()).hasSize(1);
        assertThat(slack.texts().get(0)).contains("demo was not published", "503", "What to do:");
        assertThat(mails()).extracting(MimeMessage::getSubject).containsOnly("Caravan: demo was not published");
        assertThat(mails()).hasSize(2);

        passAll();
        publisher.publish();

        assertThat(slack.texts()).hasSize(2);
        assertThat(slack.texts().get(1)).contains("over: publication-failed demo");
        assertThat(mails()).hasSize(4);
    }

    @Test
    void uploadInWhichManyChunksFailTogetherIsToldOfOnceAndTheNextRunPublishes() throws Exception {
        proxy.always(puts("/chunks/"), Fault.answer(503));
        publisher.set("caravan.upload.parallelism", "4");

        assertThatThrownBy(publisher::publish).isInstanceOf(TransientException.class);

        assertThat(bucket.latest()).isEmpty();
        assertThat(proxy.requests().stream().filter(puts("/chunks/")))
                .as("each of several chunks, tried three times")
                .hasSizeGreaterThanOrEqualTo(6);
        assertThat(slack.texts()).hasSize(1);
        assertThat(mails()).hasSize(2);
        passAll();
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
        assertThat(slack.texts()).hasSize(2);
        assertThat(slack.texts().get(1)).contains("over:");
    }

    @Test
    void mailIsPlainTextFromUsToEveryReaderWithAnIdOfItsOwn() throws Exception {
        failOnce();

        MimeMessage message = mails().get(0);
        assertThat(message.getContentType()).startsWith("text/plain").containsIgnoringCase("utf-8");
        assertThat(message.getFrom()).extracting(Object::toString).containsExactly("caravan@example.org");
        assertThat(message.getAllRecipients())
                .extracting(Object::toString)
                .containsExactly("one@example.org", "two@example.org");
        assertThat(message.getHeader("Message-ID")).hasSize(1).allMatch(id -> id.matches("<[0-9a-f-]{36}@.*>"));
        assertThat(message.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(message.getContent().toString()).contains("What to do:").doesNotContain("${");
    }

    @Test
    void publicationSucceedsAsFastAsEverWhileBothChannelsAreDownAndTheyHearOfItLaterFromAnotherProcess()
            throws Exception {
        int port = slack.port();
        int smtp = mail.getSmtp().getPort();
        slack.close();
        mail.stop();
        failOnce();
        assertThat(waiting()).hasSize(2);
        passAll();
        publisher.publish();
        assertThat(bucket.latest()).isPresent();
        assertThat(waiting()).as("failed and over, for two channels").hasSize(4);

        slack = SlackStandIn.start(port);
        GreenMail again = new GreenMail(new ServerSetup(smtp, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        again.setUser("caravan", "caravan", PASSWORD);
        again.start();
        try {
            publisher.publish();

            assertThat(slack.texts()).hasSize(2);
            assertThat(slack.texts().get(0)).contains("was not published");
            assertThat(slack.texts().get(1)).contains("over:");
            assertThat(again.getReceivedMessages()).hasSize(4);
            assertThat(waiting()).isEmpty();
        } finally {
            again.stop();
        }
    }

    @Test
    void channelThatNeverAnswersKeepsNobodyWaitingForLong() throws Exception {
        slack.stall();
        Instant begin = Instant.now();

        failOnce();

        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(100));
        assertThat(mails()).as("the other channel").hasSize(2);
        assertThat(waiting()).hasSize(1);
    }

    @Test
    void whatWaitsCanBeReadByNobodyElse() throws Exception {
        slack.stall();
        failOnce();

        try (Stream<Path> all = Files.walk(publisher.state().resolve("alerts"))) {
            for (Path path : all.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as("%s", path)
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
    }

    @Test
    void secretsAreInNoLogEvenAtTraceAndInNoAlert() throws Exception {
        StringBuilder everything = new StringBuilder();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                everything
                        .append(event.getLoggerName())
                        .append(event.getFormattedMessage())
                        .append('\n');
                if (event.getThrowableProxy() != null) {
                    everything.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
                }
            }
        };
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        List<Logger> quieted = context.getLoggerList().stream()
                .filter(logger -> logger.getLevel() != null && logger != root)
                .toList();
        List<Level> levels = quieted.stream().map(Logger::getLevel).toList();
        Level before = root.getLevel();
        List<ch.qos.logback.core.Appender<ILoggingEvent>> others = new ArrayList<>();
        root.iteratorForAppenders().forEachRemaining(others::add);
        others.forEach(root::detachAppender);
        quieted.forEach(logger -> logger.setLevel(Level.TRACE));
        root.setLevel(Level.TRACE);
        appender.start();
        root.addAppender(appender);
        List<Throwable> failures = new ArrayList<>();
        try {
            failures.add(failOnce());
            passAll();
            slack.answerNext(302, "", "").answerNext(404, "no_service", "").answerNext(500, slack.webhook(), "");
            publisher.publish();
            slack.close();
            publisher.set("caravan.alert.email.password", PASSWORD + "-wrong");
            publisher.publish();
        } finally {
            root.detachAppender(appender);
            root.setLevel(before);
            for (int at = 0; at < quieted.size(); at++) {
                quieted.get(at).setLevel(levels.get(at));
            }
            others.forEach(root::addAppender);
        }

        assertThat(everything.toString()).contains("alert publication-failed/demo/", "org.apache.camel");
        assertThat(everything.indexOf(SlackStandIn.SECRET))
                .as("webhook in a log")
                .isNegative();
        assertThat(everything.indexOf("sLaCkCaNaRy"))
                .as("part of the webhook in a log")
                .isNegative();
        assertThat(everything.indexOf(PASSWORD)).as("password in a log").isNegative();
        assertThat(slack.texts()).noneMatch(text -> text.contains("CANARY") || text.contains(PASSWORD));
        for (MimeMessage message : mails()) {
            assertThat(message.getContent().toString()).doesNotContain("CANARY").doesNotContain(PASSWORD);
        }
        assertThat(failures).allMatch(failure -> !failure.toString().contains("CANARY"));
    }

    @Test
    void withoutAnyChannelPublishingIsAsBefore() throws Exception {
        publisher
                .set("caravan.alert.slack.webhook", "")
                .set("caravan.alert.email.smtp", "")
                .set("caravan.alert.email.to", "");

        failOnce();
        passAll();
        publisher.publish();

        assertThat(bucket.latest()).isPresent();
        assertThat(slack.texts()).isEmpty();
    }

    private CaravanException failOnce() {
        proxy.always(puts("/record"), Fault.answer(503));
        return catchThrowableOfType(TransientException.class, publisher::publish);
    }

    private void passAll() throws Exception {
        proxy.close();
        proxy = FaultProxy.before(site.server().endpoint());
        publisher.set("caravan.s3.endpoint", proxy.endpoint().toString());
    }

    private List<MimeMessage> mails() {
        return List.of(mail.getReceivedMessages());
    }

    private List<Path> waiting() throws IOException {
        try (Stream<Path> all = Files.walk(publisher.state().resolve("alerts/outbox"))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
