package caravan.manifest;

import caravan.failure.RefusedException;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.StoredAs;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a manifest as a stream: the header at once, then {@link #file} for each file and {@link #directory} for each
 * empty directory, both sorted, then {@link #finish}. The same tree gives the same bytes.
 *
 * <p>Not thread safe. Does not close the stream. After a failure what was written is worthless.
 */
public final class ManifestWriter {

    private final JsonGenerator json;
    private final OutputStream out;
    private final ManifestRules rules;

    /**
     * Writes the header.
     *
     * @throws RefusedException if the stores cannot be published side by side
     */
    public ManifestWriter(OutputStream out, ManifestHeader header) throws IOException, RefusedException {
        this.out = out;
        json = CompactJson.to(out);
        try {
            rules = new ManifestRules(header);
            writeHeader(header);
        } catch (IllegalArgumentException e) {
            throw refused("the stores of " + header.database(), e);
        }
    }

    /**
     * Writes the next file.
     *
     * @throws RefusedException if a client would refuse it: it is out of order, lies in no store, is not cut by its
     *     store's rule, or its name collides with one before on some file system
     */
    public void file(FileEntry file) throws IOException, RefusedException {
        try {
            rules.file(file);
        } catch (IllegalArgumentException e) {
            throw refused("the file " + file.path(), e);
        }
        json.writeStartObject();
        json.writeStringField("path", file.path().value());
        json.writeNumberField("size", file.size());
        json.writeArrayFieldStart("chunks");
        for (ChunkRef chunk : file.chunks()) {
            writeChunk(chunk);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /**
     * Writes the next empty directory.
     *
     * @throws RefusedException if it is out of order, is not empty, or collides with a name before
     */
    public void directory(SnapshotPath path) throws IOException, RefusedException {
        try {
            rules.directory(path);
        } catch (IllegalArgumentException e) {
            throw refused("the directory " + path, e);
        }
        json.writeStartObject();
        json.writeStringField("directory", path.value());
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /**
     * Writes the last line and flushes.
     *
     * @throws RefusedException if a store has no file, or not the one that makes it openable
     */
    public ManifestTotals finish() throws IOException, RefusedException {
        ManifestTotals totals = complete();
        json.writeStartObject();
        CompactJson.writeTotals(json, totals);
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
        out.flush();
        return totals;
    }

    private ManifestTotals complete() throws RefusedException {
        try {
            return rules.complete();
        } catch (IllegalArgumentException e) {
            throw refused("the stores", e);
        }
    }

    private void writeHeader(ManifestHeader header) throws IOException {
        json.writeStartObject();
        json.writeStringField("format", ManifestHeader.FORMAT);
        json.writeStringField("database", header.database().value());
        json.writeStringField("snapshot", header.snapshot().toString());
        json.writeArrayFieldStart("stores");
        for (DatabaseStore store : header.stores()) {
            json.writeStartObject();
            json.writeStringField("path", store.path());
            json.writeStringField("engine", store.engine().wireName());
            json.writeStringField("seal", store.seal());
            CompactJson.writeText(json, "capture", store.captureMode());
            CompactJson.writeText(json, "verification", store.verification());
            json.writeNumberField("chunkSize", store.chunkSize());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
    }

    private void writeChunk(ChunkRef chunk) throws IOException {
        json.writeStartArray();
        json.writeString(chunk.digest().hex());
        json.writeNumber(chunk.size());
        if (chunk.storedAs() instanceof StoredAs.Zstandard stored) {
            json.writeStartObject();
            json.writeStringField("encoding", "zst");
            json.writeNumberField("size", stored.size());
            CompactJson.writeDigest(json, stored.digest());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static RefusedException refused(String what, IllegalArgumentException cause) {
        return new RefusedException(
                "cannot publish " + what + ": " + cause.getMessage(),
                "a client could not restore it on every system; nothing was published",
                cause);
    }
}
