package caravan.app.routing;

import caravan.edge.Invalidation;
import caravan.edge.MutablePaths;
import caravan.publish.Publication;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** What the routes ask about the caches of a CDN. Bean {@code edgeDesk}. */
public final class EdgeDesk {

    // As many as one call takes on every plan of Cloudflare's, whichever they have made of it meanwhile.
    private static final int URLS_PER_CALL = 30;

    private final MutablePaths paths;

    private final List<URI> caches;

    /**
     * A desk for one site.
     *
     * @param caches that take PURGE, by addresses of their own
     */
    public EdgeDesk(MutablePaths paths, List<URI> caches) {
        this.paths = paths;
        this.caches = List.copyOf(caches);
    }

    /** What caches must forget after a publication. Called by route {@code invalidate-edges}. */
    public Invalidation afterPublication(Publication publication) {
        return paths.ofPublication(publication.runId(), publication.database().name(), publication.snapshot());
    }

    /** What caches must forget of a record that was signed again. Called by route {@code invalidate-record}. */
    public Invalidation afterDrill(Publication publication) {
        return paths.ofRecord(
                publication.runId() + "-drill", publication.database().name(), publication.snapshot());
    }

    /** The bodies of the calls that Cloudflare wants. Called by route {@code invalidate-cloudflare}. */
    public List<Map<String, List<String>>> callsOfCloudflare(Invalidation invalidation) {
        return invalidation.filesBy(URLS_PER_CALL);
    }

    /** For each cache the addresses to purge. Called by route {@code invalidate-purge}. */
    public List<List<String>> addressesToPurge(Invalidation invalidation) {
        return caches.stream().map(invalidation::urlsAt).toList();
    }

    /**
     * Which cache {@code addresses} are of, so that each has troubles of its own. Called by route {@code purge-cache}.
     */
    public String cacheOf(List<String> addresses) {
        return addresses.isEmpty() ? "" : URI.create(addresses.get(0)).getRawAuthority();
    }
}
