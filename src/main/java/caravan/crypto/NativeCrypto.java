package caravan.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import javax.crypto.Cipher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 and AES-GCM from AWS-LC instead of Java's own. They give the same results, and are fast from the first byte
 * on, whereas Java's have to be compiled by the most expensive compiler first.
 *
 * <p>Only these two: trust in keys and certificates, and TLS itself, stay Java's. Where there is no native library for
 * the platform, everything is Java's.
 */
public final class NativeCrypto {

    /** Name of the provider that {@link #install()} adds. */
    static final String NAME = "Caravan";

    private static final Logger LOG = LoggerFactory.getLogger(NativeCrypto.class);

    private NativeCrypto() {}

    /**
     * Uses it for whatever this process hashes and encrypts from now on, if it can be used here; if not, says so in the
     * log, once.
     *
     * @return whether it is in use
     */
    public static boolean install() {
        return install(() -> AmazonCorrettoCryptoProvider.INSTANCE);
    }

    /**
     * Writes the native library into {@code directory}, from which Java loads it if {@code java.library.path} names
     * that directory and {@code com.amazon.corretto.crypto.provider.useExternalLib} is true.
     */
    static void unpack(Path directory) throws IOException {
        String name = System.mapLibraryName("amazonCorrettoCryptoProvider");
        try (InputStream library = AmazonCorrettoCryptoProvider.class.getResourceAsStream(name)) {
            if (library == null) {
                throw new FileNotFoundException("there is no " + name + " in the library of hash and cipher");
            }
            Files.createDirectories(directory);
            Files.copy(library, directory.resolve(name));
        }
    }

    /** The same with the library that is given. */
    static synchronized boolean install(Supplier<Provider> library) {
        if (Security.getProvider(NAME) != null) {
            return true;
        }
        Optional<Provider> usable = load(library);
        usable.ifPresent(provider -> Security.insertProviderAt(provider, 1));
        return usable.isPresent();
    }

    private static Optional<Provider> load(Supplier<Provider> library) {
        try {
            Provider chosen = new Chosen(library.get());
            MessageDigest.getInstance("SHA-256", chosen).digest();
            Cipher.getInstance("AES/GCM/NoPadding", chosen);
            return Optional.of(chosen);
        } catch (GeneralSecurityException | LinkageError | RuntimeException e) {
            report(root(e));
            return Optional.empty();
        }
    }

    /** Without the optimising compiler Java's own would take 45 CPU seconds per GB instead of one. */
    private static void report(Throwable reason) {
        if (System.getProperty("java.vm.info", "").contains("emulated-client")) {
            LOG.warn(
                    "hash and cipher are Java's own and very slow: their native library, with which bin/caravan-prepare"
                            + " counted, cannot be used ({}); run bin/caravan-prepare again",
                    reason.toString());
        } else {
            LOG.info(
                    "hash and cipher are Java's own, which is right but slower: no native library here ({})",
                    reason.toString());
        }
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Those services of a provider that we want, and no other. */
    private static final class Chosen extends Provider {

        private static final long serialVersionUID = 1;

        private static final Set<String> SERVICES = Set.of("MessageDigest.SHA-256", "Cipher.AES/GCM/NoPadding");

        private final transient Provider all;

        Chosen(Provider all) {
            super(NAME, "1", "SHA-256 and AES-GCM of " + all.getInfo());
            this.all = all;
        }

        @Override
        public Service getService(String type, String algorithm) {
            return SERVICES.contains(type + "." + algorithm) ? all.getService(type, algorithm) : null;
        }
    }
}
