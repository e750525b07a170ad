package caravan.aws;

import static java.util.Objects.requireNonNull;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says what a failed call to S3 means and what to do about it. Codes and statuses are those of "Error responses" in the
 * Amazon S3 API reference.
 */
public final class S3Failures {

    private static final Set<String> WRONG_KEYS = Set.of(
            "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired");

    private static final Set<String> WRONG_REGION =
            Set.of("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "BucketRegionError");

    private static final Set<String> ARRIVED_DAMAGED =
            Set.of("BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch");

    private static final Set<String> LATER = Set.of(
            "RequestTimeout", "IncompleteBody", "SlowDown", "ThrottlingException", "Throttling", "OperationAborted");

    private static final Pattern EXPECTED_REGION = Pattern.compile("expecting '([A-Za-z0-9_-]+)'");

    /** How the call is named that removes an object; its key follows. */
    static final String REMOVE = "remove ";

    private static final int LONGEST_ANSWER = 200;

    private final S3Settings settings;

    /** Failures of calls to the store of {@code settings}. */
    public S3Failures(S3Settings settings) {
        this.settings = requireNonNull(settings, "settings");
    }

    /**
     * Whether a conditional put was refused because its condition does not hold: the name is taken, or the object is no
     * longer the one that was read.
     */
    public static boolean isPreconditionFailed(Throwable failure) {
        return serviceAnswer(failure)
                .filter(answer -> answer.statusCode() == 412)
                .isPresent();
    }

    /**
     * Whether whoever answered does not know what a bucket is, as a plain web server does not. S3 names a code in every
     * answer of this kind that has a body, so this says nothing about the answer to a HEAD.
     */
    static boolean isOfNoStore(Throwable failure) {
        return serviceAnswer(failure)
                .filter(answer -> answer.statusCode() == 404 || answer.statusCode() == 405)
                .filter(answer -> codeOf(answer).isEmpty())
                .isPresent();
    }

    /**
     * Whether the store refused bytes because they are not those that were hashed. They were harmed on the way if
     * sending them again helps, and the file or this machine is at fault if not.
     */
    public static boolean isDamagedOnTheWay(Throwable failure) {
        return serviceAnswer(failure)
                .filter(answer -> ARRIVED_DAMAGED.contains(codeOf(answer)))
                .isPresent();
    }

    /**
     * The failure that stands for {@code failure}, which may be what the SDK threw or what a Camel endpoint wrapped
     * around it. A {@link CaravanException} inside is given back as it is. An interrupt is restored.
     *
     * @param what was tried, in the infinitive and with its object, like {@code store chunks/ab/abcd}
     */
    public CaravanException classify(Throwable failure, String what) {
        Optional<CaravanException> known = find(failure, CaravanException.class);
        if (known.isPresent()) {
            return known.get();
        }
        String tried = "cannot " + what + " in " + settings.place() + ": ";
        if (find(failure, AbortedException.class).isPresent()
                || find(failure, InterruptedException.class).isPresent()) {
            Thread.currentThread().interrupt();
            return new TransientException(tried + "interrupted", "it was stopped from outside; run it again", failure);
        }
        Optional<AwsServiceException> answer = serviceAnswer(failure);
        return answer.isPresent() ? ofAnswer(answer.get(), tried, failure) : ofNoAnswer(failure, tried);
    }

    private CaravanException ofAnswer(AwsServiceException answer, String tried, Throwable failure) {
        int status = answer.statusCode();
        String code = codeOf(answer);
        String message = tried + textOf(answer);
        if (WRONG_KEYS.contains(code)) {
            return new WrongUsageException(message, keysHint(code), failure);
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return new WrongUsageException(
                    message, "the clock of this machine is wrong: see timedatectl, and let NTP set it", failure);
        }
        if (code.equals("NoSuchBucket")) {
            return new WrongUsageException(
                    message, "create the bucket, or correct caravan.s3.bucket or caravan.s3.endpoint", failure);
        }
        if (WRONG_REGION.contains(code) || status == 301 || status == 307) {
            return new WrongUsageException(message, regionHint(answer), failure);
        }
        if (ARRIVED_DAMAGED.contains(code)) {
            return new DamagedException(
                    message,
                    "the bytes that arrived are not those that were hashed, nothing was stored: if it stays, the file"
                            + " was changed, or memory or network are faulty",
                    failure);
        }
        if (LATER.contains(code) || status == 409 || status == 429 || (status >= 500 && status != 501)) {
            return new TransientException(message, "the store is busy or failing; try later", failure, wait(answer));
        }
        if (status == 403 || status == 401) {
            return new WrongUsageException(
                    message,
                    "these credentials need " + rightsHint(tried)
                            + "; an unpaid account or a full quota looks the same",
                    failure);
        }
        if (isOfNoStore(answer)) {
            return new WrongUsageException(
                    message + " without a code, which is not an answer of S3",
                    "is caravan.s3.endpoint the address of an S3 server?",
                    failure);
        }
        return new FailedException(
                message,
                status == 501
                        ? "the store does not know this kind of request: a newer version of it, or another store, may"
                        : "is caravan.s3.endpoint the address of an S3 server?",
                failure);
    }

    private CaravanException ofNoAnswer(Throwable failure, String tried) {
        Optional<FileSystemException> local = find(failure, FileSystemException.class);
        if (local.isPresent()) {
            return DiskFailures.of(tried + "reading the file to send", local.get());
        }
        if (find(failure, CertificateException.class).isPresent()
                || find(failure, SSLPeerUnverifiedException.class).isPresent()) {
            return new WrongUsageException(
                    tried + "its certificate is not trusted (" + deepest(failure) + ")",
                    "name the authority that signed it in caravan.s3.ca-file, or correct the host of"
                            + " caravan.s3.endpoint",
                    failure);
        }
        if (find(failure, UnknownHostException.class).isPresent()) {
            return new TransientException(
                    tried + "the host name is not known (" + deepest(failure) + ")",
                    "check caravan.s3.endpoint and the name server",
                    failure);
        }
        if (find(failure, ConnectException.class).isPresent()) {
            return new TransientException(
                    tried + "cannot reach it (" + deepest(failure) + ")",
                    "is the store up, and caravan.s3.endpoint its address?",
                    failure);
        }
        if (find(failure, SSLException.class).isPresent()) {
            return new TransientException(
                    tried + "no TLS connection (" + deepest(failure) + ")",
                    "if it stays: does the endpoint speak https, or only http?",
                    failure);
        }
        if (find(failure, IOException.class).isPresent()) {
            return new TransientException(
                    tried + "the connection failed (" + deepest(failure) + ")", "try again", failure);
        }
        return ofClient(failure, tried);
    }

    private static CaravanException ofClient(Throwable failure, String tried) {
        String text =
                find(failure, SdkException.class).<Throwable>map(sdk -> sdk).orElse(failure) + "";
        if (text.contains("Unable to load credentials")) {
            return new WrongUsageException(
                    tried + "there are no credentials",
                    "set caravan.s3.access-key and caravan.s3.secret-key, or give this machine a role",
                    failure);
        }
        if (text.contains(AnswerCheck.NOT_S3)) {
            return new TransientException(
                    tried + AnswerCheck.NOT_S3, "if it stays: is caravan.s3.endpoint an S3 server?", failure);
        }
        return new FailedException(tried + oneLine(text), FailedException.REPORT, failure);
    }

    private String rightsHint(String tried) {
        String within = settings.bucket() + "/" + (settings.prefix().isEmpty() ? "" : settings.prefix() + "/");
        return tried.startsWith("cannot " + REMOVE)
                ? "s3:DeleteObject on " + within + tried.split(" ", -1)[2]
                : "s3:GetObject and s3:PutObject on " + within + "*; without s3:ListBucket on " + settings.bucket()
                        + " an object that is not there is denied, too";
    }

    private static String keysHint(String code) {
        return code.contains("Token")
                ? "the session has ended: renew the credentials"
                : "check caravan.s3.access-key and caravan.s3.secret-key";
    }

    private String regionHint(AwsServiceException answer) {
        Matcher named = EXPECTED_REGION.matcher(String.valueOf(answer.getMessage()));
        String region = header(answer, "x-amz-bucket-region").orElseGet(() -> named.find() ? named.group(1) : "");
        return region.isEmpty()
                ? "the bucket is in another region than caravan.s3.region=" + settings.region()
                : "set caravan.s3.region=" + region;
    }

    static String codeOf(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    static String textOf(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String said = details == null || details.errorMessage() == null ? "" : " (" + details.errorMessage() + ")";
        String code = codeOf(answer).isEmpty() ? "" : " " + codeOf(answer);
        return "answered " + answer.statusCode() + code + oneLine(said);
    }

    /** Only the form in seconds; the form with a date is as good as none. */
    private static Duration wait(AwsServiceException answer) {
        return header(answer, "Retry-After")
                .filter(value -> value.matches("[0-9]{1,5}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .orElse(Duration.ZERO);
    }

    private static Optional<String> header(AwsServiceException answer, String name) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null || details.sdkHttpResponse() == null
                ? Optional.empty()
                : details.sdkHttpResponse().firstMatchingHeader(name);
    }

    private static Optional<AwsServiceException> serviceAnswer(Throwable failure) {
        return find(failure, AwsServiceException.class);
    }

    static <T> Optional<T> find(Throwable failure, Class<T> type) {
        return chain(failure).stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    static String deepest(Throwable failure) {
        List<Throwable> chain = chain(failure);
        Throwable last = chain.get(chain.size() - 1);
        String said = last.getMessage() == null ? "" : last.getMessage();
        return oneLine(said.isBlank() ? last.getClass().getSimpleName() : said);
    }

    /** The failure and its causes, outermost first; bounded, since nothing keeps a chain from being a ring. */
    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable at = failure; at != null && chain.size() < 20; at = at.getCause()) {
            chain.add(at);
        }
        return chain;
    }

    static String oneLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= LONGEST_ANSWER ? line : line.substring(0, LONGEST_ANSWER) + "…";
    }
}
