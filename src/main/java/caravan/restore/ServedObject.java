package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectStream;
import caravan.restore.source.SourcePool;
import caravan.snapshot.Digest;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * What is served under one name, whatever it should be.
 *
 * @param size bytes
 * @param digest of all of them
 */
public record ServedObject(long size, Digest digest) {

    private static final int BUFFER_BYTES = 1 << 16;

    /** Nothing is null. */
    public ServedObject {
        requireNonNull(digest, "digest");
    }

    /**
     * Reads the object with this path below {@code base}, as any client that asks for the first time.
     *
     * @param limit most bytes of it that are looked at
     * @return none if there is none
     * @throws CaravanException if it cannot be found out, or it is longer
     */
    public static Optional<ServedObject> read(ClientSettings settings, String base, String path, long limit)
            throws CaravanException, InterruptedException {
        try (SourcePool source = new PublishedBase(base).open(settings)) {
            return Optional.of(settings.retries().run(bypass -> {
                ObjectRequest request = ObjectRequest.atMost(path, limit).bypassingCaches(bypass);
                try (ObjectStream stream = source.open(request)) {
                    return readAll(stream);
                } catch (AttemptFailure e) {
                    throw e.about(path);
                }
            }));
        } catch (FailedException e) {
            if (AttemptFailure.in(e).filter(AttemptFailure::isAbsent).isPresent()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static ServedObject readAll(ObjectStream stream) throws AttemptFailure {
        MessageDigest digest = Digest.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        for (int count = stream.read(buffer, 0, buffer.length);
                count >= 0;
                count = stream.read(buffer, 0, buffer.length)) {
            digest.update(buffer, 0, count);
            size += count;
        }
        return new ServedObject(size, Digest.fromBytes(digest.digest()));
    }
}
