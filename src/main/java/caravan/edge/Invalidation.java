package caravan.edge;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The request that caches forget some objects. Asked for twice in the same words, it is one request.
 *
 * @param reference by which a CDN recognises it; the run that caused it
 * @param site scheme and host that clients use
 * @param paths of the objects at that site, each with its slash
 */
public record Invalidation(String reference, URI site, List<String> paths) {

    /** Checks every part and copies the list. */
    public Invalidation {
        requireNonNull(reference, "reference");
        requireNonNull(site, "site");
        paths = List.copyOf(paths);
        if (reference.isBlank() || paths.isEmpty()) {
            throw new IllegalArgumentException("an invalidation has a reference and at least one path");
        }
        for (String path : paths) {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("a path begins with a slash, not " + path);
            }
        }
    }

    /** The addresses that clients ask for. */
    public List<String> urls() {
        return urlsAt(site);
    }

    /** The same objects at a cache that is reached by an address of its own. */
    public List<String> urlsAt(URI cache) {
        String base = cache.getScheme() + "://" + cache.getRawAuthority();
        return paths.stream().map(path -> base + path).toList();
    }

    /** {@link #urls} by the {@code most} that one call of Cloudflare takes, each in the form of its body. */
    public List<Map<String, List<String>>> filesBy(int most) {
        List<String> urls = urls();
        List<Map<String, List<String>>> calls = new ArrayList<>();
        for (int at = 0; at < urls.size(); at += most) {
            calls.add(Map.of("files", urls.subList(at, Math.min(at + most, urls.size()))));
        }
        return calls;
    }
}
