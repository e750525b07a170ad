package caravan.snapshot;

import java.util.Arrays;
import java.util.Locale;

/** The kind of database a store is, which decides how it may be captured and which file makes it openable. */
public enum Engine {
    /** Write-once SST files under a MANIFEST, log files that only grow; {@code CURRENT} names the MANIFEST. */
    ROCKSDB("CURRENT", "LOCK", 64L << 20),
    /** Tables and indexes that are written in place; {@code metadata} makes it openable. */
    PARITYDB("metadata", "lock", 16L << 20),
    /** Anything else. It has no seal that we know. */
    UNKNOWN("", "", 16L << 20);

    private final String seal;
    private final String lockFile;
    private final long defaultChunkSize;

    Engine(String seal, String lockFile, long defaultChunkSize) {
        this.seal = seal;
        this.lockFile = lockFile;
        this.defaultChunkSize = defaultChunkSize;
    }

    /** File name, directly in the store's directory, without which the engine does not open; empty if none is known. */
    public String seal() {
        return seal;
    }

    /** File name, directly in the store's directory, which the engine locks while it is open; empty if none is known. */
    public String lockFile() {
        return lockFile;
    }

    /** Bytes of a chunk where no setting says otherwise. */
    public long defaultChunkSize() {
        return defaultChunkSize;
    }

    /** Name in manifests and records: {@code rocksdb}, {@code paritydb}, {@code unknown}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The engine with this {@link #wireName}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Engine fromWireName(String name) {
        return Arrays.stream(values())
                .filter(engine -> engine.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine is called \"" + name + "\""));
    }
}
