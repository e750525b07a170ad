package caravan.publish;

import caravan.snapshot.Digest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Chunks that are known to be right in the bucket, although no published snapshot names them yet: those of runs that
 * did not come to their end. Without it, a run that goes on where another ended would read all of them again from a
 * store that cannot say what it has.
 *
 * <p>Kept as one line for each; a line that is torn counts for nothing. Losing the file costs downloads. Safe for use
 * by many threads.
 */
final class ProvenChunks implements AutoCloseable {

    private final Path file;

    private final Set<Digest> known = new HashSet<>();

    private BufferedWriter writer;

    private ProvenChunks(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                parse(line).ifPresent(known::add);
            }
        }
        writer = appender();
        // A run that was killed may have left half a line; it must not swallow the next one.
        writer.write('\n');
    }

    /** Opens the list in {@code file}, which need not exist. */
    static ProvenChunks open(Path file) throws IOException {
        return new ProvenChunks(file);
    }

    /** Whether {@code chunk} was proven to be right in the bucket that is called {@code place}. */
    synchronized boolean contains(String place, Digest chunk) {
        return known.contains(lineFor(place, chunk));
    }

    /** Remembers that it was. */
    synchronized void remember(String place, Digest chunk) throws IOException {
        Digest line = lineFor(place, chunk);
        if (known.add(line)) {
            writer.write(line.hex());
            writer.write('\n');
            writer.flush();
        }
    }

    /** Forgets all: a published snapshot names them now. */
    synchronized void clear() throws IOException {
        known.clear();
        writer.close();
        Files.deleteIfExists(file);
        writer = appender();
    }

    @Override
    public synchronized void close() throws IOException {
        writer.close();
    }

    /** What is right in one bucket says nothing about another, so a line stands for both. */
    private static Digest lineFor(String place, Digest chunk) {
        return Digest.of((chunk.hex() + " in " + place).getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Digest> parse(String line) {
        try {
            return Optional.of(Digest.fromHex(line));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private BufferedWriter appender() throws IOException {
        return Files.newBufferedWriter(
                file, StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
