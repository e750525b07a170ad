package caravan.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.lock.AnotherProcess;
import caravan.pace.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people hear, when and how often, through channels that are up or down. */
class AlertDeliveryTest {

    private static final Instant BEGIN = Instant.parse("2026-11-22T03:00:00Z");

    @TempDir
    Path state;

    private final MovableClock clock = new MovableClock(BEGIN);

    @Test
    void sameTroubleIsToldOfOnceThenOnceADayAndOnceWhenItIsOver() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        for (int hour = 1; hour < 24; hour++) {
            clock.advance(Duration.ofHours(1));
            alerts.take(failed("run-" + (hour + 1)));
        }
        assertThat(taken(alerts, "slack")).containsExactly("publication-failed: the bucket is away");

        clock.advance(Duration.ofHours(1));
        alerts.take(failed("run-25"));
        assertThat(taken(alerts, "slack"))
                .containsExactly("publication-failed: the bucket is away (for the 25th time since " + BEGIN + ")");

        alerts.runSucceeded("demo", "run-26");
        alerts.runSucceeded("demo", "run-27");
        assertThat(taken(alerts, "slack")).containsExactly("recovered: the bucket is away");
    }

    @Test
    void troubleThatTheSuccessfulRunHadItselfIsNotOver() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));

        alerts.runSucceeded("demo", "run-1");
        alerts.runSucceeded("another", "run-2");

        assertThat(taken(alerts, "slack")).containsExactly("publication-failed: the bucket is away");
    }

    @Test
    void troubleOfOneRunThatIsReportedManyTimesCountsOnce() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        clock.advance(Duration.ofHours(30));
        alerts.take(failed("run-1"));
        alerts.take(failed("run-1"));

        assertThat(taken(alerts, "slack")).hasSize(1);
    }

    @Test
    void whatIsKnownOutlivesTheProcess() throws Exception {
        alerts("slack").take(failed("run-1"));
        Alerts again = alerts("slack");
        again.take(failed("run-2"));

        assertThat(taken(again, "slack")).hasSize(1);
        again.runSucceeded("demo", "run-3");
        assertThat(taken(again, "slack")).containsExactly("recovered: the bucket is away");
    }

    @Test
    void channelThatIsDownDelaysNoOther() throws Exception {
        Alerts alerts = alerts("slack", "email");
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        alerts.take(failed("run-1"));

        PendingAlert forSlack = delivery.next("slack");
        delivery.postpone(forSlack, new TransientException("down", ""));

        assertThat(delivery.next("slack")).as("too early").isNull();
        PendingAlert forEmail = delivery.next("email");
        assertThat(delivery.delivered(forEmail)).isNull();
        clock.advance(Duration.ofSeconds(2));
        assertThat(delivery.next("slack").id()).as("the same at each attempt").isEqualTo(forSlack.id());
    }

    @Test
    void pausesDoubleUpToFiveMinutesAndBeginAnewAfterASuccess() throws Exception {
        Alerts alerts = alerts("slack");
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        alerts.take(failed("run-1"));
        List<Long> pauses = new ArrayList<>();
        for (int attempt = 0; attempt < 10; attempt++) {
            delivery.postpone(delivery.next("slack"), new IOException("refused"));
            pauses.add(secondsUntilDue(delivery));
        }

        assertThat(pauses).containsExactly(2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L, 300L, 300L);
        assertThat(delivery.delivered(delivery.next("slack"))).isNull();
        alerts.take(notice());
        delivery.postpone(delivery.next("slack"), new IOException("refused"));
        assertThat(secondsUntilDue(delivery)).isEqualTo(2);
    }

    @Test
    void channelThatAsksForPatienceGetsIt() throws Exception {
        Alerts alerts = alerts("slack");
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        alerts.take(failed("run-1"));

        delivery.postpone(delivery.next("slack"), new TransientException("429", "", null, Duration.ofSeconds(90)));

        assertThat(secondsUntilDue(delivery)).isEqualTo(90);
    }

    @Test
    void alertThatAChannelRefusesMakesRoomForTheNextAndIsCounted() throws Exception {
        Alerts alerts = alerts("slack");
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        alerts.take(failed("run-1"));
        alerts.take(notice());

        delivery.postpone(delivery.next("slack"), new FailedException("invalid_payload", ""));

        assertThat(taken(alerts, "slack"))
                .containsExactly("note: a notice", "alerts-dropped: 1 alerts were dropped before slack took them");
    }

    @Test
    void onlySoManyWaitTheOldestGoFirstAndTheChannelLearnsHowMany() throws Exception {
        Alerts alerts = alerts("slack");
        for (int each = 0; each < 205; each++) {
            clock.advance(Duration.ofSeconds(1));
            alerts.take(new Alert(
                    "note", Severity.NOTICE, Alert.Lasts.NOT, "", "", "number " + each, "", "", clock.instant()));
        }

        List<String> taken = taken(alerts, "slack");

        assertThat(taken).hasSize(201);
        assertThat(taken.get(0)).isEqualTo("note: number 5");
        assertThat(taken.get(200)).isEqualTo("alerts-dropped: 5 alerts were dropped before slack took them");
    }

    @Test
    void alertThatWaitedForTooLongIsDropped() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        clock.advance(Duration.ofDays(3));
        alerts.take(notice());

        assertThat(taken(alerts, "slack"))
                .containsExactly("note: a notice", "alerts-dropped: 1 alerts were dropped before slack took them");
    }

    @Test
    void clockThatIsSetBackDoesNotChangeTheOrder() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        clock.advance(Duration.ofHours(-1));
        alerts.take(notice());

        assertThat(taken(alerts, "slack")).containsExactly("publication-failed: the bucket is away", "note: a notice");
    }

    @Test
    void twoWhoDeliverDoNotSendTheSameAlertTwice() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        AlertDelivery one = new AlertDelivery(alerts, clock);
        AlertDelivery other = new AlertDelivery(alerts("slack"), clock);

        PendingAlert pending = one.next("slack");

        assertThat(pending).isNotNull();
        assertThat(one.next("slack")).isNull();
        assertThat(other.next("slack")).isNull();
        one.delivered(pending);
        assertThat(other.next("slack")).isNull();
    }

    @Test
    void secondDeliveryInThisProcessDoesNotLetAnotherProcessSendTheAlertToo() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        AlertDelivery one = new AlertDelivery(alerts, clock);
        PendingAlert pending = one.next("slack");
        assertThat(new AlertDelivery(alerts("slack"), clock).next("slack")).isNull();

        Path lock = alerts.lockOf("slack");
        assertThat(AnotherProcess.canLock(lock)).isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(lock)))
                .isEqualTo("rw-------");
        one.giveBack(pending);
        assertThat(AnotherProcess.canLock(lock)).isTrue();
    }

    @Test
    void damagedFilesStopNothing() throws Exception {
        Alerts alerts = alerts("slack");
        alerts.take(failed("run-1"));
        try (Stream<Path> all = Files.walk(state)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".json")).toList()) {
                Files.writeString(file, "{\"event\":");
            }
        }

        alerts.take(failed("run-2"));

        assertThat(taken(alerts, "slack")).containsExactly("publication-failed: the bucket is away");
    }

    @Test
    void channelIsFreeAgainAfterItsOutboxCouldNotBeRead() throws Exception {
        Alerts alerts = alerts("slack");
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        alerts.take(failed("run-1"));
        // A directory with something in it can neither be read nor be removed as a file.
        Path bad = Files.createDirectories(state.resolve("alerts/outbox/slack/000000000000000-bad.json/x"));

        FailedException failure = catchThrowableOfType(FailedException.class, () -> delivery.next("slack"));
        delivery.postpone(null, failure);
        assertThat(AnotherProcess.canLock(alerts.lockOf("slack"))).isTrue();

        Files.delete(bad);
        assertThat(delivery.next("slack").alert().what()).isEqualTo("the bucket is away");
    }

    @Test
    void alertHoldsLinesAndNoControlCharacters() {
        Alert alert = new Alert(
                "note", Severity.NOTICE, Alert.Lasts.NOT, "", "", "a\r\nBcc: all@example.org\u001b[0m", "", "", BEGIN);

        assertThat(alert.what()).isEqualTo("a Bcc: all@example.org [0m");
    }

    private Alerts alerts(String... channels) {
        return new Alerts(state, List.of(channels), Duration.ofHours(24), Duration.ofDays(3), clock);
    }

    private Alert failed(String runId) {
        return new Alert(
                "publication-failed",
                Severity.ERROR,
                Alert.Lasts.UNTIL_A_RUN_WITHOUT_IT,
                "demo",
                "",
                "the bucket is away",
                "wait",
                runId,
                clock.instant());
    }

    private Alert notice() {
        return new Alert("note", Severity.NOTICE, Alert.Lasts.NOT, "", "", "a notice", "", "", clock.instant());
    }

    /** Takes everything that waits for a channel, as a channel that is up does. */
    private List<String> taken(Alerts alerts, String channel) throws Exception {
        AlertDelivery delivery = new AlertDelivery(alerts, clock);
        List<String> taken = new ArrayList<>();
        for (PendingAlert next = delivery.next(channel); next != null; next = delivery.delivered(next)) {
            taken.add(next.alert().event() + ": " + next.alert().what());
        }
        return taken;
    }

    private long secondsUntilDue(AlertDelivery delivery) throws Exception {
        Instant from = clock.instant();
        PendingAlert next = delivery.next("slack");
        while (next == null) {
            clock.advance(Duration.ofSeconds(1));
            next = delivery.next("slack");
        }
        long seconds = Duration.between(from, clock.instant()).toSeconds();
        delivery.giveBack(next);
        return seconds;
    }
}
