package caravan.aws;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Which distribution of CloudFront to talk about, and how to reach its API.
 *
 * @param distribution its id
 * @param endpoint of the API, if it is not AWS's own
 * @param credentials who we are
 * @param patience most time to connect, and most time without a byte
 */
public record CloudFrontSettings(
        String distribution, Optional<URI> endpoint, S3Settings.Credentials credentials, Duration patience) {

    /** Checks that every part is there. */
    public CloudFrontSettings {
        requireNonNull(distribution, "distribution");
        requireNonNull(endpoint, "endpoint");
        requireNonNull(credentials, "credentials");
        requireNonNull(patience, "patience");
    }

    /** The place in words, for messages. */
    String place() {
        return "CloudFront distribution " + distribution
                + endpoint.map(uri -> " at " + uri).orElse("");
    }
}
