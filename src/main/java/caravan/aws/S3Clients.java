package caravan.aws;

import caravan.failure.WrongUsageException;
import caravan.pace.RateLimit;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.net.ssl.TrustManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Builds the one S3 client that everything shares, Camel's {@code aws2-s3} endpoints too.
 *
 * <p>It makes one attempt per call, since every caller has its own rule for repeating. It computes no checksum on the
 * way: what is stored has a SHA-256 already, which goes along as {@link Sha256Header} says; the CRC32 that the SDK
 * would add as a trailer costs a fifth more CPU, and stores that do not know it have kept the trailer as content.
 */
public final class S3Clients {

    // The answer's own limit must strike first, so that the message says what happened.
    private static final Duration GUARD_LATER = Duration.ofMillis(500);

    private S3Clients() {}

    /**
     * A client that is safe for use by many threads; whoever builds it closes it.
     *
     * @throws WrongUsageException if the file with certificates cannot be used
     */
    public static S3Client build(S3Settings settings) throws WrongUsageException {
        return build(settings, RateLimit.unlimited());
    }

    /**
     * The same.
     *
     * @param uploads rate of the bytes it sends, all threads together
     */
    public static S3Client build(S3Settings settings, RateLimit uploads) throws WrongUsageException {
        return build(settings, uploads, UnaryOperator.identity());
    }

    /** As {@link #build(S3Settings, RateLimit)}, with a last word on how connections are made. */
    static S3Client build(
            S3Settings settings,
            RateLimit uploads,
            UnaryOperator<PoolingHttpClientConnectionManagerBuilder> connections)
            throws WrongUsageException {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(settings.region()))
                .credentialsProvider(credentials(settings.credentials()))
                .forcePathStyle(settings.pathStyle())
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(StallGuard.around(
                        http(settings, connections), settings.limits().idle().plus(GUARD_LATER), uploads))
                .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(new Sha256Header())
                        .addExecutionInterceptor(new AnswerCheck()));
        if (settings.endpoint() instanceof S3Settings.Endpoint.Server server) {
            builder.endpointOverride(server.uri());
        }
        return builder.build();
    }

    private static SdkHttpClient.Builder<?> http(
            S3Settings settings, UnaryOperator<PoolingHttpClientConnectionManagerBuilder> connections)
            throws WrongUsageException {
        TrustManager[] trusted = settings.trust() instanceof S3Settings.Trust.PlatformAnd more
                ? TrustedCertificates.platformAnd(more.caFile())
                : null;
        return StreamingHttpClient.builder(settings.limits(), trusted, connections);
    }

    static AwsCredentialsProvider credentials(S3Settings.Credentials credentials) {
        if (credentials instanceof S3Settings.Credentials.Keys keys) {
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
        }
        return DefaultCredentialsProvider.builder().build();
    }
}
