package caravan.publish;

import caravan.capture.SourceIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Tables whose checksums were found right, so that a table is read for that once in its life. It knows a file again
 * exactly as the {@link HashCache} does, and is kept in the same form, without any hash. Safe for use by many threads.
 */
final class ProvenTables implements AutoCloseable {

    private static final long WHOLE = 0;

    private final HashCache tables;

    private ProvenTables(HashCache tables) {
        this.tables = tables;
    }

    /** Opens the list in {@code file}, which need not exist. */
    static ProvenTables open(Path file) throws IOException {
        return new ProvenTables(HashCache.open(file));
    }

    /** Whether this very state of a file was found right. */
    boolean contains(SourceIdentity table) {
        return tables.find(table, WHOLE).isPresent();
    }

    /**
     * Remembers a table that was found right, unless it was modified shortly before {@code since}, when reading began.
     */
    void remember(SourceIdentity table, Instant since) throws IOException {
        tables.remember(table, WHOLE, List.of(), since);
    }

    /** Drops what is known of files for which {@code stillThere} has no path. */
    void keepOnly(Set<String> stillThere) throws IOException {
        tables.keepOnly(stillThere);
    }

    /** Drops what is known of files with these paths. */
    void forget(Set<String> paths) throws IOException {
        tables.forget(paths);
    }

    @Override
    public void close() throws IOException {
        tables.close();
    }
}
