package caravan.capture.rocksdb;

import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The files without which no capture of a database can be whole, looked for while its node may go on. */
public final class LiveFiles {

    private static final int MOST_LOOKS = 5;

    private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(20);

    private LiveFiles() {}

    /**
     * Finds that files are missing which the MANIFEST names; nothing is opened but CURRENT and the MANIFEST. A file goes
     * only after the MANIFEST has ceased to name it, so one that was missing and is named afterwards is lost.
     *
     * @throws DamagedException if one is missing, or the MANIFEST is not sound
     * @throws RefusedException if the MANIFEST has a form that is not known
     */
    public static void require(Path directory) throws DamagedException, RefusedException, FailedException {
        SourceFailures failures = new SourceFailures(directory);
        try {
            Set<String> missing = new TreeSet<>();
            for (String name : namedIn(directory)) {
                if (!Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                    missing.add(name);
                }
            }
            if (!missing.isEmpty()) {
                missing.retainAll(namedIn(directory));
            }
            if (!missing.isEmpty()) {
                throw damaged(
                        directory,
                        missing.iterator().next() + ", which the MANIFEST names, is missing; if"
                                + " db_paths or cf_paths are set, it is in another directory, and a capture takes one");
            }
        } catch (BadFormatException e) {
            throw damaged(directory, e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw failures.unsupported(e);
        } catch (IOException e) {
            throw failures.refusedOrFailed(e);
        }
    }

    /**
     * Nothing if the engine changes the MANIFEST whenever it is read: a capture has more patience. What is read while it is
     * written may look damaged; what does not change any more and looks the same again is.
     */
    private static Set<String> namedIn(Path directory)
            throws IOException, BadFormatException, UnsupportedFormatException {
        String seen = "";
        for (int look = 0; look < MOST_LOOKS; look++) {
            Path manifest = directory.resolve(StructureCheck.manifestNamedIn(directory));
            try {
                if (StructureCheck.readManifest(manifest) instanceof ManifestReader.Result.Complete complete) {
                    return complete.state().liveFiles().keySet();
                }
            } catch (NoSuchFileException e) {
                // The engine has begun another; CURRENT names it by now, or the look after the last fails.
                if (look == MOST_LOOKS - 1) {
                    throw e;
                }
            } catch (BadFormatException e) {
                String now = factsOf(manifest) + e.getMessage();
                if (now.equals(seen)) {
                    throw e;
                }
                seen = now;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS);
        }
        return Set.of();
    }

    private static String factsOf(Path manifest) throws IOException {
        try {
            return manifest + " " + FileStat.of(manifest) + " ";
        } catch (NoSuchFileException e) {
            return "gone";
        }
    }

    private static DamagedException damaged(Path directory, String reason) {
        return new DamagedException(
                "the RocksDB in " + directory + " is not whole: " + reason,
                "no capture of it would be published: the node's own database is damaged, look into its LOG");
    }
}
