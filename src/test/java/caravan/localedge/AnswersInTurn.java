package caravan.localedge;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;

/** A server that gives the next of some answers to each connection, byte for byte, and hangs up. */
final class AnswersInTurn implements AutoCloseable {

    private final ServerSocket listener;

    private final List<String> answers;

    /** Answers of status 200 that may be kept; each is what follows these. */
    AnswersInTurn(String... answers) throws IOException {
        this.answers = List.of(answers);
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "answers-in-turn");
        thread.setDaemon(true);
        thread.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve() {
        for (String answer : answers) {
            try (Socket socket = listener.accept()) {
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) socket.getInputStream().read());
                }
                String told = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + answer;
                socket.getOutputStream().write(told.getBytes(US_ASCII));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
