package caravan.edge;

import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which objects a CDN may have in an older state. There are few, since everything else is named by its content or by
 * its snapshot and never changes.
 */
public final class MutablePaths {

    private final URI site;

    private final String base;

    private final boolean files;

    /**
     * Paths below an address.
     *
     * @param publicUrl where clients find the bucket's prefix
     * @param files whether every file is published under its own name, too
     */
    public MutablePaths(URI publicUrl, boolean files) {
        this.files = files;
        String path = publicUrl.getRawPath() == null ? "" : publicUrl.getRawPath();
        this.site = URI.create(publicUrl.getScheme() + "://" + publicUrl.getRawAuthority());
        this.base = path.endsWith("/") ? path : path + "/";
    }

    /**
     * What a publication replaces: the pointer, the catalog, the page, the script, what was measured, and what leads to
     * the plain files if there are any.
     */
    public Invalidation ofPublication(String runId, DatabaseName database, SnapshotId snapshot) {
        List<String> keys = new ArrayList<>(List.of(
                BucketPaths.latest(database),
                BucketPaths.ofSnapshot(database, snapshot, BucketPaths.REGIONS),
                BucketPaths.CATALOG,
                BucketPaths.PAGE,
                "",
                BucketPaths.SYNC_SCRIPT,
                BucketPaths.SYNC_SCRIPT_SIGNATURE));
        if (files) {
            keys.add(BucketPaths.latestVersion(database));
        }
        return of(runId, keys.toArray(String[]::new));
    }

    /** What a pointer that is signed again replaces. */
    public Invalidation ofPointer(String runId, DatabaseName database) {
        return of(runId, BucketPaths.latest(database), BucketPaths.CATALOG);
    }

    /** What a record that is signed again replaces. */
    public Invalidation ofRecord(String runId, DatabaseName database, SnapshotId snapshot) {
        return of(runId, BucketPaths.ofSnapshot(database, snapshot, BucketPaths.RECORD), BucketPaths.CATALOG);
    }

    /**
     * Objects by their keys.
     *
     * @param keys below the bucket's prefix; empty for the directory itself
     */
    public Invalidation of(String reference, String... keys) {
        List<String> paths = Stream.of(keys).map(key -> base + key).toList();
        return new Invalidation(reference, site, paths);
    }
}
