package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import java.time.Clock;

/** Finds a snapshot and what its publisher states about it, and fetches nothing of it. */
public final class SnapshotLookup {

    private final ClientSettings settings;

    private final Clock clock;

    /** A look-up by a client with {@code settings}. */
    public SnapshotLookup(ClientSettings settings, Clock clock) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Follows the signatures to the record, as a restore does.
     *
     * @throws caravan.failure.DamagedException if something published is not what its signature or hash says
     * @throws caravan.failure.TransientException if a server did not answer for long
     */
    public FoundSnapshot find(SnapshotLocation location) throws CaravanException, InterruptedException {
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, location)) {
            return snapshot.found();
        }
    }
}
