package caravan.app.pipeline;

import caravan.app.routing.CatalogDesk;
import caravan.app.settings.Settings;
import caravan.catalog.CatalogKeeping;
import caravan.catalog.PublicFiles;
import caravan.catalog.PublisherProfile;
import caravan.catalog.StatusPage;
import caravan.failure.WrongUsageException;
import caravan.publish.Refusals;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.store.ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import org.apache.camel.main.Main;

/** Beans of route {@code publish-catalog}. */
final class CatalogBeans {

    private final CatalogKeeping catalog;

    private final CatalogDesk desk;

    /** Makes them; nothing is sent anywhere. */
    CatalogBeans(
            Installation installation,
            Settings settings,
            ObjectStore store,
            SigningKey key,
            TrustedKeys trusted,
            URI publicUrl,
            Path state,
            Clock clock)
            throws WrongUsageException {
        catalog = new CatalogKeeping(store, key, trusted, profile(settings, publicUrl), settings.databases(), clock);
        desk = new CatalogDesk(
                catalog,
                new PublicFiles(store, StatusPage.load(), installation.syncScript(), key),
                new Refusals(state, clock));
    }

    CatalogKeeping catalog() {
        return catalog;
    }

    void bindTo(Main main) {
        main.bind("catalogDesk", desk);
    }

    private static PublisherProfile profile(Settings settings, URI publicUrl) throws WrongUsageException {
        try {
            return new PublisherProfile(
                    settings.text("caravan.catalog.publisher"),
                    publicUrl.toString(),
                    settings.duration("caravan.catalog.expected-within"));
        } catch (IllegalArgumentException e) {
            throw new WrongUsageException(
                    "the catalog cannot say who publishes at " + publicUrl + ": " + e.getMessage(),
                    "set caravan.public-url and caravan.catalog.publisher to what may stand in a command and on a page",
                    e);
        }
    }
}
