package caravan.app.routing;

import static java.util.Objects.requireNonNull;

import caravan.catalog.CatalogKeeping;
import caravan.catalog.PublicFiles;
import caravan.failure.CaravanException;
import caravan.publish.Publication;
import caravan.publish.Refusals;
import caravan.publish.RefusedSnapshot;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.DatabaseName;
import java.util.List;
import org.apache.camel.Body;

/**
 * What people see of a bucket, kept in step with what is published. Bean {@code catalogDesk}; safe for many threads.
 */
public final class CatalogDesk {

    private final CatalogKeeping catalog;

    private final PublicFiles files;

    private final Refusals refusals;

    /**
     * A desk that keeps {@code catalog} and {@code files} in step with what is published, and with what was refused.
     */
    public CatalogDesk(CatalogKeeping catalog, PublicFiles files, Refusals refusals) {
        this.refusals = requireNonNull(refusals, "refusals");
        this.catalog = requireNonNull(catalog, "catalog");
        this.files = requireNonNull(files, "files");
    }

    /**
     * Puts right what a publication could not: the snapshot that {@code latest} leads to is in the catalog afterwards,
     * and page and client are there. Sends nothing if all is well. Called by route {@code catch-up-catalog}.
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
        putRefusals(publication);
    }

    /**
     * Names in the catalog what was found bad of the database. Called by routes {@code show-refusal}, {@code
     * publish-catalog}.
     */
    public void putRefusals(@Body Publication publication) throws CaravanException {
        DatabaseName database = publication.database().name();
        List<RefusedSnapshot> refused = refusals.of(database);
        catalog.refused(
                database,
                refused.subList(Math.max(0, refused.size() - CatalogDatabase.MOST_REFUSED), refused.size()).stream()
                        .map(each -> new CatalogRefusal(each.snapshot(), each.at(), each.why()))
                        .toList());
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
