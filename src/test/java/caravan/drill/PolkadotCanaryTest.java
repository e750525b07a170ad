package caravan.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.app.pipeline.SampleDatabase;
import caravan.samplenode.SampleNode;
import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The canary that is delivered for Polkadot, with a sample node that takes the place of the real one. */
@Timeout(120)
final class PolkadotCanaryTest {

    @TempDir
    Path directory;

    private SampleDatabase database;

    private Path node;

    @BeforeEach
    void makeNode() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "curl is not installed");
        database = SampleDatabase.fill(directory.resolve("node"), "200KB");
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        node = directory.resolve("polkadot");
        // It says what chain it knows, and runs a node on the base path and RPC port that it is given.
        Files.writeString(node, """
                #!/bin/sh
                if [ "$1" = build-spec ]; then
                    printf '{\\n  "name": "Demo",\\n  "id": "demo"\\n}\\n'
                    exit
                fi
                while [ $# -gt 0 ]; do
                    case $1 in
                        --base-path) base=$2 ;;
                        --rpc-port) port=$2 ;;
                    esac
                    shift
                done
                exec '%s' -XX:TieredStopAtLevel=1 -Djava.io.tmpdir='%s' -cp '%s' %s --base-path "$base" \\
                    --rpc-port "$port" --batches-per-second 0
                """.formatted(
                        java, directory, System.getProperty("java.class.path"), SampleNode.class.getName()));
        Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void nodeThatIsAtItsBlockIsGoodAndOneThatIsBehindOrDoesNotOpenIsNot() throws Exception {
        long height = SampleDatabase.heightOf(database.root());
        assertThat(judge(1)).isEmpty();
        assertThat(judge(height + 1).orElseThrow()).contains("and should be at " + (height + 1) + " at least");

        Files.delete(database.root().resolve("db/full/CURRENT"));
        Files.writeString(database.root().resolve("db/full/CURRENT"), "caravan: restore incomplete\n");
        assertThat(judge(1).orElseThrow()).contains("the node ended");
    }

    private static int freePort() throws Exception {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Optional<String> judge(long height) throws Exception {
        String script = new File("deploy/canary-polkadot.sh").getAbsolutePath();
        return new Canary(
                        new CanaryCommand(
                                "NODE='" + node + "' PORT=" + freePort() + " " + script, Duration.ofSeconds(60)),
                        Duration.ofSeconds(5))
                .judge(
                        database.root(),
                        Map.of(
                                "CARAVAN_DIRECTORY",
                                database.root().toString(),
                                "CARAVAN_NETWORK",
                                "demo",
                                "CARAVAN_HEIGHT",
                                Long.toString(height)));
    }
}
