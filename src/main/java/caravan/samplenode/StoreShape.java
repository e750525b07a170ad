package caravan.samplenode;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a sample store is made of. It is fixed when the store is created and kept inside it, so that a check needs
 * nothing but the store.
 *
 * @param name tells stores apart: two names give different keys, values and hashes at every height
 * @param window how many heights keep their entries; older ones are deleted one by one
 * @param meanValueBytes average size of the value that one height writes to column family {@code colN}, by N
 */
record StoreShape(String name, long window, List<Integer> meanValueBytes) {

    /** As Substrate's client has them: col1 is the state, with most of the bytes; col5 holds the block bodies. */
    private static final List<Integer> NODE_COLUMNS =
            List.of(48, 10_240, 64, 40, 320, 1_024, 128, 40, 64, 64, 40, 256, 40);

    /** Many small entries: the work of a store is in its batches, not in its bytes. */
    private static final List<Integer> SMALL_COLUMNS = List.of(48, 320, 64, 40, 96, 160, 64, 40, 64, 64, 40, 96, 40);

    /** The relay chain's parachains database has five columns. */
    private static final List<Integer> PARACHAINS_COLUMNS = List.of(256, 512, 128, 64, 128);

    StoreShape {
        requireNonNull(name, "name");
        meanValueBytes = List.copyOf(meanValueBytes);
        if (window < 1 || meanValueBytes.isEmpty()) {
            throw new IllegalArgumentException("window " + window + " over " + meanValueBytes.size() + " columns");
        }
    }

    /** The node's main database when it holds about {@code initialBytes} and then stays about as large. */
    static StoreShape main(Profile profile, long initialBytes) {
        List<Integer> columns = profile == Profile.TORTURE ? SMALL_COLUMNS : NODE_COLUMNS;
        return new StoreShape("main", profile.window(), columns).holding(initialBytes);
    }

    /** The parachains database of a relay chain node. */
    static StoreShape parachains(Profile profile, long initialBytes) {
        return new StoreShape("parachains", profile.window() / 4, PARACHAINS_COLUMNS).holding(initialBytes);
    }

    private StoreShape holding(long bytes) {
        return new StoreShape(name, Math.max(window, heightHolding(bytes)), meanValueBytes);
    }

    /** The height at which a store that deleted nothing so far holds about {@code bytes} on disk. */
    long heightHolding(long bytes) {
        return bytes / (storedBytesPerHeight() + 1);
    }

    private long storedBytesPerHeight() {
        long valueBytes = meanValueBytes.stream().mapToLong(Integer::longValue).sum();
        return valueBytes * StoreContents.INCOMPRESSIBLE_PARTS / StoreContents.VALUE_PARTS
                + (long) StoreContents.KEY_BYTES * columns();
    }

    int columns() {
        return meanValueBytes.size();
    }

    /** Names of the column families in the order of their RocksDB ids, {@code default} first. */
    List<String> columnFamilies() {
        return Stream.concat(
                        Stream.of("default"),
                        Stream.iterate(0, n -> n < columns(), n -> n + 1).map(n -> "col" + n))
                .collect(Collectors.toUnmodifiableList());
    }

    /** One line of text, as it is kept in the store. */
    byte[] toBytes() {
        String sizes = meanValueBytes.stream().map(String::valueOf).collect(Collectors.joining(","));
        return (name + " " + window + " " + sizes).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws IllegalArgumentException if {@code bytes} are anything else
     */
    static StoreShape fromBytes(byte[] bytes) {
        String[] words = new String(bytes, StandardCharsets.UTF_8).split(" ", -1);
        if (words.length != 3) {
            throw new IllegalArgumentException("not the shape of a sample store");
        }
        List<Integer> sizes =
                Stream.of(words[2].split(",", -1)).map(Integer::valueOf).collect(Collectors.toUnmodifiableList());
        return new StoreShape(words[0], Long.parseLong(words[1]), sizes);
    }
}
