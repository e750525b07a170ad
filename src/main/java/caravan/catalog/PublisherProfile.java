package caravan.catalog;

import static java.util.Objects.requireNonNull;

import caravan.manifest.CatalogFormat;
import caravan.snapshot.Catalog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a publisher tells people of itself.
 *
 * @param name in words; empty to tell none
 * @param publicUrl where clients find the bucket's prefix
 * @param expectedWithin how long after a snapshot began there should be a newer one
 */
public record PublisherProfile(String name, String publicUrl, Duration expectedWithin) {

    /**
     * Drops slashes at the end of the address.
     *
     * @throws IllegalArgumentException if a catalog could not say it
     */
    public PublisherProfile {
        requireNonNull(expectedWithin, "expectedWithin");
        while (publicUrl.endsWith("/")) {
            publicUrl = publicUrl.substring(0, publicUrl.length() - 1);
        }
        CatalogFormat.write(new Catalog(name, Instant.EPOCH, publicUrl, List.of()));
    }
}
