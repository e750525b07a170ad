package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotId;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The publishers' note of which versions of the plain-file layout have files in the bucket: one a line, oldest first, and
 * behind the name of one that was the latest until another replaced it {@code was-latest}.
 */
final class PlainVersions {

    private static final String WAS_LATEST = " was-latest";

    /** Most bytes of the note: a few thousand versions. */
    private static final int MOST_BYTES = 1 << 18;

    private final ObjectStore store;
    private final String key;
    private final List<String> lines;

    private PlainVersions(ObjectStore store, String key, List<String> lines) {
        this.store = store;
        this.key = key;
        this.lines = lines;
    }

    /** What the note says. */
    static PlainVersions of(ObjectStore store, DatabaseName database) throws CaravanException {
        String key = BucketPaths.plainVersions(database);
        List<String> lines = store.read(key, MOST_BYTES)
                .map(StoredObject::bytes)
                .map(bytes -> new String(bytes, UTF_8).lines().toList())
                .orElse(List.of());
        return new PlainVersions(store, key, new ArrayList<>(lines));
    }

    /** Notes a version before the first of its files is there. */
    void add(SnapshotId version) throws CaravanException {
        if (lineOf(version) < 0) {
            lines.add(version.toString());
            write();
        }
    }

    /** Notes that {@code version} is the latest until now; returns before another is. */
    void isReplaced(SnapshotId version) throws CaravanException {
        int line = lineOf(version);
        String marked = version + WAS_LATEST;
        boolean isLastMark = lines.stream()
                .filter(other -> other.endsWith(WAS_LATEST))
                .reduce((one, last) -> last)
                .filter(marked::equals)
                .isPresent();
        if (isLastMark) {
            return;
        }
        if (line >= 0) {
            lines.remove(line);
        }
        // after all that were the latest before it, and before what is newer
        int at = 0;
        for (int index = 0; index < lines.size(); index++) {
            at = lines.get(index).endsWith(WAS_LATEST) ? index + 1 : at;
        }
        lines.add(at, marked);
        write();
    }

    /** Forgets a version whose files are gone. */
    void remove(SnapshotId version) throws CaravanException {
        lines.remove(lineOf(requireNonNull(version, "version")));
        write();
    }

    /** The version that was the latest before {@code latest}, if there was one. */
    Optional<SnapshotId> before(SnapshotId latest) {
        return lines.stream()
                .filter(line -> line.endsWith(WAS_LATEST) && !line.startsWith(latest + " "))
                .reduce((one, last) -> last)
                .flatMap(PlainVersions::versionIn);
    }

    /** All of them, as far as lines can be read. */
    List<SnapshotId> all() {
        return lines.stream().flatMap(line -> versionIn(line).stream()).toList();
    }

    private int lineOf(SnapshotId version) {
        for (int index = 0; index < lines.size(); index++) {
            if (versionIn(lines.get(index)).filter(version::equals).isPresent()) {
                return index;
            }
        }
        return -1;
    }

    private static Optional<SnapshotId> versionIn(String line) {
        try {
            return Optional.of(SnapshotId.parse(
                    line.endsWith(WAS_LATEST) ? line.substring(0, line.length() - WAS_LATEST.length()) : line));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // not ours; it stays
        }
    }

    private void write() throws CaravanException {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        store.put(key, Content.of(text.toString().getBytes(UTF_8), SnapshotPublishing.TEXT, CachePolicy.MUTABLE));
    }
}
