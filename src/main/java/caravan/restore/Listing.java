package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import java.time.Clock;

/** Looks up what is published, and believes only what is signed. Fetches no chunk. */
public final class Listing {

    private final ClientSettings settings;
    private final Clock clock;

    /** For any number of look-ups. */
    public Listing(ClientSettings settings, Clock clock) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
    }

    /** The snapshot that {@code location} means: the latest of a database, or one by name. */
    public FoundSnapshot find(SnapshotLocation location) throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, new Progress(), location)) {
            return snapshot.found();
        }
    }
}
