package caravan.catalog;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.signature.FileSignature;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the program that lie beside the catalog for everybody: the status page and the client in bash. They are sent
 * only when the bucket has others. Each call may be repeated.
 */
public final class PublicFiles {

    private static final Logger LOG = LoggerFactory.getLogger(PublicFiles.class);

    private static final String HTML = "text/html; charset=utf-8";

    /** So that whoever is about to run it can read it in a browser first. */
    private static final String TEXT = "text/plain; charset=utf-8";

    private final ObjectStore store;

    private final byte[] page;

    private final Path syncScript;

    private final SigningKey key;

    /**
     * Files for {@code store}.
     *
     * @param syncScript the client in bash; there is none in a program that was not packaged
     * @param key signs that client
     */
    public PublicFiles(ObjectStore store, StatusPage page, Path syncScript, SigningKey key) {
        this.store = requireNonNull(store, "store");
        this.page = page.html();
        this.syncScript = requireNonNull(syncScript, "syncScript");
        this.key = requireNonNull(key, "key");
    }

    /** Stores the status page. */
    public void putPage() throws CaravanException {
        putIfOther(BucketPaths.PAGE, Content.of(page, HTML, CachePolicy.MUTABLE));
    }

    /** Stores the client in bash, then its signature. */
    public void putSyncScript() throws CaravanException {
        if (!Files.exists(syncScript)) {
            LOG.debug("{} is not there, so it is not put into the bucket", syncScript);
            return;
        }
        byte[] script = read(syncScript);
        putIfOther(BucketPaths.SYNC_SCRIPT, Content.of(script, TEXT, CachePolicy.MUTABLE));
        putIfOther(
                BucketPaths.SYNC_SCRIPT_SIGNATURE,
                Content.of(FileSignature.of(script, key), TEXT, CachePolicy.MUTABLE));
    }

    private void putIfOther(String path, Content content) throws CaravanException {
        if (!isStored(path, content)) {
            store.put(path, content);
            LOG.info("{}: {} bytes stored", path, content.size());
        }
    }

    private boolean isStored(String path, Content content) throws CaravanException {
        Optional<ObjectHead> head = store.head(path);
        if (head.isEmpty() || !normal(head.get().contentType()).equals(normal(content.contentType()))) {
            return false;
        }
        return switch (head.get().compare(content.size(), content.digest())) {
            case SAME -> true;
            case DIFFERENT -> false;
            case SAME_SIZE -> {
                Optional<StoredObject> stored = store.read(path, Math.toIntExact(content.size()));
                yield stored.isPresent() && Digest.of(stored.get().bytes()).equals(content.digest());
            }
        };
    }

    /** Some stores write a type in their own way. */
    private static String normal(String contentType) {
        return contentType.replace(" ", "").toLowerCase(Locale.ROOT);
    }

    private static byte[] read(Path file) throws FailedException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new FailedException("read " + file + ": " + e, "it belongs to the installation; install it again", e);
        }
    }
}
