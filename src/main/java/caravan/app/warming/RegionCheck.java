package caravan.app.warming;

import caravan.doctor.BucketPointer;
import caravan.doctor.Examination;
import caravan.doctor.Findings;
import caravan.doctor.ServedPointer;
import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import caravan.signature.SignedNote;
import caravan.snapshot.BucketPaths;
import caravan.warm.EdgeAnswer;
import caravan.warm.Region;
import caravan.warm.Vantage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpStatus;

/** Whether the edge of a region can be reached through its vantage, and serves what the bucket has. */
public final class RegionCheck implements Examination {

    private static final Duration CONNECT = Duration.ofSeconds(5);

    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Region region;

    private final URI base;

    private final BucketPointer latest;

    private final List<Path> authorities;

    private final Clock clock;

    /**
     * Asks the edge of {@code region} for {@code latest} of one database.
     *
     * @param base public address
     * @param authorities PEM files of certificates to trust instead of the platform's
     */
    public RegionCheck(Region region, URI base, BucketPointer latest, List<Path> authorities, Clock clock) {
        this.region = region;
        this.base = base;
        this.latest = latest;
        this.authorities = List.copyOf(authorities);
        this.clock = clock;
    }

    /** An answer to its end. */
    @SuppressWarnings("ArrayRecordComponent") // two are never compared
    private record Answer(int status, String pop, byte[] body) {}

    @Override
    public String subject() {
        return "region";
    }

    @Override
    public String about() {
        return region.name();
    }

    @Override
    public void examine(Findings findings) throws CaravanException {
        if (region.vantage() instanceof Vantage.Queue queue) {
            findings.ok("is warmed by workers of queue " + queue.name() + "; they are not asked");
            return;
        }
        URI url = URI.create(base.toString().replaceFirst("/+$", "") + "/" + BucketPaths.latest(latest.database()));
        Answer answer;
        try {
            answer = get(url);
        } catch (IOException e) {
            findings.wrong(
                    Findings.FAILED,
                    "its edge cannot be reached through " + region.vantage().kind() + ": GET " + url + ": " + e,
                    "check caravan.warm.region." + region.name() + ".via; without it this region is not warmed");
            return;
        }
        String what = url + (answer.pop().isEmpty() ? "" : " at " + answer.pop());
        if (answer.status() == HttpStatus.SC_OK) {
            ServedPointer.compare(answer.body(), what, latest, clock, findings);
        } else if (answer.status() < HttpStatus.SC_INTERNAL_SERVER_ERROR && latest.isAbsent()) {
            findings.ok("its edge answers; nothing is published yet");
        } else {
            findings.wrong(
                    Findings.FAILED,
                    what + " answers with HTTP status " + answer.status(),
                    "users of this region get the same; see what is said of public, and the CDN's settings");
        }
    }

    private Answer get(URI url) throws IOException, WrongUsageException {
        try (VantageClient vantage = new VantageClient(region.vantage(), 1, CONNECT, IDLE, authorities)) {
            HttpClientBuilder builder = HttpClientBuilder.create();
            vantage.configureHttpClient(builder);
            try (CloseableHttpClient client = builder.build()) {
                return client.execute(new HttpGet(url), RegionCheck::read);
            }
        }
    }

    private static Answer read(ClassicHttpResponse response) throws IOException {
        EdgeAnswer edge = EdgeAnswer.of(name -> {
            Header header = response.getFirstHeader(name);
            return header == null ? null : header.getValue();
        });
        byte[] body = response.getEntity() == null
                ? new byte[0]
                : response.getEntity().getContent().readNBytes(SignedNote.MAX_BYTES + 1);
        return new Answer(response.getCode(), edge.pop(), body);
    }
}
