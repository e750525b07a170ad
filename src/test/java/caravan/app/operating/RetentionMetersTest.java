package caravan.app.operating;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.DamagedException;
import caravan.retain.Collected;
import caravan.retain.EndedCollection;
import caravan.retain.RetentionReport;
import caravan.retain.RetentionReport.Amount;
import caravan.retain.RetentionReport.Large;
import caravan.retain.Verdict;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetentionMetersTest {

    private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private final RetentionMeters meters = new RetentionMeters(registry, Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void nothingIsSaidOfCollectionsBeforeTheFirst() {
        assertThat(collections("done")).isZero();
        assertThat(gauge("timestamp.seconds")).isNaN();
        assertThat(gauge("stored.bytes")).isNaN();
    }

    @Test
    void whatWasTakenAwayAddsUpAlsoOfOneThatFailedAndOnlyOneThatGotThroughIsDone() {
        meters.accept(new EndedCollection(
                collected(2, 300),
                new EndedCollection.Outcome.Failed(new DamagedException("read demo/latest: it is damaged", "look"))));
        assertThat(gauge("timestamp.seconds")).isNaN();
        meters.accept(new EndedCollection(
                collected(1, 100), new EndedCollection.Outcome.Reported(report(List.of(), new Large("", "")))));

        assertThat(collections("failed")).isEqualTo(1);
        assertThat(collections("done")).isEqualTo(1);
        assertThat(counter("deleted.chunks")).isEqualTo(3);
        assertThat(counter("deleted.bytes")).isEqualTo(400);
        assertThat(counter("retired.snapshots")).isEqualTo(2);
        assertThat(gauge("timestamp.seconds")).isEqualTo((double) NOW.getEpochSecond());
        assertThat(gauge("stored.bytes")).isEqualTo(5000);
        assertThat(gauge("due.bytes")).isEqualTo(700);
    }

    @Test
    void whatWaitsForAWordOrForAPublicationIsNotDone() {
        meters.accept(new EndedCollection(
                Collected.NOTHING,
                new EndedCollection.Outcome.Reported(report(List.of(), new Large("1f03a6c2", "much would go")))));
        meters.accept(new EndedCollection(
                Collected.NOTHING,
                new EndedCollection.Outcome.Reported(report(List.of("run-9 of demo"), new Large("", "")))));

        assertThat(collections("token_needed")).isEqualTo(1);
        assertThat(collections("postponed")).isEqualTo(1);
        assertThat(collections("done")).isZero();
        assertThat(gauge("timestamp.seconds")).isNaN();
    }

    private static Collected collected(long chunks, long bytes) {
        return new Collected(
                new Amount(chunks, bytes),
                List.of(new Verdict(
                        new DatabaseName("demo"),
                        SnapshotId.parse("20261101T080000Z-7"),
                        Verdict.Reason.EXPIRED,
                        Optional.empty(),
                        0)));
    }

    private static RetentionReport report(List<String> postponedFor, Large large) {
        return new RetentionReport(
                List.of(),
                List.of(),
                new Amount(9, 5000),
                new Amount(4, 800),
                new Amount(3, 700),
                Optional.empty(),
                new Amount(0, 0),
                postponedFor,
                large);
    }

    private double collections(String outcome) {
        return registry.get("caravan.retain.collections")
                .tag("outcome", outcome)
                .counter()
                .count();
    }

    private double counter(String name) {
        return registry.get("caravan.retain." + name).counter().count();
    }

    private double gauge(String name) {
        return registry.get("caravan.retain." + name).gauge().value();
    }
}
