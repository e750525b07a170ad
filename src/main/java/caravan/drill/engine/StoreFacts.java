package caravan.drill.engine;

import static java.util.Objects.requireNonNull;

/**
 * What was found in a RocksDB that opens.
 *
 * @param columns column families
 * @param unopened of these, the ones whose keys have an order of the node's own, which only the node can open
 * @param keys in all columns, by RocksDB's own estimate
 * @param best block number of a Substrate node's best block; 0 if there is none
 * @param finalized block number of the last finalized block; 0 if there is none
 * @param genesis hash of the chain's first block, {@code 0x…}; empty if there is none
 */
public record StoreFacts(int columns, int unopened, long keys, long best, long finalized, String genesis) {

    /** Nothing is null. */
    public StoreFacts {
        requireNonNull(genesis, "genesis");
    }

    /** For {@link #parse}. */
    String toLine() {
        return columns + " " + unopened + " " + keys + " " + best + " " + finalized + " "
                + (genesis.isEmpty() ? "-" : genesis);
    }

    static StoreFacts parse(String line) {
        String[] parts = line.split(" ", -1);
        if (parts.length != 6) {
            throw new IllegalArgumentException("these are no facts: " + line);
        }
        return new StoreFacts(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]),
                parts[5].equals("-") ? "" : parts[5]);
    }
}
