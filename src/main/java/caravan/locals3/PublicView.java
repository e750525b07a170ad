package caravan.locals3;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.gaul.s3proxy.blobstore.BlobStore;

/**
 * What everybody may do with a store: read an object whose name they know. Writing, deleting and listing are refused,
 * and so is whatever a later version of the interface may offer.
 */
final class PublicView implements InvocationHandler {

    private static final Set<String> ALLOWED = Set.of(
            "getBlob", "blobMetadata", "blobMetadataIfPresent", "blobExists", "headBucket", "containerExists", "close");

    private final BlobStore store;

    private PublicView(BlobStore store) {
        this.store = store;
    }

    static BlobStore of(BlobStore store) {
        return (BlobStore) Proxy.newProxyInstance(
                BlobStore.class.getClassLoader(), new Class<?>[] {BlobStore.class}, new PublicView(store));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        boolean question = method.getName().startsWith("supports") || method.getDeclaringClass() == Object.class;
        if (!question && !ALLOWED.contains(method.getName())) {
            throw new UnsupportedOperationException("the public origin only reads");
        }
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
