package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.manifest.CatalogFormat;
import caravan.restore.source.ObjectSource;
import caravan.signature.NoteKind;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Catalog;
import java.time.Clock;

/** Looks up everything that is published under one URL, as far as its signed catalog knows. */
public final class CatalogListing {

    private final ClientSettings settings;
    private final Clock clock;

    /** For any number of look-ups. */
    public CatalogListing(ClientSettings settings, Clock clock) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * The catalog at {@code base}.
     *
     * @throws caravan.failure.DamagedException if no trusted key has signed it, or it is not understood
     */
    public Catalog read(PublishedBase base) throws CaravanException, InterruptedException {
        try (ObjectSource source = base.alone(settings)) {
            return new NoteReading(source, settings.retries(), settings.trusted(), clock)
                    .read(
                            BucketPaths.CATALOG,
                            NoteKind.CATALOG,
                            note -> CatalogFormat.read(note.line(), source.locate(BucketPaths.CATALOG)));
        }
    }
}
