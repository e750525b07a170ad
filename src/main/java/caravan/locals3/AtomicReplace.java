package caravan.locals3;

import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.S3Exceptions;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

/**
 * Makes {@code If-Match} hold among requests at once. S3Proxy 4.1.0 compares before it reads the body and again never,
 * so of eight concurrent replacements of one version all eight succeed; here the comparison and the write are one step.
 */
final class AtomicReplace extends ForwardingBlobStore {

    // One per key that is ever written without If-None-Match: a handful of names per published snapshot.
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    AtomicReplace(BlobStore store) {
        super(store);
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream body) {
        if (request.ifNoneMatch() != null) {
            return super.putBlob(request, body);
        }
        ReentrantLock lock = locks.computeIfAbsent(request.bucket() + "/" + request.key(), name -> new ReentrantLock());
        lock.lock();
        try {
            if (request.ifMatch() != null && !isStill(request)) {
                throw S3Exceptions.preconditionFailed(null);
            }
            return super.putBlob(request, body);
        } finally {
            lock.unlock();
        }
    }

    private boolean isStill(PutObjectRequest request) {
        HeadObjectResponse there = blobMetadataIfPresent(request.bucket(), request.key());
        return there != null && withoutQuotes(request.ifMatch()).equals(withoutQuotes(there.eTag()));
    }

    private static String withoutQuotes(String etag) {
        return etag == null ? "" : etag.replace("\"", "");
    }
}
