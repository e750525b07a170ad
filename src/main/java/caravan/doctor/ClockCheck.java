package caravan.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** How far the clock of this machine is from the store's. */
public final class ClockCheck implements Examination {

    /** S3 takes no request that is 15 minutes off, and a collector none that is 5. */
    private static final Duration LARGEST = Duration.ofMinutes(5);

    /** A clock that is kept by the network is closer. */
    private static final Duration USUAL = Duration.ofSeconds(30);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final URI server;

    private final Clock clock;

    /** Against {@code server}, which is asked for nothing but its time. */
    public ClockCheck(URI server, Clock clock) {
        this.server = server;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "clock";
    }

    @Override
    public void examine(Findings findings) throws InterruptedException {
        String host = server.getHost();
        Optional<Instant> theirs = ask();
        if (theirs.isEmpty()) {
            findings.note(
                    "not compared: " + host + " does not say what time it is",
                    "chronyc tracking or timedatectl says whether this machine's clock is kept right");
            return;
        }
        Duration off = Duration.between(theirs.get(), clock.instant());
        String words =
                "the clock of this machine is " + Span.of(off) + (off.isNegative() ? " behind " : " ahead of ") + host;
        if (off.abs().compareTo(LARGEST) > 0) {
            findings.wrong(
                    Findings.FAILED,
                    words + ": S3 takes no request that is 15 minutes off, and pointers are signed with the wrong time",
                    "let it be kept by the network: chronyc makestep, or timedatectl set-ntp true");
        } else if (off.abs().compareTo(USUAL) > 0) {
            findings.note(words, "look whether it is kept by the network: chronyc tracking, or timedatectl");
        } else {
            findings.ok("as that of " + host);
        }
    }

    private Optional<Instant> ask() throws InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        HttpRequest request = HttpRequest.newBuilder(server)
                .timeout(PATIENCE)
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding())
                    .headers()
                    .firstValue("Date")
                    .map(date -> ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (IOException | DateTimeException e) {
            // What is wrong with the way there is said of the bucket.
            return Optional.empty();
        }
    }
}
