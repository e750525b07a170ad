package caravan.snapshot;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where everything lies below the bucket's prefix or a public base URL (format v1). Every path is relative, without a
 * leading slash, and made of checked names alone.
 */
public final class BucketPaths {

    /** Name of the pointer of a database. */
    public static final String LATEST = "latest";

    /** Name of a snapshot's record. */
    public static final String RECORD = "record";

    /** Name of a snapshot's manifest. */
    public static final String MANIFEST = "manifest.jsonl";

    /** Name of a snapshot's list for {@code sync.sh}. */
    public static final String CHUNKS = "chunks.tsv";

    /** Name of a snapshot's input file for aria2. */
    public static final String ARIA2 = "aria2.txt";

    /** Name of a snapshot's list of hashes. */
    public static final String SHA256SUMS = "SHA256SUMS";

    /** Name of a snapshot's Metalink (RFC 5854). */
    public static final String METALINK = "snapshot.meta4";

    /** Name of what warming measured of a snapshot. */
    public static final String REGIONS = "regions.json";

    /** The signed note that says what there is. */
    public static final String CATALOG = "catalog.json";

    /** The status page. */
    public static final String PAGE = "index.html";

    /** The client in bash. */
    public static final String SYNC_SCRIPT = "sync.sh";

    /** Detached signature of {@link #SYNC_SCRIPT}. */
    public static final String SYNC_SCRIPT_SIGNATURE = "sync.sh.sig";

    /** Names the latest version of the plain-file layout. */
    public static final String LATEST_VERSION = "latest_version.meta.txt";

    /** Lists the files of a version of the plain-file layout. */
    public static final String FILE_LIST = "files.txt";

    /** Where publishers leave notes for each other; never served by a CDN. */
    public static final String CONTROL = "_control";

    /**
     * Names of everything that is kept of a snapshot beside its chunks, in the order in which it is taken away: the record
     * first, since without it there is no snapshot, and the manifest last.
     */
    public static final List<String> OF_A_SNAPSHOT =
            List.of(RECORD, REGIONS, METALINK, SHA256SUMS, ARIA2, CHUNKS, MANIFEST);

    private static final Pattern CHUNK = Pattern.compile("chunks/[0-9a-f]{2}/([0-9a-f]{64})(?:\\.zst)?");

    private BucketPaths() {}

    /** {@code chunks/<2 hex>/<64 hex>}, with {@code .zst} if compressed. */
    public static String chunk(Digest digest, StoredAs storedAs) {
        String hex = digest.hex();
        return "chunks/" + hex.substring(0, 2) + "/" + hex + (storedAs instanceof StoredAs.Zstandard ? ".zst" : "");
    }

    /** The digest in the name of a chunk; none if {@code path} is not that of a chunk. */
    public static Optional<Digest> digestInChunk(String path) {
        Matcher chunk = CHUNK.matcher(path);
        return chunk.matches() ? Optional.of(Digest.fromHex(chunk.group(1))) : Optional.empty();
    }

    /** {@code <database>/latest}. */
    public static String latest(DatabaseName database) {
        return database.value() + "/" + LATEST;
    }

    /** {@code <database>/<snapshot>/<name>}. */
    public static String ofSnapshot(DatabaseName database, SnapshotId snapshot, String name) {
        return database.value() + "/" + snapshot + "/" + name;
    }

    /** {@code <database>/files/latest_version.meta.txt}. */
    public static String latestVersion(DatabaseName database) {
        return database.value() + "/files/" + LATEST_VERSION;
    }

    /** {@code <database>/files/<snapshot>/<path>}. */
    public static String plainFile(DatabaseName database, SnapshotId snapshot, String path) {
        return database.value() + "/files/" + snapshot + "/" + path;
    }

    /** {@code _control/files/<database>}: versions of the plain-file layout, one a line. */
    public static String plainVersions(DatabaseName database) {
        return CONTROL + "/files/" + database.value();
    }

    /** {@code _control/sessions/<run>}: a publication that is under way. */
    public static String session(String runId) {
        return CONTROL + "/sessions/" + runId;
    }

    /** {@code _control/pending/<database>/<snapshot>}: a manifest that is about to become visible. */
    public static String pending(DatabaseName database, SnapshotId snapshot) {
        return CONTROL + "/pending/" + database.value() + "/" + snapshot;
    }

    /** {@code _control/condemned}: chunks that a collector is deleting right now, one digest a line. */
    public static String condemned() {
        return CONTROL + "/condemned";
    }

    /** {@code _control/candidates}: chunks that no kept snapshot needed when it was written, one digest a line. */
    public static String candidates() {
        return CONTROL + "/candidates";
    }

    /** {@code _control/lease}: which collector is at work. */
    public static String lease() {
        return CONTROL + "/lease";
    }
}
