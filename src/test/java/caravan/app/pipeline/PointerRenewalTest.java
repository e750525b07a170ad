package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import caravan.alert.Alert;
import caravan.alert.Alerts;
import caravan.app.routing.LatestDesk;
import caravan.app.settings.Settings;
import caravan.aws.S3Clients;
import caravan.aws.S3ObjectStore;
import caravan.aws.S3Settings;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.pace.MovableClock;
import caravan.publish.PointerRenewal;
import caravan.publish.PointerRenewal.Outcome;
import caravan.publish.PublishedHistory;
import caravan.snapshot.Pointer;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.s3.S3Client;

/** A pointer gets a new life at half of the old one, and nobody else's move of it is lost by that. */
@Timeout(300)
final class PointerRenewalTest {

    private static final Duration LIFETIME = Duration.ofDays(14);

    private static final Duration HALF = LIFETIME.dividedBy(2).plusSeconds(1);

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private FaultProxy proxy;

    private Publisher publisher;

    private PublishedBucket bucket;

    private S3Client client;

    private ObjectStore store;

    @BeforeEach
    void publishOnce() throws Exception {
        proxy = FaultProxy.before(site.server().endpoint());
        publisher = site.publisherThrough(proxy.endpoint());
        bucket = site.bucketOf(publisher);
        S3Settings settings = S3Settings.of(
                proxy.endpoint(), Publisher.BUCKET, site.prefix(), Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        client = S3Clients.build(settings);
        store = new S3ObjectStore(client, settings);
        publisher.publish();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        proxy.close();
    }

    @Test
    void pointerIsLeftAloneInTheFirstHalfOfItsLife() throws Exception {
        byte[] before = bucket.read("demo/latest");

        assertThat(renewIn(Duration.ZERO)).isEqualTo(Outcome.NOT_DUE);
        assertThat(renewIn(HALF.minusMinutes(1))).isEqualTo(Outcome.NOT_DUE);
        assertThat(bucket.read("demo/latest")).isEqualTo(before);
    }

    @Test
    void pointerGetsANewLifeInTheSecondHalfAndLeadsToTheSameSnapshot() throws Exception {
        Pointer before = latest();
        Instant earliest = Instant.now().plus(HALF).minusSeconds(1);

        assertThat(renewIn(HALF)).isEqualTo(Outcome.RENEWED);

        Pointer after = latest();
        assertThat(after.sequence()).isEqualTo(before.sequence() + 1);
        assertThat(after.record()).isEqualTo(before.record());
        assertThat(after.runId()).isNotEqualTo(before.runId());
        assertThat(after.publishedAt()).isAfter(earliest);
        assertThat(Duration.between(after.publishedAt(), after.expiresAt())).isEqualTo(LIFETIME);
        assertThat(renewIn(HALF)).as("once is enough").isEqualTo(Outcome.NOT_DUE);
        assertThat(sessionsThatHaveNotEnded()).isEmpty();
    }

    @Test
    void pointerThatHasExpiredAlreadyGetsANewLifeToo() throws Exception {
        assertThat(renewIn(LIFETIME.multipliedBy(3))).isEqualTo(Outcome.RENEWED);
    }

    @Test
    void nextPublicationGoesOnFromTheRenewedPointerAndReusesItsChunks() throws Exception {
        renewIn(HALF);

        assertThat(publisher.publish().report().chunksSent()).isZero();
        assertThat(latest().sequence()).isEqualTo(3);
    }

    @Test
    void nothingIsRenewedWhereNothingIsPublished() throws Exception {
        Files.delete(bucket.fileOf("demo/latest"));

        assertThat(renewIn(HALF)).isEqualTo(Outcome.NOT_DUE);
    }

    @Test
    void publicationUnderWayIsNotDisturbed() throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        proxy.next(
                FaultProxy.puts("/record").and(request -> outcomes.isEmpty() && outcomes.add(renewed())), Fault.none());

        publisher.publish();

        assertThat(outcomes).containsExactly(Outcome.OTHERS_ARE_AT_IT);
        assertThat(latest().sequence()).isEqualTo(2);
    }

    @Test
    void latestThatAnotherPublisherMovesMeanwhileStaysAsThatOneLeftIt() throws Exception {
        Publisher other = new Publisher(
                        site.home().resolve("other"),
                        site.database(),
                        site.server().endpoint(),
                        site.prefix())
                .set("caravan.signing.key", publisher.environment().get("CARAVAN_SIGNING_KEY"));
        List<String> others = new ArrayList<>();
        proxy.next(
                FaultProxy.puts("/demo/latest").and(request -> others.isEmpty() && others.add(published(other))),
                Fault.none());

        assertThat(renewIn(HALF)).isEqualTo(Outcome.OTHERS_ARE_AT_IT);

        assertThat(latest().sequence()).isEqualTo(2);
        assertThat(latest().runId()).isEqualTo(others.get(0));
        assertThat(sessionsThatHaveNotEnded()).isEmpty();
    }

    @Test
    void renewalWhoseAcknowledgementWasLostIsASuccess() throws Exception {
        proxy.next(FaultProxy.puts("/demo/latest"), Fault.loseAnswer());
        CaravanException lost = catchThrowableOfType(CaravanException.class, () -> renewIn(HALF));

        assertThat(lost).as("the route tries again").isNotNull();
        assertThat(renewIn(HALF)).isEqualTo(Outcome.NOT_DUE);
        assertThat(latest().sequence()).isEqualTo(2);
        assertThat(publisher.publish().report().chunksSent()).isZero();
        assertThat(latest().sequence()).isEqualTo(3);
    }

    @Test
    void pointerThatSomebodyPutBackGetsNoNewLife() throws Exception {
        byte[] old = bucket.read("demo/latest");
        publisher.publish();
        store.put("demo/latest", Content.of(old, "text/plain", CachePolicy.MUTABLE));

        assertThat(catchThrowableOfType(RefusedException.class, () -> renewIn(HALF)))
                .hasMessageContaining("2 was published from here");
        assertThat(bucket.read("demo/latest")).isEqualTo(old);
    }

    @Test
    void daemonRenewsByItselfAndGoesOnWhenTheStoreIsAway() throws Exception {
        publisher.set("caravan.pointer.lifetime", "8s");
        publisher.publish();
        Pointer before = latest();
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        Settings settings = installation.settings();
        try (PipelineBeans beans = new PipelineBeans(installation, settings);
                Pipeline pipeline = Pipeline.load(installation, settings, beans, beans.probe(), true)) {
            beans.watching().prepare();
            pipeline.begin();
            await().atMost(Duration.ofSeconds(60)).until(() -> latest().sequence() >= before.sequence() + 2);
            proxy.always(request -> true, Fault.answer(503));
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            long sequence = latest().sequence();
            proxy.clear();
            await().atMost(Duration.ofSeconds(60)).until(() -> latest().sequence() > sequence);
        }
        assertThat(latest().record()).isEqualTo(before.record());
    }

    @Test
    void latestThatIsTooOldIsToldOfOnceADayAndWhenItIsOver() throws Exception {
        MovableClock clock = new MovableClock(Instant.now());
        List<Pointer> heard = new ArrayList<>();
        Alerts alerts =
                new Alerts(publisher.state(), List.of("slack"), Duration.ofHours(24), Duration.ofDays(30), clock);
        LatestDesk desk = new LatestDesk(
                renewal(clock), Map.of(PublishedBucket.DATABASE, Duration.ofHours(30)), heard::add, alerts, clock);

        assertThat(desk.checkAge("demo")).isNull();
        clock.advance(Duration.ofHours(31));
        Alert old = desk.checkAge("demo");
        assertThat(old.event()).isEqualTo("latest-too-old");
        assertThat(old.what()).matches("latest of demo is \\S+, which is 31H(1M)? old and may be 30H");
        alerts.take(old);
        clock.advance(Duration.ofHours(1));
        alerts.take(desk.checkAge("demo"));
        assertThat(alerts.waitingFor("slack")).as("known").isEqualTo(1);
        clock.advance(Duration.ofHours(23));
        alerts.take(desk.checkAge("demo"));
        assertThat(alerts.waitingFor("slack")).as("a day later").isEqualTo(2);

        clock.advance(Duration.ofHours(-55));
        assertThat(desk.checkAge("demo")).isNull();
        assertThat(alerts.waitingFor("slack")).as("it is over").isEqualTo(3);
        assertThat(heard).hasSize(5);
    }

    private Outcome renewIn(Duration time) throws CaravanException {
        return renewal(Clock.offset(Clock.systemUTC(), time)).renewIfDue(PublishedBucket.DATABASE);
    }

    private PointerRenewal renewal(Clock clock) {
        return new PointerRenewal(
                store,
                publisher.key(),
                new PublishedHistory(store, publisher.trusted(), 16),
                publisher.state(),
                LIFETIME,
                clock);
    }

    private Outcome renewed() {
        try {
            return renewIn(HALF);
        } catch (CaravanException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String published(Publisher publisher) {
        try {
            return publisher.publish().runId();
        } catch (CaravanException e) {
            throw new IllegalStateException(e);
        }
    }

    private Pointer latest() throws Exception {
        return bucket.latest().orElseThrow().pointer();
    }

    private List<String> sessionsThatHaveNotEnded() throws Exception {
        List<String> alive = new ArrayList<>();
        for (String name : bucket.names()) {
            if (name.startsWith("_control/sessions/")
                    && !new String(bucket.read(name), StandardCharsets.UTF_8).contains("\"ended\":true")) {
                alive.add(name);
            }
        }
        return alive;
    }
}
