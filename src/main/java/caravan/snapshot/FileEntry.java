package caravan.snapshot;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * One file of a snapshot and the chunks it is made of.
 *
 * @param path relative to the database's root
 * @param size bytes; the sum of the chunks' sizes
 * @param chunks in file order; none for an empty file
 */
public record FileEntry(SnapshotPath path, long size, List<ChunkRef> chunks) {

    public FileEntry {
        requireNonNull(path, "path");
        chunks = List.copyOf(chunks);
        long sum = 0;
        for (ChunkRef chunk : chunks) {
            sum = Math.addExact(sum, chunk.size());
        }
        if (sum != size) {
            throw new IllegalArgumentException(
                    "the chunks of " + path.value() + " have " + sum + " bytes, the file has " + size);
        }
    }
}
