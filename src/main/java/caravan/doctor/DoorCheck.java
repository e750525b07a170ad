package caravan.doctor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Whether the server of a channel of alerts can be reached from here. Nothing is sent: not a message, not a name, not a
 * secret.
 *
 * @param channel for people
 * @param host of the server
 * @param port of the server
 * @param isEncrypted whether it speaks TLS from the first byte on
 * @param greets whether it is the server that speaks first, as one for mail does
 */
public record DoorCheck(String channel, String host, int port, boolean isEncrypted, boolean greets)
        implements Examination {

    private static final int PATIENCE_MILLIS = 5000;

    @Override
    public String subject() {
        return "alerts";
    }

    @Override
    public String about() {
        return channel;
    }

    @Override
    public void examine(Findings findings) {
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
            plain.setSoTimeout(PATIENCE_MILLIS);
            try (Socket socket = isEncrypted ? encrypted(plain) : plain) {
                if (greets) {
                    requireGreeting(socket);
                }
            }
            findings.ok(host + " port " + port + " answers");
        } catch (IOException | IllegalArgumentException e) {
            findings.wrong(
                    Findings.FAILED,
                    "the server at " + host + " port " + port + " cannot be reached, so alerts wait (" + e + ")",
                    "check name, port and firewall; caravan.alert.* names it");
        }
    }

    private Socket encrypted(Socket plain) throws IOException {
        SSLSocket socket =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(plain, host, port, true);
        socket.startHandshake();
        return socket;
    }

    private static void requireGreeting(Socket socket) throws IOException {
        String said = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine();
        if (said == null || !said.startsWith("220")) {
            throw new IOException("it greets with " + (said == null ? "nothing" : said));
        }
        socket.getOutputStream().write("QUIT\r\n".getBytes(US_ASCII));
    }
}
