package caravan.warm;

import caravan.pace.RateLimit;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Reads what an edge sends to its end, keeps nothing of it, and finds out whether it is the object that was asked for.
 * Safe for many threads.
 */
public final class BodyCheck {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final RateLimit rate;

    /** Reads not faster than {@code rate}, all regions together. */
    public BodyCheck(RateLimit rate) {
        this.rate = rate;
    }

    /**
     * Reads {@code body} and tells the task's region what was seen. It is read to its end if it is right, so that the
     * connection can be used again, and not further than it is.
     *
     * @param status of the answer
     * @param requestedAt when the request was made, as {@link System#nanoTime}
     * @throws EdgeFaultException if the answer is of no use: status, place, length or, at the second look, hash
     * @throws WarmStoppedException if the region's time is over
     */
    public void read(WarmTask task, int status, EdgeAnswer answer, InputStream body, long requestedAt)
            throws IOException, InterruptedException, EdgeFaultException, WarmStoppedException {
        Count got = new Count();
        try {
            read(task, status, answer, body, requestedAt, got);
        } finally {
            task.region().moved(task, got.bytes);
        }
        task.region().seen(task, new Observation(got.bytes, answer, got.firstByteNanos));
    }

    private void read(WarmTask task, int status, EdgeAnswer answer, InputStream body, long requestedAt, Count got)
            throws IOException, InterruptedException, EdgeFaultException, WarmStoppedException {
        if (status != 200) {
            throw EdgeFaultException.status(task, answer, status);
        }
        String expected = task.region().region().vantage().expectedPop();
        if (!answer.pop().startsWith(expected)) {
            throw EdgeFaultException.elsewhere(task, answer, expected);
        }
        Optional<MessageDigest> digest = task.again() ? Optional.of(Digest.newMessageDigest()) : Optional.empty();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            if (got.bytes == 0) {
                got.firstByteNanos = System.nanoTime() - requestedAt;
            }
            got.bytes += count;
            int length = count;
            digest.ifPresent(hash -> hash.update(buffer, 0, length));
            if (got.bytes > task.object().size()) {
                throw EdgeFaultException.length(task, answer, got.bytes);
            }
            task.region().requireGoing();
            rate.take(count);
        }
        if (got.bytes != task.object().size()) {
            throw EdgeFaultException.length(task, answer, got.bytes);
        }
        if (digest.isPresent()
                && !Digest.fromBytes(digest.get().digest()).equals(task.object().digest())) {
            throw EdgeFaultException.bytes(task, answer);
        }
    }

    /** How much came so far, and when the first of it. */
    private static final class Count {

        private long bytes;

        private long firstByteNanos;
    }
}
