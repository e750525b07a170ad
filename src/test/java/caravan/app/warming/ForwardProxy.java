package caravan.app.warming;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Proxies as somebody would run one in a region: tinyproxy and squid as Debian has them, and a SOCKS server. */
public final class ForwardProxy implements AutoCloseable {

    private final String vantage;

    private final Closeable server;

    private final Path output;

    private final Set<String> names = ConcurrentHashMap.newKeySet();

    private ForwardProxy(String vantage, Closeable server, Path output) {
        this.vantage = vantage;
        this.server = server;
        this.output = output;
    }

    /** Starts tinyproxy; skips the test where it is not installed. */
    public static ForwardProxy tinyproxy(Path directory) throws IOException {
        NginxEdges.assumeInstalled("tinyproxy");
        int port = NginxEdges.freePort();
        Path config = Files.writeString(directory.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                Allow 127.0.0.1
                Timeout 60
                MaxClients 50
                ViaProxyName "tinyproxy"
                """.formatted(port));
        return program(port, directory, "tinyproxy", "-d", "-c", config.toString());
    }

    /** Starts squid; skips the test where it is not installed. */
    public static ForwardProxy squid(Path directory) throws IOException {
        NginxEdges.assumeInstalled("squid");
        int port = NginxEdges.freePort();
        Path config = Files.writeString(directory.resolve("squid.conf"), """
                http_port 127.0.0.1:%d
                http_access allow all
                cache deny all
                cache_log /dev/null
                access_log none
                pid_filename none
                netdb_filename none
                pinger_enable off
                visible_hostname squid.test
                shutdown_lifetime 0 seconds
                """.formatted(port));
        return program(port, directory, "squid", "-N", "-f", config.toString());
    }

    /** A SOCKS server that connects to {@code target} whatever it is asked for. */
    public static ForwardProxy socks(int target) throws IOException {
        ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ForwardProxy proxy = new ForwardProxy("proxy:socks5://127.0.0.1:" + listening.getLocalPort(), listening, null);
        inBackground(() -> {
            while (true) {
                Socket client = listening.accept();
                inBackground(() -> proxy.serve(client, target));
            }
        });
        return proxy;
    }

    /** Its text form as a vantage. */
    public String vantage() {
        return vantage;
    }

    /** What a program has written, which may be what it was asked for. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    /** Names that a SOCKS server was asked for. */
    public Set<String> names() {
        return Set.copyOf(names);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static ForwardProxy program(int port, Path directory, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.add(0, NginxEdges.program(name).toString());
        Path output = directory.resolve(name + ".output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        NginxEdges.awaitListening(port, process);
        return new ForwardProxy(
                "proxy:http://127.0.0.1:" + port,
                () -> {
                    process.destroyForcibly().onExit().join();
                },
                output);
    }

    private void serve(Socket client, int target) throws IOException {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            in.skipNBytes(1);
            in.skipNBytes(in.readUnsignedByte());
            out.write(new byte[] {5, 0});
            in.skipNBytes(3);
            names.add(nameIn(in));
            in.skipNBytes(2);
            out.write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
            inBackground(() -> in.transferTo(server.getOutputStream()));
            InputStream answers = server.getInputStream();
            answers.transferTo(out);
        }
    }

    private static String nameIn(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        if (kind != 3) {
            in.skipNBytes(kind == 1 ? 4 : 16);
            return "an address";
        }
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
    }

    private static void inBackground(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // The other side is gone, or the test is over.
                    }
                },
                "socks");
        thread.setDaemon(true);
        thread.start();
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }
}
