package caravan.aws;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.snapshot.Digest;
import caravan.store.Composition;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ListedObject;
import caravan.store.ObjectHead;
import caravan.store.ObjectHead.Checksum;
import caravan.store.ObjectPage;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.ReplaceOutcome;
import caravan.store.StoreProbe;
import caravan.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Objects in a bucket of S3. One attempt per call; the client must be one of {@link S3Clients}, which sends the
 * SHA-256 along and leaves the repeating to the caller.
 */
public final class S3ObjectStore implements ObjectStore {

    private final S3Client client;
    private final S3Settings settings;
    private final S3Failures failures;

    /** The store of {@code settings}; closing {@code client} stays with the caller. */
    public S3ObjectStore(S3Client client, S3Settings settings) {
        this.client = requireNonNull(client, "client");
        this.settings = requireNonNull(settings, "settings");
        this.failures = new S3Failures(settings);
    }

    @Override
    public Optional<ObjectHead> head(String key) throws CaravanException {
        try {
            HeadObjectResponse told = ask(key);
            return Optional.of(toHead(told, lengthIn(told.contentLength(), key)));
        } catch (SdkException e) {
            return absentOrThrow(e, key, "look at");
        }
    }

    @Override
    public Optional<StoredObject> read(String key, int limitBytes) throws CaravanException {
        Optional<OpenObject> found = open(key);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (OpenObject object = found.get()) {
            byte[] bytes = object.body().readNBytes(limitBytes);
            if (object.size() > limitBytes) {
                throw new DamagedException(
                        settings.keyOf(key) + " in " + settings.place() + " has " + object.size()
                                + " bytes, more than the " + limitBytes + " it can have",
                        "something else was put under this name");
            }
            return Optional.of(new StoredObject(bytes, object.etag()));
        } catch (IOException | SdkException e) {
            throw failures.classify(e, "read " + key);
        }
    }

    @Override
    public Optional<OpenObject> open(String key) throws CaravanException {
        try {
            ResponseInputStream<GetObjectResponse> answer =
                    client.getObject(get -> get.bucket(settings.bucket()).key(settings.keyOf(key)));
            GetObjectResponse told = answer.response();
            return Optional.of(
                    new OpenObject(lengthIn(told.contentLength(), key), textOf(told.eTag()), new Body(answer)));
        } catch (SdkException e) {
            if (S3Failures.isOfNoStore(e)) {
                throw failures.classify(e, "read " + key);
            }
            return absentOrThrow(e, key, "read");
        }
    }

    @Override
    public CreateOutcome create(String key, Content content) throws CaravanException {
        PutObjectRequest request = request(key, content).ifNoneMatch("*").build();
        Optional<RuntimeException> failure = send(request, content);
        if (failure.isEmpty()) {
            return CreateOutcome.CREATED;
        }
        if (S3Failures.isPreconditionFailed(failure.get())) {
            return CreateOutcome.ALREADY_THERE;
        }
        throw failures.classify(failure.get(), "create " + key);
    }

    @Override
    public ReplaceOutcome replace(String key, Content content, String etag) throws CaravanException {
        ReplaceOutcome outcome = replaceIf(key, content, etag);
        if (outcome == ReplaceOutcome.CONFLICT && etag.startsWith("\"") && isStill(key, etag)) {
            // Ceph's gateway (16.2, measured) compares the header with the bare tag, so what RFC 9110 asks for never
            // matches there. Asking again without quotes is a condition as before, and no store that obeys it loses.
            return replaceIf(key, content, etag.replace("\"", ""));
        }
        return outcome;
    }

    private ReplaceOutcome replaceIf(String key, Content content, String etag) throws CaravanException {
        PutObjectRequest request = request(key, content).ifMatch(etag).build();
        Optional<RuntimeException> failure = send(request, content);
        if (failure.isEmpty()) {
            return ReplaceOutcome.REPLACED;
        }
        if (S3Failures.isPreconditionFailed(failure.get()) || isAbsent(failure.get())) {
            return ReplaceOutcome.CONFLICT;
        }
        throw failures.classify(failure.get(), "replace " + key);
    }

    private boolean isStill(String key, String etag) throws CaravanException {
        return head(key).map(ObjectHead::etag).filter(etag::equals).isPresent();
    }

    @Override
    public void put(String key, Content content) throws CaravanException {
        Optional<RuntimeException> failure = send(request(key, content).build(), content);
        if (failure.isPresent()) {
            throw failures.classify(failure.get(), "store " + key);
        }
    }

    @Override
    public CreateOutcome compose(String key, Composition composition) throws CaravanException {
        return new S3Composition(client, settings, failures).compose(key, composition);
    }

    @Override
    public ObjectPage list(String folder, Optional<String> page) throws CaravanException {
        try {
            ListObjectsV2Response told = client.listObjectsV2(list -> list.bucket(settings.bucket())
                    .prefix(settings.keysBegin() + folder)
                    .continuationToken(page.orElse(null)));
            List<ListedObject> objects = told.contents().stream()
                    .map(object -> new ListedObject(
                            object.key().substring(settings.keysBegin().length()),
                            object.size(),
                            object.lastModified()))
                    .toList();
            Optional<String> next =
                    Optional.ofNullable(told.nextContinuationToken()).filter(token -> !token.isEmpty());
            if (Boolean.TRUE.equals(told.isTruncated()) && next.isEmpty()) {
                throw new FailedException(
                        "list " + settings.place() + ": there is more, and the store does not say how to get it",
                        "it does not know ListObjectsV2; what a whole list is needed for cannot be done there");
            }
            return new ObjectPage(objects, next);
        } catch (SdkException e) {
            throw failures.classify(e, "list " + (folder.isEmpty() ? "the bucket" : folder));
        }
    }

    @Override
    public void remove(String key) throws CaravanException {
        try {
            client.deleteObject(delete -> delete.bucket(settings.bucket()).key(settings.keyOf(key)));
        } catch (SdkException e) {
            if (!isAbsent(e)) {
                throw failures.classify(e, S3Failures.REMOVE + key);
            }
        }
    }

    private PutObjectRequest.Builder request(String key, Content content) {
        return PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(settings.keyOf(key))
                .contentType(content.contentType())
                .cacheControl(content.cachePolicy().header())
                .metadata(Map.of(Sha256Header.METADATA, content.digest().hex()));
    }

    /** Empty if the store has it. What the SDK throws when it cannot read the content is not always its own type. */
    private Optional<RuntimeException> send(PutObjectRequest request, Content content) {
        try {
            client.putObject(
                    request,
                    RequestBody.fromContentProvider(() -> open(content), content.size(), content.contentType()));
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
    }

    private static InputStream open(Content content) {
        try {
            return content.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HeadObjectResponse ask(String key) {
        return client.headObject(
                head -> head.bucket(settings.bucket()).key(settings.keyOf(key)).checksumMode(ChecksumMode.ENABLED));
    }

    private <T> Optional<T> absentOrThrow(SdkException failure, String key, String verb) throws CaravanException {
        if (isAbsent(failure) || (isForbidden(failure) && canReadOthers())) {
            return Optional.empty();
        }
        throw failures.classify(failure, verb + " " + key);
    }

    private static boolean isAbsent(RuntimeException failure) {
        // An answer to HEAD has no body, so a missing bucket cannot be told from a missing key there.
        return failure instanceof S3Exception answer
                && answer.statusCode() == 404
                && !"NoSuchBucket".equals(answer.awsErrorDetails().errorCode());
    }

    private static boolean isForbidden(SdkException failure) {
        return failure instanceof S3Exception answer
                && answer.statusCode() == 403
                && (answer.awsErrorDetails().errorCode() == null
                        || !answer.awsErrorDetails().errorCode().matches("InvalidAccessKeyId|SignatureDoesNotMatch"));
    }

    /** Whether an object that every probe leaves behind can be read. */
    private boolean canReadOthers() {
        try {
            ask(StoreProbe.MARK);
            return true;
        } catch (SdkException e) {
            return false;
        }
    }

    private long lengthIn(Long told, String key) throws DamagedException {
        if (told == null) {
            throw new DamagedException(
                    settings.place() + " answers for " + settings.keyOf(key) + " without a Content-Length",
                    "is there a proxy in between that changes answers?");
        }
        return told;
    }

    private static ObjectHead toHead(HeadObjectResponse told, long size) {
        return new ObjectHead(
                size,
                textOf(told.eTag()),
                checksumOf(told.checksumSHA256()),
                textOf(told.contentType()),
                textOf(told.cacheControl()));
    }

    private static Checksum checksumOf(String base64) {
        // Of an object that came in parts the checksum is one of checksums and ends in "-<parts>".
        if (base64 == null || base64.contains("-")) {
            return new Checksum.NotTold();
        }
        byte[] sha256 = Base64.getDecoder().decode(base64);
        return sha256.length == Digest.BYTES ? new Checksum.Sha256(Digest.fromBytes(sha256)) : new Checksum.NotTold();
    }

    private static String textOf(String value) {
        return value == null ? "" : value;
    }

    /** A body that knows how to stop: closing the SDK's stream early would first read the rest of the object. */
    private static final class Body extends InputStream {

        private final ResponseInputStream<GetObjectResponse> answer;
        private boolean ended;

        private Body(ResponseInputStream<GetObjectResponse> answer) {
            this.answer = answer;
        }

        @Override
        public int read() throws IOException {
            int read = answer.read();
            ended |= read < 0;
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = answer.read(bytes, offset, length);
            ended |= read < 0;
            return read;
        }

        @Override
        public void close() throws IOException {
            if (!ended) {
                answer.abort();
            }
            answer.close();
        }
    }
}
