package caravan.app.routing;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.edge.Invalidation;
import caravan.edge.MutablePaths;
import caravan.publish.Publication;
import caravan.retain.EndedCollection;
import caravan.retain.Verdict;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the routes ask about the caches of a CDN. Bean {@code edgeDesk}. */
public final class EdgeDesk {

    // As many as one call takes on every plan of Cloudflare's, whichever they have made of it meanwhile.
    private static final int URLS_PER_CALL = 30;

    // CloudFront takes 3000 that are under way at a time, of all requests together.
    private static final int PATHS_PER_REQUEST = 1000;

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

    /**
     * What caches must forget after a collection, in as many requests as a CDN takes so many paths; none if no snapshot
     * went. Called by route {@code invalidate-retired}.
     */
    public List<Invalidation> afterCollection(EndedCollection collection) {
        List<String> keys = new ArrayList<>();
        for (Verdict gone : collection.collected().snapshots()) {
            BucketPaths.OF_A_SNAPSHOT.forEach(
                    name -> keys.add(BucketPaths.ofSnapshot(gone.database(), gone.snapshot(), name)));
        }
        List<Invalidation> requests = new ArrayList<>();
        for (int at = 0; at < keys.size(); at += PATHS_PER_REQUEST) {
            String[] some = keys.subList(at, Math.min(at + PATHS_PER_REQUEST, keys.size()))
                    .toArray(String[]::new);
            // No snapshot goes twice, so what goes is a name for it.
            String reference = "retain-"
                    + Digest.of(String.join("\n", some).getBytes(UTF_8)).hex();
            requests.add(paths.of(reference, some));
        }
        return requests;
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
