package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Target;
import caravan.restore.target.TargetTree;
import caravan.snapshot.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory that a restore has completed, looked at without a change. */
final class RestoredDirectory {

    private static final String GO_ON = "run the same fetch again, it goes on where it was";

    private RestoredDirectory() {}

    /**
     * The directory as asked for, without a link in its path.
     *
     * @throws RefusedException if it is none
     */
    static Path locate(Path given) throws CaravanException {
        Path directory = Target.locate(given);
        if (!Files.isDirectory(directory)) {
            Path stage = directory.resolveSibling(directory.getFileName() + Target.INCOMPLETE);
            String hint = Files.exists(stage)
                    ? "a restore into it has not ended: run the same fetch again"
                    : "check the path";
            throw new RefusedException(directory + " is not a directory", hint);
        }
        return directory;
    }

    /** Refuses a directory whose restore has not ended. */
    static void requireEnded(TargetTree tree) throws IOException, RefusedException {
        if (tree.look(Target.MARKER).isPresent()) {
            throw new RefusedException(tree.root() + " is being restored: the restore has not ended", GO_ON);
        }
    }

    /** Refuses a directory whose restore has not ended, unless it was one from the manifest with this hash. */
    static void requireEndedOrFrom(Path directory, Digest manifest) throws CaravanException {
        try (TargetTree tree = TargetTree.open(directory)) {
            if (tree.look(Target.MARKER).isPresent() && !marker(tree).contains(manifest.hex())) {
                requireEnded(tree);
            }
        } catch (IOException e) {
            throw LocalFailures.of("reading " + directory, e);
        }
    }

    private static String marker(TargetTree tree) throws IOException {
        try (InputStream in = Channels.newInputStream(tree.read(Target.MARKER))) {
            return new String(in.readNBytes(1 << 10), StandardCharsets.UTF_8);
        }
    }
}
