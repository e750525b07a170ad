package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.WrongUsageException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * What this client knows of a directory from restoring it before.
 *
 * @param files those it would recognise without reading them
 * @param manifest what the directory was, if that is still kept
 */
record Remembered(KnownFiles files, Optional<ManifestFile> manifest) {

    static final Remembered NOTHING = new Remembered(KnownFiles.NONE, Optional.empty());

    Remembered {
        requireNonNull(files, "files");
        requireNonNull(manifest, "manifest");
    }

    /** What {@code state} knows of {@code directory}. */
    static Remembered of(ClientState state, Path directory) throws CaravanException {
        KeptManifests manifests = new KeptManifests(state);
        if (!manifests.knows(directory)) {
            return NOTHING;
        }
        return new Remembered(KnownFiles.of(state, directory), manifest(manifests, directory));
    }

    /** Lets {@code state} know that {@code directory} now is what {@code manifest} says. */
    static void keep(ClientState state, Path directory, ManifestFile manifest)
            throws CaravanException, InterruptedException {
        new KeptManifests(state).restored(directory, manifest);
        KnownFiles.remember(state, directory, manifest, Instant.now());
    }

    /** The same without what would have to be believed: where chunks were is only a hint. */
    Remembered withoutFiles() {
        return new Remembered(files.doubted(), manifest);
    }

    private static Optional<ManifestFile> manifest(KeptManifests manifests, Path directory) throws CaravanException {
        try {
            return Optional.of(manifests.of(directory));
        } catch (WrongUsageException e) {
            return Optional.empty(); // no longer kept
        }
    }
}
