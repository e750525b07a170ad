package caravan.app.routing;

import static java.util.Objects.requireNonNull;

import caravan.catalog.CatalogKeeping;
import caravan.catalog.PublicFiles;
import caravan.failure.CaravanException;
import caravan.publish.Publication;
import caravan.snapshot.DatabaseName;
import org.apache.camel.Body;

/** What people see of a bucket, kept in step with what is published. Bean {@code catalogDesk}; safe for many threads. */
public final class CatalogDesk {

    private final CatalogKeeping catalog;

    private final PublicFiles files;

    /** A desk that keeps {@code catalog} and {@code files} in step with what is published. */
    public CatalogDesk(CatalogKeeping catalog, PublicFiles files) {
        this.catalog = requireNonNull(catalog, "catalog");
        this.files = requireNonNull(files, "files");
    }

    /**
     * Puts right what a publication could not: the snapshot that {@code latest} leads to is in the catalog afterwards, and
     * page and client are there. Sends nothing if all is well. Called by route {@code look-after-latest}.
     */
    public void catchUp(@Body String database) throws CaravanException {
        if (catalog.catchUp(new DatabaseName(database))) {
            files.putPage();
            files.putSyncScript();
        }
    }

    /** Puts what was just published into the catalog. */
    public void putCatalog(@Body Publication publication) throws CaravanException {
        catalog.add(publication.record(), publication.change());
    }

    /** Stores the status page, if the bucket has another or none. */
    public void putPage() throws CaravanException {
        files.putPage();
    }

    /** Stores the client in bash and its signature, if the bucket has others or none. */
    public void putSyncScript() throws CaravanException {
        files.putSyncScript();
    }
}
