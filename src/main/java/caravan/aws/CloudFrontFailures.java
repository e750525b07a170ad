package caravan.aws;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;

/** Says what a failed call to CloudFront means and what to do about it. */
final class CloudFrontFailures {

    private static final Set<String> BUSY = Set.of(
            "Throttling",
            "ThrottlingException",
            "RequestLimitExceeded",
            "TooManyInvalidationsInProgress",
            "ServiceUnavailable",
            "InternalError");

    private static final Set<String> WRONG_KEYS = Set.of(
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "ExpiredToken",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "UnrecognizedClientException");

    private final CloudFrontSettings settings;

    CloudFrontFailures(CloudFrontSettings settings) {
        this.settings = settings;
    }

    /**
     * The failure that stands for {@code failure}.
     *
     * @param what was tried, in the infinitive
     */
    CaravanException classify(RuntimeException failure, String what) {
        String tried = "cannot " + what + " of " + settings.place() + ": ";
        if (S3Failures.find(failure, AbortedException.class).isPresent()
                || S3Failures.find(failure, InterruptedException.class).isPresent()) {
            Thread.currentThread().interrupt();
            return new FailedException(tried + "interrupted", "it was stopped from outside", failure);
        }
        Optional<AwsServiceException> answer = S3Failures.find(failure, AwsServiceException.class);
        return answer.isPresent() ? ofAnswer(answer.get(), tried) : ofNoAnswer(failure, tried);
    }

    /** The failure that stands for an answer without the invalidation that was asked for. */
    CaravanException noInvalidation() {
        return new FailedException(
                "cannot invalidate paths of " + settings.place() + ": the answer is not CloudFront's",
                "is caravan.cloudfront.endpoint empty, or an API of CloudFront?");
    }

    private CaravanException ofAnswer(AwsServiceException answer, String tried) {
        int status = answer.statusCode();
        String code = S3Failures.codeOf(answer);
        String message = tried + S3Failures.textOf(answer);
        if (BUSY.contains(code) || status == 429 || status >= 500) {
            return new TransientException(
                    message,
                    code.equals("TooManyInvalidationsInProgress")
                            ? "CloudFront takes 3,000 paths at once; who else invalidates this distribution?"
                            : "CloudFront is busy; it is tried again",
                    answer);
        }
        if (code.equals("NoSuchDistribution")) {
            return new WrongUsageException(
                    message, "correct caravan.cloudfront.distribution-id, or use the account that has it", answer);
        }
        if (WRONG_KEYS.contains(code)) {
            return new WrongUsageException(
                    message, "check caravan.cloudfront.access-key and secret-key, or the role of this machine", answer);
        }
        if (status == 403 || status == 401) {
            return new WrongUsageException(
                    message,
                    "these credentials need cloudfront:CreateInvalidation and cloudfront:GetInvalidation on distribution "
                            + settings.distribution(),
                    answer);
        }
        return new FailedException(message, "is caravan.cloudfront.endpoint empty, or an API of CloudFront?", answer);
    }

    private static CaravanException ofNoAnswer(RuntimeException failure, String tried) {
        if (S3Failures.find(failure, IOException.class).isPresent()) {
            return new TransientException(
                    tried + "cannot reach its API (" + S3Failures.deepest(failure) + ")",
                    "check caravan.cloudfront.endpoint and the network",
                    failure);
        }
        String text = String.valueOf(failure.getMessage());
        if (text.contains("Unable to load credentials")) {
            return new WrongUsageException(
                    tried + "there are no credentials",
                    "set caravan.cloudfront.access-key and secret-key, or give this machine a role",
                    failure);
        }
        return new FailedException(tried + S3Failures.oneLine(text), FailedException.REPORT, failure);
    }
}
