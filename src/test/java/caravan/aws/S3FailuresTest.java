package caravan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Answers that no local server gives, and failures inside others. */
final class S3FailuresTest {

    private final S3Failures failures =
            new S3Failures(S3Settings.of(URI.create("https://s3.example.org"), "snapshots", "a", "key", "hidden-word"));

    @ParameterizedTest
    @CsvSource({
        "400, ExpiredToken, WrongUsageException",
        "403, InvalidAccessKeyId, WrongUsageException",
        "403, RequestTimeTooSkewed, WrongUsageException",
        "403, AccessDenied, WrongUsageException",
        "403, QuotaExceeded, WrongUsageException",
        "404, NoSuchBucket, WrongUsageException",
        "307, TemporaryRedirect, WrongUsageException",
        "400, BadDigest, DamagedException",
        "400, XAmzContentSHA256Mismatch, DamagedException",
        "400, RequestTimeout, TransientException",
        "400, IncompleteBody, TransientException",
        "409, ConditionalRequestConflict, TransientException",
        "409, OperationAborted, TransientException",
        "503, SlowDown, TransientException",
        "500, InternalError, TransientException",
        "400, InvalidRequest, FailedException",
        "501, NotImplemented, FailedException",
    })
    void everyAnswerHasItsMeaning(int status, String code, String meaning) {
        CaravanException failure = failures.classify(answer(status, code, "said so"), "store chunks/ab");

        assertThat(failure.getClass().getSimpleName()).isEqualTo(meaning);
        assertThat(failure)
                .hasMessage("cannot store chunks/ab in s3://snapshots/a at https://s3.example.org: answered " + status
                        + " " + code + " (said so)");
        assertThat(failure.hint()).isNotBlank();
    }

    @Test
    void refusedRemovalNamesTheRightThatIsMissing() {
        CaravanException failure = failures.classify(answer(403, "AccessDenied", "no"), "remove demo/files/S-1/a.sst");

        assertThat(failure.hint()).contains("s3:DeleteObject on snapshots/a/demo/files/S-1/a.sst");
    }

    @Test
    void diskThatFailsWhileItsBytesAreSentIsNotTheNetwork() {
        Exception read = new FileSystemException("/stage/000001.sst", null, "Input/output error");
        CaravanException failure = failures.classify(
                SdkClientException.create(
                        "Unable to execute HTTP request", new UncheckedIOException((IOException) read)),
                "store a chunk");

        assertThat(failure)
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("the disk failed: /stage/000001.sst");
        assertThat(failure.hint()).contains("dmesg");
    }

    @Test
    void regionIsFoundInTheTextToo() {
        CaravanException failure = failures.classify(
                answer(400, "AuthorizationHeaderMalformed", "the region 'us-east-1' is wrong; expecting 'eu-west-1'"),
                "store x");

        assertThat(failure).isInstanceOf(WrongUsageException.class);
        assertThat(failure.hint()).isEqualTo("set caravan.s3.region=eu-west-1");
    }

    @Test
    void failureIsFoundInsideWhatOthersWrappedAroundIt() {
        S3Exception inner = answer(412, "PreconditionFailed", "taken");
        Exception wrapped = new ExecutionException(new IllegalStateException("exchange failed", inner));

        assertThat(S3Failures.isPreconditionFailed(wrapped)).isTrue();
        assertThat(S3Failures.isPreconditionFailed(answer(404, "NoSuchKey", "")))
                .isFalse();
        assertThat(S3Failures.isPreconditionFailed(new IllegalStateException())).isFalse();
        assertThat(failures.classify(new ExecutionException(answer(503, "SlowDown", "")), "store x"))
                .isInstanceOf(TransientException.class);
    }

    @Test
    void ownFailureIsGivenBackAsItIs() {
        RefusedException own = new RefusedException("refused", "");

        assertThat(failures.classify(new ExecutionException(own), "store x")).isSameAs(own);
    }

    @Test
    void causeIsKeptAndTheTextIsOneLine() {
        S3Exception inner = answer(400, "BadDigest", "two\nlines " + "and much more ".repeat(50));

        CaravanException failure = failures.classify(inner, "store x");

        assertThat(failure).isInstanceOf(DamagedException.class).hasCause(inner);
        assertThat(failure.getMessage()).doesNotContain("\n").hasSizeLessThan(400);
    }

    @Test
    void causesThatGoRoundInARingAreNoTrap() {
        IllegalStateException one = new IllegalStateException("one");
        IllegalStateException two = new IllegalStateException("two", one);
        one.initCause(two);

        assertThat(failures.classify(one, "store x")).isInstanceOf(FailedException.class);
    }

    private static S3Exception answer(int status, String code, String text) {
        return (S3Exception) S3Exception.builder()
                .statusCode(status)
                .message(text)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(text)
                        .sdkHttpResponse(
                                SdkHttpResponse.builder().statusCode(status).build())
                        .build())
                .build();
    }
}
