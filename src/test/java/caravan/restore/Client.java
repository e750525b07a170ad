package caravan.restore;

import caravan.failure.CaravanException;
import caravan.restore.source.Retries;
import caravan.restore.target.Ownership;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** The client as tests use it: with short pauses and a clock that stands still. */
final class Client {

    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final ClientSettings settings;
    private Progress progress = new Progress();

    Client(Path state, SigningKey trusted) {
        this(state, trusted, 4);
    }

    Client(Path state, SigningKey trusted, int parallel) {
        settings = ClientSettings.of(TrustedKeys.of(trusted.publicKey()), state)
                .withParallel(parallel)
                .withPatience(
                        Duration.ofSeconds(2), new Retries(Duration.ofMillis(2), Duration.ofMillis(50), () -> 0.5));
    }

    ClientSettings settings() {
        return settings;
    }

    /** Counts of the last fetch. */
    Progress progress() {
        return progress;
    }

    FetchOutcome fetch(String url, Path into) throws CaravanException, InterruptedException {
        return fetch(url, into, Expectations.NONE);
    }

    FetchOutcome fetch(String url, Path into, Expectations expected) throws CaravanException, InterruptedException {
        return fetch(url, into, expected, settings, NOW);
    }

    FetchOutcome fetch(String url, Path into, Expectations expected, ClientSettings other, Instant now)
            throws CaravanException, InterruptedException {
        progress = new Progress();
        return new Fetch(other, Clock.fixed(now, ZoneOffset.UTC), progress, found -> {})
                .run(SnapshotLocation.parse(url), into, expected);
    }

    /** Recognises no file without reading it. */
    FetchOutcome fetchEveryByte(String url, Path into) throws CaravanException, InterruptedException {
        progress = new Progress();
        return new Fetch(settings, Clock.fixed(NOW, ZoneOffset.UTC), progress, found -> {})
                .run(new FetchRequest(
                        SnapshotLocation.parse(url),
                        Destination.at(into),
                        Ownership.AS_IT_IS,
                        Expectations.NONE,
                        true));
    }
}
