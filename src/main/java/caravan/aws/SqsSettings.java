package caravan.aws;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the queues are.
 *
 * @param endpoint of a server that speaks SQS; none for AWS itself
 * @param region of the queues
 * @param credentials who asks
 * @param connectTimeout for a connection
 * @param idleTimeout that nothing may move, beyond what a long poll waits
 */
public record SqsSettings(
        Optional<URI> endpoint,
        String region,
        S3Settings.Credentials credentials,
        Duration connectTimeout,
        Duration idleTimeout) {

    /** Checks that nothing is null. */
    public SqsSettings {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(region, "region");
        requireNonNull(credentials, "credentials");
        requireNonNull(connectTimeout, "connectTimeout");
        requireNonNull(idleTimeout, "idleTimeout");
    }
}
