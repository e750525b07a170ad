package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.failure.RefusedException;
import caravan.snapshot.DatabaseName;
import caravan.watch.NodeFacts;
import java.util.Locale;

/**
 * What the operator states about a database in its records. What is empty is not stated.
 *
 * @param network else it is what the node calls its chain
 * @param genesis hash of block 0, {@code 0x…}; else it is what the node says
 * @param role for example {@code archive}
 * @param pruning for example {@code 256}
 */
public record Statement(String network, String genesis, String role, String pruning) {

    /** Checks that nothing is null. */
    public Statement {
        requireNonNull(network, "network");
        requireNonNull(genesis, "genesis");
        requireNonNull(role, "role");
        requireNonNull(pruning, "pruning");
    }

    /** The network to record. */
    String networkOf(NodeFacts node) {
        return network.isEmpty() ? node.chain() : network;
    }

    /** The genesis to record. */
    String genesisOf(NodeFacts node) {
        return genesis.isEmpty() ? node.genesis() : genesis;
    }

    /**
     * Refuses a node of another chain than stated. Names of chains have several spellings; a genesis has one.
     *
     * @param node what it said just now; what it did not say is not held against it
     */
    void requireNotDenied(DatabaseName database, NodeFacts node) throws RefusedException {
        if (genesis.isEmpty() || node.genesis().isEmpty() || isSame(genesis, node.genesis())) {
            return;
        }
        throw new RefusedException(
                "publish " + database + ": its node is of the chain that begins with " + node.genesis() + " ("
                        + node.chain() + "), but caravan.database." + database + ".genesis states " + genesis,
                "do directory and rpc-url belong to this database? If so, correct the setting");
    }

    private static boolean isSame(String one, String other) {
        return one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT));
    }
}
