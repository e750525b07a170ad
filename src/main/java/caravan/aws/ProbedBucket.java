package caravan.aws;

import software.amazon.awssdk.services.s3.DelegatingS3Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketResponse;

/**
 * The client that routes use. It answers the question whether the bucket exists by itself: an S3 endpoint asks it each
 * time it is started, so that routes could not even be checked without the bucket, and {@link caravan.store.StoreProbe}
 * has asked before, in words fit for an operator. Everything else goes to the real client, which the caller closes.
 */
public final class ProbedBucket extends DelegatingS3Client {

    /** A client that passes calls on to {@code client}. */
    public ProbedBucket(S3Client client) {
        super(client);
    }

    @Override
    public HeadBucketResponse headBucket(HeadBucketRequest request) {
        return HeadBucketResponse.builder().build();
    }

    @Override
    public void close() {
        // Endpoints that stop must not close what others still use.
    }
}
