package caravan.app.pipeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.alert.MailSettings;
import caravan.app.FailureLines;
import jakarta.mail.Message;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alerts by e-mail to several readers, of whom some have no mailbox any more. The server refuses those, as RFC 5321 has it. */
@Timeout(60)
final class AlertMailSenderTest {

    private final List<String> delivered = new CopyOnWriteArrayList<>();

    private ServerSocket server;

    @BeforeEach
    void startServer() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve);
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stopServer() throws Exception {
        server.close();
    }

    @Test
    void mailboxThatIsGoneKeepsTheAlertFromNobodyElse() throws Exception {
        try (FailureLines log = new FailureLines()) {
            send("one@example.org", "gone@example.org", "two@example.org");

            assertThat(delivered).containsExactly("RCPT TO:<one@example.org>", "RCPT TO:<two@example.org>", "DATA");
            assertThat(log.all())
                    .filteredOn(line -> line.contains("did not reach"))
                    .singleElement()
                    .asString()
                    .contains("gone@example.org", "550 5.1.1 no such mailbox")
                    .doesNotContain(" one@", "two@");
        }
    }

    @Test
    void alertThatReachesNobodyIsNotSent() {
        assertThatThrownBy(() -> send("gone@example.org")).isInstanceOf(SendFailedException.class);
        assertThat(delivered).isEmpty();
    }

    private void send(String... readers) throws Exception {
        AlertMailSender sender = new AlertMailSender(new MailSettings(
                URI.create("smtp://127.0.0.1:" + server.getLocalPort()),
                "caravan@example.org",
                List.of(readers),
                "",
                ""));
        MimeMessage message = new MimeMessage(sender.getSession());
        message.setFrom(new InternetAddress("caravan@example.org"));
        for (String reader : readers) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(reader));
        }
        message.setSubject("an alert");
        message.setText("something is wrong");
        sender.send(message);
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept();
                    BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
                say(socket, "220 mail.example.org");
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    answer(socket, in, line);
                }
            } catch (IOException e) {
                // It is the end of a test, or of a connection.
            }
        }
    }

    private void answer(Socket socket, BufferedReader in, String line) throws IOException {
        if (line.startsWith("RCPT") && line.contains("gone@")) {
            say(socket, "550 5.1.1 no such mailbox");
        } else if (line.equals("DATA")) {
            delivered.add(line);
            say(socket, "354 go on");
            String text = in.readLine();
            while (text != null && !text.equals(".")) {
                text = in.readLine();
            }
            say(socket, "250 taken");
        } else {
            if (line.startsWith("RCPT")) {
                delivered.add(line);
            }
            say(socket, "250 fine");
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(US_ASCII));
    }
}
