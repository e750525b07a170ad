package caravan.snapshot;

import static java.util.Objects.requireNonNull;

/**
 * One engine's directory inside a snapshot.
 *
 * @param path directory relative to the database's root; empty if the root itself is the store
 * @param engine what wrote it
 * @param captureMode how it was captured: {@code live}, {@code freeze}, {@code stop}, {@code hook} or {@code copy}
 * @param verification what was checked before it was published, for example {@code structure, checksums}
 * @param chunkSize of the {@link CutRule} of its files
 */
public record DatabaseStore(String path, Engine engine, String captureMode, String verification, long chunkSize) {

    /** Checks the path by the rule of {@link SnapshotPath}. */
    public DatabaseStore {
        requireNonNull(engine, "engine");
        requireNonNull(captureMode, "captureMode");
        requireNonNull(verification, "verification");
        if (!path.isEmpty()) {
            path = new SnapshotPath(path).value();
        }
        chunkSize = new CutRule(chunkSize).chunkSize();
    }

    /** Path of the file that makes this store openable, relative to the root; empty if the engine has none. */
    public String seal() {
        return below(engine.seal());
    }

    /** Path of the file that the engine locks, relative to the root, which no snapshot has; empty if none is known. */
    public String lockFile() {
        return below(engine.lockFile());
    }

    private String below(String name) {
        return name.isEmpty() || path.isEmpty() ? name : path + "/" + name;
    }

    /** Whether {@code file} lies in this store's directory, however deep. */
    public boolean holds(SnapshotPath file) {
        return path.isEmpty() || file.value().startsWith(path + "/");
    }

    /** The same with one thing more that was checked. */
    public DatabaseStore withVerification(String more) {
        return new DatabaseStore(path, engine, captureMode, verification + ", " + more, chunkSize);
    }
}
