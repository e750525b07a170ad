package caravan.aws;

import static java.util.Objects.requireNonNull;

import caravan.edge.Invalidation;
import caravan.edge.InvalidationProgress;
import caravan.failure.CaravanException;
import java.time.Clock;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudfront.CloudFrontClient;
import software.amazon.awssdk.services.cloudfront.CloudFrontClientBuilder;

/**
 * Invalidations of one CloudFront distribution. Each call is one attempt, since the error policy of the route that
 * calls owns the repeating. Bean {@code cloudFront}; safe for use by many threads.
 */
public final class CloudFrontInvalidations implements AutoCloseable {

    private static final String COMPLETED = "Completed";

    private final CloudFrontSettings settings;

    private final CloudFrontFailures failures;

    private final Clock clock;

    private CloudFrontClient client;

    /** Connects with nothing before the first call. */
    public CloudFrontInvalidations(CloudFrontSettings settings, Clock clock) {
        this.settings = requireNonNull(settings, "settings");
        this.failures = new CloudFrontFailures(settings);
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Asks for an invalidation, or finds the one that was asked for in the same words before. Called by route {@code
     * invalidate-cloudfront}.
     */
    public InvalidationProgress create(Invalidation request) throws CaravanException {
        try {
            software.amazon.awssdk.services.cloudfront.model.Invalidation created = client().createInvalidation(
                            call -> call.distributionId(settings.distribution())
                                    .invalidationBatch(batch -> batch.callerReference(request.reference())
                                            .paths(paths -> paths.quantity(
                                                            request.paths().size())
                                                    .items(request.paths()))))
                    .invalidation();
            if (created == null || created.id() == null) {
                throw failures.noInvalidation();
            }
            return new InvalidationProgress(request, created.id(), clock.instant(), isCompleted(created.status()));
        } catch (SdkException e) {
            throw failures.classify(e, "invalidate " + request.paths().size() + " paths");
        }
    }

    /** Looks how far an invalidation is. Called by route {@code invalidate-cloudfront}. */
    public InvalidationProgress look(InvalidationProgress progress) throws CaravanException {
        try {
            String status = client().getInvalidation(
                            call -> call.distributionId(settings.distribution()).id(progress.id()))
                    .invalidation()
                    .status();
            return new InvalidationProgress(
                    progress.request(), progress.id(), progress.startedAt(), isCompleted(status));
        } catch (SdkException e) {
            throw failures.classify(e, "look at invalidation " + progress.id());
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }

    private static boolean isCompleted(String status) {
        return COMPLETED.equalsIgnoreCase(status);
    }

    private synchronized CloudFrontClient client() {
        if (client == null) {
            client = build(settings);
        }
        return client;
    }

    private static CloudFrontClient build(CloudFrontSettings settings) {
        CloudFrontClientBuilder builder = CloudFrontClient.builder()
                // CloudFront has one region for signatures. AWS_GLOBAL stands for it too, but not with another
                // endpoint.
                .region(Region.US_EAST_1)
                .credentialsProvider(S3Clients.credentials(settings.credentials()))
                .httpClientBuilder(ApacheHttpClient.builder()
                        .connectionTimeout(settings.patience())
                        .socketTimeout(settings.patience())
                        .maxConnections(4))
                .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        return builder.build();
    }
}
