package caravan.publish;

import caravan.capture.SourceIdentity;
import caravan.snapshot.Digest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Digests of the chunks of write-once files that were hashed before, so that a file is read once in its life.
 *
 * <p>A digest is reused only if path, device, inode, size, modification time and database identity of the file are the
 * same as when it was hashed, and never if the file had been modified within {@value #SETTLED_MILLIS} ms before its
 * first byte was hashed: such a file could change again without its time moving. Files that an engine writes in place
 * are never asked for.
 *
 * <p>Kept as lines of JSON, each behind the CRC-32C of its bytes; a line that is torn or damaged is as good as absent.
 * Safe for use by many threads.
 */
public final class HashCache implements AutoCloseable {

    private static final long SETTLED_MILLIS = 2_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;

    private final Map<String, Entry> entries = new HashMap<>();

    private BufferedWriter writer;

    private HashCache(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                parse(line).ifPresent(entry -> entries.put(entry.source().sourcePath(), entry));
            }
        }
        this.writer = appender(file);
        // A run that was killed may have left half a line; it must not swallow the next one.
        writer.write('\n');
    }

    /** Opens the cache in {@code file}, which need not exist. */
    static HashCache open(Path file) throws IOException {
        return new HashCache(file);
    }

    /** Digests of the chunks of this very state of a file, cut at {@code chunkSize}; none if it was never hashed. */
    public synchronized Optional<List<Digest>> find(SourceIdentity source, long chunkSize) {
        Entry entry = entries.get(source.sourcePath());
        return entry != null && entry.source().equals(source) && entry.chunkSize() == chunkSize
                ? Optional.of(entry.chunks())
                : Optional.empty();
    }

    /**
     * Remembers the digests of a file that was hashed, unless it was modified too shortly before.
     *
     * @param since when the hashing began
     */
    public synchronized void remember(SourceIdentity source, long chunkSize, List<Digest> chunks, Instant since)
            throws IOException {
        if (since.toEpochMilli() - source.modifiedNanos() / 1_000_000 < SETTLED_MILLIS) {
            return;
        }
        Entry entry = new Entry(source, chunkSize, List.copyOf(chunks));
        if (entry.equals(entries.put(source.sourcePath(), entry))) {
            return;
        }
        writer.write(line(entry));
        writer.flush();
    }

    /** Drops what is known of files for which {@code stillThere} has no path, and rewrites the file. */
    synchronized void keepOnly(Set<String> stillThere) throws IOException {
        entries.keySet().retainAll(stillThere);
        rewrite();
    }

    /** Drops what is known of files with these paths: they are read anew. */
    synchronized void forget(Set<String> paths) throws IOException {
        if (entries.keySet().removeAll(paths)) {
            rewrite();
        }
    }

    private void rewrite() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (BufferedWriter rewritten = Files.newBufferedWriter(next, StandardCharsets.UTF_8)) {
            for (Entry entry : entries.values()) {
                rewritten.write(line(entry));
            }
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        writer.close();
        writer = appender(file);
    }

    private static BufferedWriter appender(Path file) throws IOException {
        return Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Override
    public synchronized void close() throws IOException {
        writer.close();
    }

    private record Entry(SourceIdentity source, long chunkSize, List<Digest> chunks) {}

    private static String line(Entry entry) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            SourceIdentity source = entry.source();
            json.writeStartArray();
            json.writeString(source.sourcePath());
            json.writeNumber(source.device());
            json.writeNumber(source.inode());
            json.writeNumber(source.size());
            json.writeNumber(source.modifiedNanos());
            json.writeString(source.databaseIdentity());
            json.writeNumber(entry.chunkSize());
            for (Digest chunk : entry.chunks()) {
                json.writeString(chunk.hex());
            }
            json.writeEndArray();
        }
        return checkOf(text.toString().getBytes(StandardCharsets.UTF_8)) + " " + text + "\n";
    }

    private static Optional<Entry> parse(String rawLine) {
        byte[] bytes = rawLine.getBytes(StandardCharsets.ISO_8859_1);
        String line = new String(bytes, StandardCharsets.UTF_8);
        int space = line.indexOf(' ');
        if (space < 0) {
            return Optional.empty();
        }
        String text = line.substring(space + 1);
        if (!checkOf(text.getBytes(StandardCharsets.UTF_8)).equals(line.substring(0, space))) {
            return Optional.empty();
        }
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            String path = json.nextTextValue();
            SourceIdentity source = new SourceIdentity(
                    path,
                    json.nextLongValue(-1),
                    json.nextLongValue(-1),
                    json.nextLongValue(-1),
                    json.nextLongValue(-1),
                    json.nextTextValue());
            long chunkSize = json.nextLongValue(-1);
            List<Digest> chunks = new ArrayList<>();
            while (json.nextToken() == JsonToken.VALUE_STRING) {
                chunks.add(Digest.fromHex(json.getText()));
            }
            return Optional.of(new Entry(source, chunkSize, List.copyOf(chunks)));
        } catch (IOException e) {
            // A line with a right checksum that is no entry: another version wrote it.
            return Optional.empty();
        }
    }

    private static String checkOf(byte[] bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes);
        return HexFormat.of().toHexDigits((int) check.getValue());
    }
}
