package caravan.localedge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudfront.CloudFrontClient;
import software.amazon.awssdk.services.cloudfront.model.AccessDeniedException;
import software.amazon.awssdk.services.cloudfront.model.CreateInvalidationResponse;
import software.amazon.awssdk.services.cloudfront.model.InconsistentQuantitiesException;
import software.amazon.awssdk.services.cloudfront.model.InvalidArgumentException;
import software.amazon.awssdk.services.cloudfront.model.Invalidation;
import software.amazon.awssdk.services.cloudfront.model.NoSuchDistributionException;
import software.amazon.awssdk.services.cloudfront.model.NoSuchInvalidationException;
import software.amazon.awssdk.services.cloudfront.model.TooManyInvalidationsInProgressException;

/** The API as the AWS SDK sees it, before five edges. */
@Timeout(60)
final class InvalidationApiTest {

    private static final Duration NEVER = Duration.ofHours(1);

    private final HttpClient http = HttpClient.newHttpClient();

    private ScriptedOrigin origin;

    private LocalEdges edges;

    private CloudFrontClient client;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws Exception {
        origin = new ScriptedOrigin();
        edges = LocalEdges.start(
                LocalEdges.Setup.of(directory, origin.address()).withoutDistance());
        client = CloudFrontClient.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(edges.api().address())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .httpClientBuilder(ApacheHttpClient.builder())
                .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        edges.close();
        origin.close();
    }

    @Test
    void edgesKeepAnObjectUntilItsInvalidationIsCompleted() throws Exception {
        origin.object("/s/demo/latest", "old".getBytes(US_ASCII), "\"1\"", "max-age=60");
        origin.object("/s/chunk", "chunk".getBytes(US_ASCII), "\"1\"", "max-age=60");
        for (LocalEdge edge : edges.all()) {
            get(edge, "/s/demo/latest");
            get(edge, "/s/chunk");
        }
        origin.object("/s/demo/latest", "new".getBytes(US_ASCII), "\"2\"", "max-age=60");

        edges.api().setDelay(Duration.ofMillis(300));
        CreateInvalidationResponse created = create("run-1", "/s/demo/latest", "/s/index.html");
        assertThat(created.invalidation().status()).isEqualTo("InProgress");
        assertThat(created.location())
                .isEqualTo(edges.api().address() + "/2020-05-31/distribution/" + LocalEdges.DISTRIBUTION
                        + "/invalidation/" + created.invalidation().id());
        Awaitility.await()
                .until(() -> look(created.invalidation().id()).status().equals("Completed"));

        for (LocalEdge edge : edges.all()) {
            assertThat(get(edge, "/s/demo/latest").body()).isEqualTo("new");
            HttpResponse<String> other = get(edge, "/s/chunk");
            assertThat(other.headers().firstValue("X-Cache")).hasValue("Hit from cloudfront");
        }
        assertThat(look(created.invalidation().id()).invalidationBatch().paths().items())
                .containsExactly("/s/demo/latest", "/s/index.html");
        assertThat(look(created.invalidation().id()).invalidationBatch().callerReference())
                .isEqualTo("run-1");
    }

    @Test
    void slowInvalidationStaysInProgressAndTheEdgesKeepWhatTheyHave() throws Exception {
        origin.object("/a", "old".getBytes(US_ASCII), "\"1\"", "max-age=60");
        LocalEdge edge = edges.in("sa-east-1");
        get(edge, "/a");
        edges.api().setDelay(NEVER);

        String id = create("run-1", "/a").invalidation().id();

        assertThat(look(id).status()).isEqualTo("InProgress");
        assertThat(get(edge, "/a").headers().firstValue("X-Cache")).hasValue("Hit from cloudfront");
    }

    @Test
    void whatIsFetchedDuringAnInvalidationIsNotKept() throws Exception {
        CountDownLatch purged = new CountDownLatch(1);
        origin.on("/a", exchange -> {
            boolean first = origin.timesAsked("/a") == 1;
            purged.await();
            exchange.getResponseHeaders().set("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write((first ? "old" : "new").getBytes(US_ASCII));
        });
        LocalEdge edge = edges.in("sa-east-1");
        var early = http.sendAsync(
                HttpRequest.newBuilder(URI.create(edge.address() + "/a")).build(), BodyHandlers.ofString());
        Awaitility.await().until(() -> origin.timesAsked("/a") == 1);

        edges.api().setDelay(Duration.ZERO);
        String id = create("run-1", "/a").invalidation().id();
        Awaitility.await().until(() -> look(id).status().equals("Completed"));
        purged.countDown();
        assertThat(early.get().statusCode()).isEqualTo(200);

        assertThat(get(edge, "/a").body()).isEqualTo("new");
    }

    @Test
    void starAtTheEndMeansAllThatBeginsLikeIt() throws Exception {
        for (String path : List.of("/demo/1", "/demo/2", "/other")) {
            origin.object(path, "x".getBytes(US_ASCII), "\"1\"", "max-age=60");
            get(edges.in("sa-east-1"), path);
        }
        get(edges.in("sa-east-1"), "/demo/1?caravan-retry=1");

        String id = create("run-1", "/demo/*").invalidation().id();
        Awaitility.await().until(() -> look(id).status().equals("Completed"));

        assertThat(edges.in("sa-east-1").bytesKept()).isEqualTo(1);
    }

    @Test
    void sameWordsOnceMoreAreTheSameInvalidation() {
        String first = create("run-1", "/a", "/b").invalidation().id();

        assertThat(create("run-1", "/a", "/b").invalidation().id()).isEqualTo(first);
        assertThat(edges.api().invalidations()).hasSize(1);
    }

    @Test
    void sameReferenceWithOtherPathsIsAnError() {
        create("run-1", "/a");

        AwsServiceException failure = catchThrowableOfType(AwsServiceException.class, () -> create("run-1", "/b"));

        assertThat(failure.statusCode()).isEqualTo(400);
        assertThat(failure.awsErrorDetails().errorCode()).isEqualTo("InvalidationBatchAlreadyExists");
    }

    @Test
    void newestIsListedFirst() {
        String first = create("run-1", "/a").invalidation().id();
        String second = create("run-2", "/a").invalidation().id();

        assertThat(client.listInvalidations(list -> list.distributionId(LocalEdges.DISTRIBUTION))
                        .invalidationList()
                        .items())
                .extracting(summary -> summary.id())
                .containsExactly(second, first);
    }

    @Test
    void errorsOnDemandAreThoseThatTheSdkKnows() {
        edges.api().failNext(1, ApiFault.THROTTLING);
        edges.api().failNext(1, ApiFault.TOO_MANY_INVALIDATIONS);
        edges.api().failNext(1, ApiFault.ACCESS_DENIED);
        edges.api().failNext(1, ApiFault.UNAVAILABLE);

        AwsServiceException throttled = catchThrowableOfType(AwsServiceException.class, () -> create("r", "/a"));
        assertThat(throttled.isThrottlingException()).isTrue();
        assertThat(throttled.getMessage()).contains("Rate exceeded");
        assertThat(catchThrowableOfType(AwsServiceException.class, () -> create("r", "/a")))
                .isInstanceOf(TooManyInvalidationsInProgressException.class);
        assertThat(catchThrowableOfType(AwsServiceException.class, () -> create("r", "/a")))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(catchThrowableOfType(AwsServiceException.class, () -> create("r", "/a"))
                        .statusCode())
                .isEqualTo(503);
        assertThat(edges.api().invalidations()).isEmpty();
        assertThat(create("r", "/a").invalidation().status()).isEqualTo("InProgress");
    }

    @Test
    void threeThousandPathsMayBeInProgress() {
        edges.api().setDelay(NEVER);
        String[] most =
                IntStream.range(0, 3000).mapToObj(number -> "/" + number).toArray(String[]::new);
        create("run-1", most);

        assertThat(catchThrowableOfType(AwsServiceException.class, () -> create("run-2", "/one-more")))
                .isInstanceOf(TooManyInvalidationsInProgressException.class);
    }

    @Test
    void unknownNamesAreNotFound() {
        assertThat(catchThrowableOfType(
                        AwsServiceException.class,
                        () -> client.createInvalidation(call -> call.distributionId("EOTHER")
                                .invalidationBatch(batch -> batch.callerReference("r")
                                        .paths(paths -> paths.quantity(1).items("/a"))))))
                .isInstanceOf(NoSuchDistributionException.class);
        assertThat(catchThrowableOfType(AwsServiceException.class, () -> look("INONE")))
                .isInstanceOf(NoSuchInvalidationException.class);
    }

    @Test
    void batchThatContradictsItselfIsRefused() {
        assertThat(catchThrowableOfType(
                        AwsServiceException.class,
                        () -> client.createInvalidation(call -> call.distributionId(LocalEdges.DISTRIBUTION)
                                .invalidationBatch(batch -> batch.callerReference("r")
                                        .paths(paths -> paths.quantity(2).items("/a"))))))
                .isInstanceOf(InconsistentQuantitiesException.class);
        assertThat(catchThrowableOfType(AwsServiceException.class, () -> create("r", "no-slash")))
                .isInstanceOf(InvalidArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<InvalidationBatch>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"})
    void unsignedCallsAreRefusedWhateverTheySay(String body) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(edges.api().address() + "/2020-05-31/distribution/"
                                + LocalEdges.DISTRIBUTION + "/invalidation"))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("<Code>MissingAuthenticationToken</Code>");
    }

    @Test
    void everyRegionHasItsOwnEdge() throws Exception {
        origin.object("/a", "x".getBytes(US_ASCII), "\"1\"", "max-age=60");

        assertThat(edges.all()).hasSize(5).allSatisfy(edge -> assertThat(
                        get(edge, "/a").headers().firstValue("X-Amz-Cf-Pop"))
                .hasValue(edge.location().pop()));
        assertThat(origin.timesAsked("/a")).isEqualTo(5);
        assertThat(edges.all()).extracting(edge -> edge.address().getPort()).doesNotHaveDuplicates();
    }

    private CreateInvalidationResponse create(String reference, String... paths) {
        return client.createInvalidation(call -> call.distributionId(LocalEdges.DISTRIBUTION)
                .invalidationBatch(batch -> batch.callerReference(reference)
                        .paths(list -> list.quantity(paths.length).items(paths))));
    }

    private Invalidation look(String id) {
        return client.getInvalidation(
                        call -> call.distributionId(LocalEdges.DISTRIBUTION).id(id))
                .invalidation();
    }

    private HttpResponse<String> get(LocalEdge edge, String target) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(edge.address() + target)).build(), BodyHandlers.ofString());
    }
}
