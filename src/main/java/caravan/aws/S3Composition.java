package caravan.aws;

import caravan.failure.CaravanException;
import caravan.store.Composition;
import caravan.store.CreateOutcome;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.UploadPartCopyResponse;

/** Copies within the store: one object by CopyObject, several by the parts of a multipart upload. */
final class S3Composition {

    private final S3Client client;
    private final S3Settings settings;
    private final S3Failures failures;

    S3Composition(S3Client client, S3Settings settings, S3Failures failures) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
    }

    CreateOutcome compose(String key, Composition composition) throws CaravanException {
        try {
            if (composition.parts().size() == 1) {
                copy(key, composition);
            } else {
                join(key, composition);
            }
            return CreateOutcome.CREATED;
        } catch (SdkException e) {
            if (S3Failures.isPreconditionFailed(e)) {
                return CreateOutcome.ALREADY_THERE;
            }
            throw failures.classify(e, "compose " + key);
        }
    }

    private void copy(String key, Composition composition) {
        client.copyObject(copy -> copy.sourceBucket(settings.bucket())
                .sourceKey(settings.keyOf(composition.parts().get(0).key()))
                .destinationBucket(settings.bucket())
                .destinationKey(settings.keyOf(key))
                .ifNoneMatch("*")
                .metadataDirective(MetadataDirective.REPLACE)
                .contentType(composition.contentType())
                .cacheControl(composition.cachePolicy().header()));
    }

    private void join(String key, Composition composition) {
        String upload = client.createMultipartUpload(create -> create.bucket(settings.bucket())
                        .key(settings.keyOf(key))
                        .contentType(composition.contentType())
                        .cacheControl(composition.cachePolicy().header()))
                .uploadId();
        boolean complete = false;
        try {
            List<CompletedPart> parts = copyParts(key, composition, upload);
            client.completeMultipartUpload(done -> done.bucket(settings.bucket())
                    .key(settings.keyOf(key))
                    .uploadId(upload)
                    .ifNoneMatch("*")
                    .multipartUpload(all -> all.parts(parts)));
            complete = true;
        } finally {
            if (!complete) {
                abort(key, upload);
            }
        }
    }

    private List<CompletedPart> copyParts(String key, Composition composition, String upload) {
        List<CompletedPart> parts = new ArrayList<>();
        for (Composition.Part part : composition.parts()) {
            int number = parts.size() + 1;
            UploadPartCopyResponse copied = client.uploadPartCopy(copy -> copy.sourceBucket(settings.bucket())
                    .sourceKey(settings.keyOf(part.key()))
                    .destinationBucket(settings.bucket())
                    .destinationKey(settings.keyOf(key))
                    .uploadId(upload)
                    .partNumber(number));
            parts.add(CompletedPart.builder()
                    .partNumber(number)
                    .eTag(copied.copyPartResult().eTag())
                    .build());
        }
        return parts;
    }

    /** Parts that are left behind cost money until a lifecycle rule of the bucket removes them. */
    private void abort(String key, String upload) {
        try {
            client.abortMultipartUpload(abort ->
                    abort.bucket(settings.bucket()).key(settings.keyOf(key)).uploadId(upload));
        } catch (SdkException e) {
            // the failure before it is what matters
            return;
        }
    }
}
