package caravan.samplenode;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where a sample node keeps what, under its base directory, as a Substrate node does.
 *
 * <p>Keystore and network key lie beside the database and hold dummies that carry {@link #SECRET_MARK}: whoever finds
 * that mark in anything published has found a leak.
 */
public final class BaseDirectory {

    /** Part of every dummy secret, and of nothing else the sample node writes. */
    public static final String SECRET_MARK = "caravan-dummy-secret";

    /** Version of the database layout that Substrate's client writes for a RocksDB, as text. */
    private static final String MAIN_VERSION = "4";

    private static final String PARACHAINS_VERSION = "5";

    private final Path base;

    /** The layout under {@code base}; nothing is created or read. */
    public BaseDirectory(Path base) {
        this.base = requireNonNull(base, "base");
    }

    Path path() {
        return base;
    }

    /** {@code chains/demo}: the database root. What may be published lies in {@code db} below it. */
    public Path databaseRoot() {
        return base.resolve("chains").resolve("demo");
    }

    /** The main RocksDB. */
    public Path fullStore() {
        return databaseRoot().resolve("db").resolve("full");
    }

    /** The parachains RocksDB, which lies inside the main one's directory and is written independently of it. */
    public Path parachainsStore() {
        return fullStore().resolve("parachains").resolve("db");
    }

    /** Holds the last height committed to the main store. */
    public Path acknowledged() {
        return base.resolve("acknowledged");
    }

    /** Holds the port of the JSON-RPC server as text while the node runs. */
    public Path rpcPort() {
        return base.resolve("rpc-port");
    }

    /** Creates directories, version files and dummy secrets that are missing; touches none that is there. */
    void create() throws FailedException {
        try {
            Files.createDirectories(parachainsStore());
            writeIfMissing(fullStore().resolve("db_version"), MAIN_VERSION);
            writeIfMissing(parachainsStore().resolve("parachain_db_version"), PARACHAINS_VERSION);

            // A key file is named by key type ("babe" in hex) and public key, and holds a phrase in JSON.
            Path keystore = Files.createDirectories(databaseRoot().resolve("keystore"));
            writeIfMissing(keystore.resolve("62616265" + "ab".repeat(32)), "\"" + SECRET_MARK + " phrase\"");
            Path network = Files.createDirectories(databaseRoot().resolve("network"));
            writeIfMissing(network.resolve("secret_ed25519"), SECRET_MARK + "-of-network!");
        } catch (IOException e) {
            throw new FailedException(
                    "creating the sample node's base directory " + base + " failed: " + e,
                    "check that the directory is writable",
                    e);
        }
    }

    /** Writes {@code rpc-port}, complete or not at all. */
    void announceRpcPort(int port) throws FailedException {
        try {
            Path temporary = base.resolve("rpc-port.tmp");
            Files.writeString(temporary, port + "\n", US_ASCII);
            Files.move(temporary, rpcPort(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new FailedException(
                    "writing " + rpcPort() + " failed: " + e, "check that the directory is writable", e);
        }
    }

    private static void writeIfMissing(Path file, String text) throws IOException {
        if (Files.notExists(file)) {
            Files.writeString(file, text, US_ASCII);
        }
    }
}
