package caravan.crypto;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Loads the classes that TLS needs, so that {@code bin/caravan-prepare} finds them when it writes its archive: it has
 * no server with a certificate to talk to. Tells by its exit status whether hash and cipher are native here, and puts
 * their library where it need not be unpacked, and its signature not be checked by slow code, at every start.
 */
public final class Rehearsal {

    private static final List<String> TLS =
            List.of("sun/security/ssl", "sun/security/validator", "sun/security/provider/certpath");

    private static final String SUFFIX = ".class";

    private Rehearsal() {}

    /**
     * Ends with 0 if hash and cipher are native, 1 if they are Java's own.
     *
     * @param arguments the directory that the native library is written into
     */
    public static void main(String[] arguments) throws IOException {
        boolean usable = NativeCrypto.install();
        if (usable) {
            NativeCrypto.unpack(Path.of(arguments[0]));
        }
        Path base = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("modules", "java.base");
        for (String directory : TLS) {
            try (Stream<Path> files = Files.list(base.resolve(directory))) {
                files.map(file -> base.relativize(file).toString())
                        .filter(name -> name.endsWith(SUFFIX))
                        .forEach(Rehearsal::load);
            }
        }
        System.exit(usable ? 0 : 1);
    }

    private static void load(String file) {
        String name = file.substring(0, file.length() - SUFFIX.length()).replace('/', '.');
        try {
            Class.forName(name, false, null);
        } catch (ClassNotFoundException | LinkageError e) {
            // one class less in the archive
            return;
        }
    }
}
