package caravan.watch;

import static java.util.Objects.requireNonNull;

/**
 * What a node says about itself just before its database is captured. Texts that are not known are empty.
 *
 * @param chain name of the chain
 * @param version of the node
 * @param genesis hash of block 0, {@code 0x…}
 * @param height of the last finalized block; the database has at least that when it is captured later
 * @param blockHash of the block at {@code height}
 * @param source {@code rpc}, or {@code unknown} if there is no node to ask
 */
public record NodeFacts(String chain, String version, String genesis, long height, String blockHash, String source) {

    /** Nothing is known, because no address of the node is set. */
    public static final NodeFacts UNKNOWN = new NodeFacts("", "", "", 0, "", "unknown");

    /** Checks that nothing is null. */
    public NodeFacts {
        requireNonNull(chain, "chain");
        requireNonNull(version, "version");
        requireNonNull(genesis, "genesis");
        requireNonNull(blockHash, "blockHash");
        requireNonNull(source, "source");
    }
}
