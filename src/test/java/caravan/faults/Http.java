package caravan.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import caravan.faults.Fault.Harm;
import caravan.faults.Fault.Side;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/** One request on its way through a {@link FaultProxy}. */
final class Http {

    private static final int BLOCK = 16 << 10;

    private final Socket client;
    private final FaultProxy.Request request;
    private final Fault fault;

    Http(Socket client, FaultProxy.Request request, Fault fault) {
        this.client = client;
        this.request = request;
        this.fault = fault;
    }

    /** Gives the answer that needs no server, if this is such a fault. */
    boolean answersAlone() throws IOException, InterruptedException {
        if (fault instanceof Fault.Delay delay) {
            stall(delay.time().toMillis());
        }
        if (request.header("Expect").equalsIgnoreCase("100-continue")) {
            write(client.getOutputStream(), List.of("HTTP/1.1 100 Continue"));
        }
        if (fault instanceof Fault.Answer answer) {
            client.getInputStream().skipNBytes(request.contentLength());
            give(answer);
            return true;
        }
        return false;
    }

    void pass(Socket server) throws IOException, InterruptedException {
        List<String> head = new ArrayList<>(request.headers());
        head.removeIf(line -> isNamed(line, "Expect"));
        head.add(0, request.method() + " " + request.target() + " HTTP/1.1");
        write(server.getOutputStream(), changed(head, Side.REQUEST));
        copy(client.getInputStream(), server.getOutputStream(), request.contentLength(), Side.REQUEST);

        List<String> answer = readHead(server.getInputStream());
        if (fault instanceof Fault.LoseAnswer lost) {
            server.getInputStream().readAllBytes();
            if (!lost.hangUp()) {
                stall(Long.MAX_VALUE);
            }
            return;
        }
        if (fault instanceof Fault.Gzip) {
            compress(answer, server.getInputStream());
            return;
        }
        write(client.getOutputStream(), changed(answer, Side.ANSWER));
        if (fault instanceof Fault.Drip drip) {
            drip(server.getInputStream(), drip.each().toMillis());
            return;
        }
        copy(server.getInputStream(), client.getOutputStream(), Long.MAX_VALUE, Side.ANSWER);
    }

    private void compress(List<String> head, InputStream body) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            body.transferTo(gzip);
        }
        List<String> changed = changed(head, Side.ANSWER);
        changed.removeIf(line -> isNamed(line, "Content-Length"));
        changed.add("Content-Length: " + packed.size());
        changed.add("Content-Encoding: gzip");
        write(client.getOutputStream(), changed);
        client.getOutputStream().write(packed.toByteArray());
    }

    private void drip(InputStream body, long everyMillis) throws IOException, InterruptedException {
        for (int next = body.read(); next >= 0; next = body.read()) {
            stall(everyMillis);
            client.getOutputStream().write(next);
            client.getOutputStream().flush();
        }
    }

    private List<String> changed(List<String> head, Side side) {
        List<String> changed = new ArrayList<>(head);
        changed.removeIf(line -> isNamed(line, "Connection"));
        if (fault instanceof Fault.DropHeader drop && drop.side() == side) {
            changed.removeIf(line -> isNamed(line, drop.name()));
        }
        if (fault instanceof Fault.Header header && header.side() == side) {
            changed.removeIf(line -> isNamed(line, header.line().split(":", 2)[0]));
            changed.add(header.line());
        }
        changed.add("Connection: close");
        return changed;
    }

    /** Copies {@code length} bytes, or what there is. */
    private void copy(InputStream from, OutputStream to, long length, Side side)
            throws IOException, InterruptedException {
        boolean harmed = fault instanceof Fault.Body body && body.side() == side;
        Fault.Body harm = harmed ? (Fault.Body) fault : new Fault.Body(side, Harm.FLIP, Long.MAX_VALUE);
        byte[] block = new byte[BLOCK];
        for (long at = 0; at < length; ) {
            int got = from.read(block, 0, (int) Math.min(BLOCK, length - at));
            if (got < 0) {
                return;
            }
            boolean here = harm.at() < at + got;
            if (here && harm.harm() == Harm.FLIP && harm.at() >= at) {
                block[(int) (harm.at() - at)] ^= 1;
            } else if (here && harm.harm() != Harm.FLIP) {
                to.write(block, 0, (int) (harm.at() - at));
                to.flush();
                stopHere(harm.harm());
            }
            to.write(block, 0, got);
            to.flush();
            at += got;
        }
    }

    private static void stopHere(Harm harm) throws IOException, InterruptedException {
        if (harm == Harm.CUT) {
            throw new EOFException("told to cut here");
        }
        stall(Long.MAX_VALUE);
    }

    /** At most until the proxy is closed, which interrupts. */
    private static void stall(long millis) throws InterruptedException {
        boolean never = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        assert !never;
    }

    private void give(Fault.Answer answer) throws IOException {
        String error = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + codeOf(answer.status())
                + "</Code><Message>told to answer so</Message></Error>";
        String body = request.method().equals("HEAD") ? "" : error;
        List<String> head = new ArrayList<>(List.of(
                "HTTP/1.1 " + answer.status() + " Fault",
                "Content-Type: application/xml",
                "Content-Length: " + body.length(),
                "Connection: close"));
        if (!answer.header().isEmpty()) {
            head.add(answer.header());
        }
        write(client.getOutputStream(), head);
        client.getOutputStream().write(body.getBytes(ISO_8859_1));
        client.getOutputStream().flush();
    }

    private static String codeOf(int status) {
        return switch (status) {
            case 301 -> "PermanentRedirect";
            case 403 -> "AccessDenied";
            case 409 -> "ConditionalRequestConflict";
            case 501 -> "NotImplemented";
            case 503 -> "SlowDown";
            default -> "InternalError";
        };
    }

    static boolean isNamed(String line, String name) {
        return line.regionMatches(true, 0, name + ":", 0, name.length() + 1);
    }

    private static void write(OutputStream to, List<String> head) throws IOException {
        to.write((String.join("\r\n", head) + "\r\n\r\n").getBytes(ISO_8859_1));
        to.flush();
    }

    /** Lines of a head, the first one too; empty if the other side hung up instead. */
    static List<String> readHead(InputStream from) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int read = from.read(); read >= 0; read = from.read()) {
            if (read != '\n') {
                line.write(read);
                continue;
            }
            String text = line.toString(ISO_8859_1).stripTrailing();
            if (text.isEmpty()) {
                return lines;
            }
            lines.add(text);
            line.reset();
        }
        return List.of();
    }
}
