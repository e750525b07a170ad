package caravan.restore;

import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.SnapshotRecord;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a snapshot must be, said by who wants it, so that a right signature on the wrong thing is no use to anybody.
 *
 * @param values by name: {@code chain}, {@code pruning}, {@code genesis}, {@code role}
 */
public record Expectations(Map<String, String> values) {

    /** Nothing in particular. */
    public static final Expectations NONE = new Expectations(Map.of());

    /** Copies the map. */
    public Expectations {
        values = Map.copyOf(values);
    }

    /**
     * Reads {@code chain=polkadot,pruning=archive}.
     *
     * @throws WrongUsageException if a name is unknown or given twice, or a value is missing
     */
    public static Expectations parse(String text) throws WrongUsageException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            boolean known =
                    name.equals("chain") || name.equals("pruning") || name.equals("genesis") || name.equals("role");
            if (!known
                    || equals == part.length() - 1
                    || equals < 0
                    || values.put(name, part.substring(equals + 1)) != null) {
                throw new WrongUsageException(
                        "--expect " + text + ": \"" + part + "\" is no expectation",
                        "write for example --expect chain=polkadot,pruning=archive; names: chain, pruning, genesis, role");
            }
        }
        return new Expectations(values);
    }

    /**
     * Returns if {@code record} is as expected.
     *
     * @throws RefusedException at the first difference
     */
    public void check(SnapshotRecord record) throws RefusedException {
        require("chain", record.network(), record);
        require("pruning", record.pruning(), record);
        require("genesis", record.genesis(), record);
        require("role", record.role(), record);
    }

    private void require(String name, String is, SnapshotRecord record) throws RefusedException {
        String expected = values.getOrDefault(name, is);
        if (!expected.equalsIgnoreCase(is)) {
            throw new RefusedException(
                    "snapshot " + record.snapshot() + " of " + record.database() + " has " + name + " \"" + is
                            + "\", expected \"" + expected + "\"",
                    "choose another database, or correct --expect");
        }
    }
}
