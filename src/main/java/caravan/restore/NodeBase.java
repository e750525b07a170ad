package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.DatabaseStore;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The base path of a Substrate node, and where below it the node looks for its database: {@code
 * chains/<id>/db/full} for RocksDB, {@code chains/<id>/paritydb/full} for ParityDB.
 *
 * @param directory what the node is given as {@code --base-path}; must exist
 * @param chain name of the network or id of its chain; empty: what the snapshot says
 */
public record NodeBase(Path directory, String chain) implements Destination {

    /** Ids in the chain specifications of polkadot-sdk, by the name of the network. */
    private static final Map<String, String> IDS = Map.of(
            "polkadot", "polkadot",
            "kusama", "ksmcc3",
            "westend", "westend2",
            "paseo", "paseo",
            "rococo", "rococo_v2_2");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    /** Checks the name. */
    public NodeBase {
        requireNonNull(directory, "directory");
        requireNonNull(chain, "chain");
    }

    /**
     * A base path as a user gives it.
     *
     * @throws WrongUsageException if {@code chain} cannot be the name of a directory
     */
    public static NodeBase parse(Path directory, String chain) throws WrongUsageException {
        if (!chain.isEmpty() && !ID.matcher(chain).matches()) {
            throw new WrongUsageException(
                    "--chain " + chain + " is no chain", "write for example --chain polkadot or --chain ksmcc3");
        }
        return new NodeBase(directory, chain);
    }

    @Override
    public Path of(SnapshotRecord record, ManifestHeader header) throws CaravanException {
        Path root = directory.resolve("chains").resolve(id(record)).resolve(inChain(header));
        if (!Files.isDirectory(directory)) {
            throw new RefusedException(
                    "the node's base path " + directory + " does not exist",
                    "is the disk mounted? If it is to be made: mkdir -p " + directory);
        }
        return root;
    }

    private String id(SnapshotRecord record) throws CaravanException {
        String network = record.network().toLowerCase(Locale.ROOT);
        String ofSnapshot = IDS.getOrDefault(network, IDS.containsValue(network) ? network : "");
        String asked = IDS.getOrDefault(chain.toLowerCase(Locale.ROOT), chain);
        if (asked.isEmpty() && ofSnapshot.isEmpty()) {
            throw new WrongUsageException(
                    "the snapshot is of network \"" + record.network() + "\", whose directory below a base path is not"
                            + " known",
                    "name the chain's id: --chain ID, as the node's directory below chains/ is called");
        }
        if (!asked.isEmpty() && !ofSnapshot.isEmpty() && !asked.equals(ofSnapshot)) {
            throw new RefusedException(
                    "snapshot " + record.snapshot() + " of " + record.database() + " is of network \""
                            + record.network() + "\", not of " + chain,
                    "choose another database, or correct --chain");
        }
        return asked.isEmpty() ? ofSnapshot : asked;
    }

    /** Usually the snapshot's root is the chain's directory; it may also be one store alone. */
    private static String inChain(ManifestHeader header) throws RefusedException {
        List<DatabaseStore> stores = header.stores();
        if (stores.stream().noneMatch(store -> store.path().isEmpty())) {
            requireNodePaths(stores);
            return "";
        }
        Engine engine = stores.stream()
                .filter(store -> store.path().isEmpty())
                .findFirst()
                .orElseThrow()
                .engine();
        return switch (engine) {
            case ROCKSDB -> "db/full";
            case PARITYDB -> "paritydb/full";
            case UNKNOWN ->
                throw new RefusedException(
                        "the snapshot's engine is not known, nor where a node looks for such a database",
                        "give the directory itself: fetch URL DIR");
        };
    }

    private static void requireNodePaths(List<DatabaseStore> stores) throws RefusedException {
        for (DatabaseStore store : stores) {
            String top = store.engine() == Engine.PARITYDB ? "paritydb/" : "db/";
            if (store.engine() != Engine.UNKNOWN && !store.path().startsWith(top)) {
                throw new RefusedException(
                        "the snapshot has a store at " + store.path() + ", where no node looks for it",
                        "give the directory itself: fetch URL DIR");
            }
        }
    }
}
