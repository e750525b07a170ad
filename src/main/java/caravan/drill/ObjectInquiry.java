package caravan.drill;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.restore.ClientSettings;
import caravan.restore.ServedObject;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/**
 * Asks the bucket and the public address for one object that a restore could not use, and says whether they agree: what
 * to do differs. Both are read whole, once. Safe for many threads.
 */
final class ObjectInquiry {

    private static final int BUFFER_BYTES = 1 << 16;

    /** More than any object of the format has. */
    private static final long LARGEST = 5L << 30;

    private final ObjectStore bucket;

    private final ClientSettings client;

    private final String base;

    /** @param base public address, without a slash at the end */
    ObjectInquiry(ObjectStore bucket, ClientSettings client, String base) {
        this.bucket = requireNonNull(bucket, "bucket");
        this.client = requireNonNull(client, "client");
        this.base = requireNonNull(base, "base");
    }

    /**
     * What was found out about an object.
     *
     * @param isInBucket whether the bucket has it, or is not known not to
     * @param text what either has
     * @param hint what to do about it
     */
    record Answer(boolean isInBucket, String text, String hint) {}

    /** Asks both; that one of them does not answer is part of the answer. */
    Answer ask(String path) throws InterruptedException {
        Side stored = inBucket(path);
        Side served = atEdge(path);
        boolean right = stored.isRight(path);
        String found = right
                ? "the bucket has " + path + " as it should be, the public address " + served.has()
                : stored.isSame(served)
                        ? "bucket and public address agree on " + path + ": either " + stored.has()
                        : "bucket and public address do not agree on " + path + ": the bucket " + stored.has()
                                + ", the public address " + served.has();
        return new Answer(
                !(stored instanceof Side.Nothing),
                found,
                hint(path, stored) + "; the files of the node are not in doubt");
    }

    /** Only a chunk is stored again under its name: whoever deletes anything else breaks the snapshot for everybody. */
    private String hint(String path, Side stored) {
        String forget = "let the CDN forget " + addressOf(path);
        if (stored instanceof Side.Silence) {
            return "nothing is known of " + path + " in the bucket: drill or publish again when the bucket answers";
        }
        if (stored.isRight(path)) {
            return forget + ", and drill or publish again";
        }
        if (stored instanceof Side.Bytes && isPlainChunk(path)) {
            return "delete " + path + " in the bucket, " + forget + ", and publish again, which stores it anew";
        }
        if (stored instanceof Side.Nothing && isPlainChunk(path)) {
            return forget + ", and publish again, which stores it anew";
        }
        return forget + ", and drill again; if the bucket has it wrong, too, publish a new snapshot";
    }

    /** Whether the name says what the bytes hash to; that of a compressed chunk says what is in it. */
    private static boolean isPlainChunk(String path) {
        return BucketPaths.digestInChunk(path)
                .filter(digest -> path.equals(BucketPaths.chunk(digest, StoredAs.PLAIN)))
                .isPresent();
    }

    private String addressOf(String path) {
        return base + "/" + path;
    }

    private Side inBucket(String path) {
        try {
            Optional<OpenObject> object = bucket.open(path);
            if (object.isEmpty()) {
                return new Side.Nothing();
            }
            try (OpenObject open = object.get()) {
                return read(open.body());
            }
        } catch (CaravanException | IOException e) {
            return new Side.Silence(e.getMessage());
        }
    }

    private Side atEdge(String path) throws InterruptedException {
        try {
            Optional<ServedObject> served = ServedObject.read(client, base, path, LARGEST);
            return served.isEmpty()
                    ? new Side.Nothing()
                    : new Side.Bytes(served.get().size(), served.get().digest());
        } catch (CaravanException e) {
            return new Side.Silence(e.getMessage());
        }
    }

    private static Side read(InputStream body) throws IOException {
        MessageDigest digest = Digest.newMessageDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            digest.update(buffer, 0, count);
            size += count;
        }
        return new Side.Bytes(size, Digest.fromBytes(digest.digest()));
    }

    /** What one of the two has under a name. */
    private sealed interface Side {

        String has();

        /** Whether it is known to be what the name says; a compressed chunk is named by what is in it. */
        default boolean isRight(String path) {
            return this instanceof Bytes bytes
                    && isPlainChunk(path)
                    && List.of(bytes.digest())
                            .equals(BucketPaths.digestInChunk(path).stream().toList());
        }

        default boolean isSame(Side other) {
            return equals(other) && !(this instanceof Silence);
        }

        record Bytes(long size, Digest digest) implements Side {
            @Override
            public String has() {
                return "has " + size + " bytes that hash to " + digest;
            }
        }

        record Nothing() implements Side {
            @Override
            public String has() {
                return "has nothing";
            }
        }

        record Silence(String why) implements Side {
            @Override
            public String has() {
                return "does not answer (" + why + ")";
            }
        }
    }
}
