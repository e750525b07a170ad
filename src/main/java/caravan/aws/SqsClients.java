package caravan.aws;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/**
 * Builds the client of the queues. It makes one attempt per call: routes and queues have their own rules for repeating.
 */
public final class SqsClients {

    /** A receive waits so long at most, as SQS has it. */
    private static final Duration LONGEST_POLL = Duration.ofSeconds(20);

    private SqsClients() {}

    /** A client that is safe for use by many threads; whoever builds it closes it. */
    public static SqsClient build(SqsSettings settings) {
        SqsClientBuilder builder = SqsClient.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(S3Clients.credentials(settings.credentials()))
                .httpClientBuilder(ApacheHttpClient.builder()
                        .connectionTimeout(settings.connectTimeout())
                        .socketTimeout(settings.idleTimeout().plus(LONGEST_POLL)))
                .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }
}
