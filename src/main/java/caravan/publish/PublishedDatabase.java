package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.snapshot.DatabaseName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A database as the operator set it up.
 *
 * @param name under which it is published
 * @param root directory that holds its stores
 * @param stores their directories relative to the root; none to discover them
 * @param stage where the capture lives, on the same mount
 * @param chunkSize in bytes; 0 for each engine's own
 * @param minPeers fewest peers with which the node counts as connected
 * @param statement what to state in the record
 * @param rpc where the node answers JSON-RPC; none, or one
 * @param acceptsChangedSource whether another mount, chain or store than last time, or far fewer bytes, is what the
 *     operator wants
 */
public record PublishedDatabase(
        DatabaseName name,
        Path root,
        List<String> stores,
        Path stage,
        long chunkSize,
        int minPeers,
        Statement statement,
        List<URI> rpc,
        boolean acceptsChangedSource) {

    /** Copies the lists. */
    public PublishedDatabase {
        requireNonNull(name, "name");
        requireNonNull(root, "root");
        stores = List.copyOf(stores);
        requireNonNull(stage, "stage");
        requireNonNull(statement, "statement");
        rpc = List.copyOf(rpc);
    }

    /** Where the node answers JSON-RPC; none if it is not to be asked. */
    public Optional<URI> rpcAddress() {
        return rpc.stream().findFirst();
    }
}
