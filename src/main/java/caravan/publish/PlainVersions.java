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
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The publishers' note of which versions of the plain-file layout have files in the bucket: one a line, oldest first.
 * Behind the name of one that was the latest until another replaced it, {@code was-latest} and the moment; behind one
 * of which only the list is left, {@code emptied}.
 */
final class PlainVersions {

    private static final String WAS_LATEST = " was-latest";

    private static final String EMPTIED = " emptied";

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

    /** Notes that {@code version} is the latest until {@code now}; returns before another is. */
    void isReplaced(SnapshotId version, Instant now) throws CaravanException {
        int line = lineOf(version);
        boolean isLastMark = lines.stream()
                .filter(PlainVersions::wasLatest)
                .reduce((one, last) -> last)
                .flatMap(PlainVersions::versionIn)
                .filter(version::equals)
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
            at = wasLatest(lines.get(index)) ? index + 1 : at;
        }
        lines.add(at, version + WAS_LATEST + " " + now.truncatedTo(ChronoUnit.SECONDS));
        write();
    }

    /** Notes that of {@code version} only the list of its files is left. */
    void isEmptied(SnapshotId version) throws CaravanException {
        lines.set(lineOf(version), version + EMPTIED);
        write();
    }

    /** Whether only the list of its files is left. */
    boolean wasEmptied(SnapshotId version) {
        return lines.get(lineOf(version)).endsWith(EMPTIED);
    }

    /** When {@code version} ceased to be the latest, if it was that and the note says when. */
    Optional<Instant> replacedAt(SnapshotId version) {
        String line = lines.get(lineOf(version));
        String moment = wasLatest(line)
                ? line.substring(line.indexOf(WAS_LATEST) + WAS_LATEST.length()).strip()
                : "";
        try {
            return moment.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(moment));
        } catch (DateTimeParseException e) {
            return Optional.empty(); // as in a note of an older release, which had none
        }
    }

    /** Forgets a version whose files are gone. */
    void remove(SnapshotId version) throws CaravanException {
        lines.remove(lineOf(requireNonNull(version, "version")));
        write();
    }

    /** The version that was the latest before {@code latest}, if there was one. */
    Optional<SnapshotId> before(SnapshotId latest) {
        return lines.stream()
                .filter(line -> wasLatest(line) && !line.startsWith(latest + " "))
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

    private static boolean wasLatest(String line) {
        return line.endsWith(WAS_LATEST) || line.contains(WAS_LATEST + " ");
    }

    private static Optional<SnapshotId> versionIn(String line) {
        try {
            boolean isMarked = wasLatest(line) || line.endsWith(EMPTIED);
            return Optional.of(SnapshotId.parse(isMarked ? line.substring(0, line.indexOf(' ')) : line));
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
