package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.failure.TransientException;
import caravan.restore.source.Retries;
import caravan.signature.TrustedKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host of which some addresses swallow what is sent to them, the first one by IPv6: both clients go on by the last. */
@Timeout(120)
class BlackHoleTest {

    private static final String HOST = "snapshots.test";

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(25_000, 1));
    private final List<Socket> waiting = new ArrayList<>();
    private final List<ServerSocket> holes = new ArrayList<>();
    private Path hosts;
    private URI base;
    private String url;

    @BeforeEach
    void start() throws Exception {
        demo.publishLatest(tree, 1);
        base = URI.create(server.base());
        url = "http://" + HOST + ":" + base.getPort() + base.getPath() + "/demo";
        hosts = demo.directory().resolve("hosts");
        dig("::1");
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : waiting) {
            socket.close();
        }
        for (ServerSocket hole : holes) {
            hole.close();
        }
    }

    @Test
    void theScriptGoesOnByIpv4() throws Exception {
        List<String> named = List.of("unshare", "-m", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"");
        assumeTrue(
                SyncScript.end(process(named, hosts.toString(), "getent", "ahosts", HOST))
                        .output()
                        .startsWith("::1 "),
                "names cannot be given here, or IPv4 comes first");
        ProcessBuilder plain = demo.script().process(url, target, "--parallel", "2");

        List<String> command = new ArrayList<>(List.of(hosts.toString()));
        command.addAll(plain.command());
        SyncScript.end(process(named, command.toArray(String[]::new))).done();

        Trees.assertExact(target, tree);
    }

    @Test
    void theJavaClientGoesOnByIpv4() throws Exception {
        SyncScript.Ended ended = fetch(Duration.ofSeconds(1));

        assertThat(ended.status()).as(ended.output()).isZero();
        assertThat(ended.output()).startsWith(HOST + "/0:0:0:0:0:0:0:1 ");
        Trees.assertExact(target, tree);
    }

    @Test
    void theJavaClientGoesOnByTheThirdOfThreeAddresses() throws Exception {
        dig("127.0.0.2");

        SyncScript.Ended ended = fetch(Duration.ofSeconds(1));

        assertThat(ended.status()).as(ended.output()).isZero();
        Trees.assertExact(target, tree);
    }

    @Test
    void whereThePatienceIsOverBeforeAnAddressAnswersItMayWorkLater() throws Exception {
        for (int number = 2; number < 7; number++) {
            dig("127.0.0." + number);
        }

        SyncScript.Ended ended = fetch(Duration.ofMillis(200));

        assertThat(ended.status()).isOne();
        assertThat(ended.output()).contains("Exception in thread \"main\" " + TransientException.class.getName());
        assertThat(target).doesNotExist();
    }

    private SyncScript.Ended fetch(Duration patience) throws Exception {
        ProcessBuilder client = JavaProcess.of(
                BlackHoleTest.class,
                url,
                target.toString(),
                demo.key().fingerprint(),
                demo.state().toString(),
                patience.toString());
        client.command().addAll(1, List.of("-Djdk.net.hosts.file=" + hosts, "-Djava.net.preferIPv6Addresses=true"));
        return SyncScript.end(client);
    }

    /** Restores; arguments are URL, directory, fingerprint, state directory and patience. */
    public static void main(String[] arguments) throws Exception {
        System.out.println(InetAddress.getAllByName(HOST)[0] + " is asked first");
        ClientSettings settings = ClientSettings.of(TrustedKeys.parseOption(arguments[2]), Path.of(arguments[3]))
                .withParallel(2)
                .withPatience(
                        Duration.parse(arguments[4]),
                        new Retries(Duration.ofMillis(10), Duration.ofMillis(50), () -> 0.5));
        new Fetch(settings, Clock.systemUTC(), new Progress(), found -> {})
                .run(SnapshotLocation.parse(arguments[0]), Path.of(arguments[1]), Expectations.NONE);
    }

    /**
     * Nobody takes the connections that wait at this address, and there is no place for more: no packet is answered. The
     * address comes after the other ones, and before the one that answers.
     */
    private void dig(String literal) throws IOException {
        InetAddress address = InetAddress.getByName(literal);
        try {
            holes.add(new ServerSocket(base.getPort(), 1, address));
        } catch (IOException e) {
            assumeTrue(false, "no " + literal + " here: " + e.getMessage());
        }
        StringBuilder names = new StringBuilder("127.0.0.1 localhost\n");
        for (ServerSocket hole : holes) {
            names.append(hole.getInetAddress().getHostAddress())
                    .append(' ')
                    .append(HOST)
                    .append('\n');
        }
        Files.writeString(hosts, names + "127.0.0.1 " + HOST + "\n");
        for (int count = 0; count < 20; count++) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(new InetSocketAddress(address, base.getPort()), 300);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        fail("connections are still taken");
    }

    private static ProcessBuilder process(List<String> first, String... then) {
        List<String> command = new ArrayList<>(first);
        command.addAll(List.of(then));
        return new ProcessBuilder(command);
    }
}
