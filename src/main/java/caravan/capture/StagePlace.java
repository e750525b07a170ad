package caravan.capture;

import caravan.disk.DiskFailures;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a stage may be, and how much room it must have. */
final class StagePlace {

    private StagePlace() {}

    /**
     * The real path of the stage: outside the root, where only the node writes, and outside its stores, which links may
     * have put elsewhere. A root that is a mount of its own has no other place that files can be linked to.
     */
    static Path outside(Path root, List<StoreLocation> stores, Path stage) throws RefusedException, FailedException {
        Path absolute = stage.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new RefusedException(
                    "the stage " + stage + " cannot be made: the directory around it does not exist",
                    "create it, or name another place in caravan.database.<name>.stage-directory");
        }
        try {
            Path real = parent.toRealPath().resolve(absolute.getFileName());
            if (!isMount(root.toRealPath())) {
                requireApart(stage, real, root.toRealPath());
            }
            for (StoreLocation store : stores) {
                requireApart(stage, real, store.directory());
            }
            return real;
        } catch (IOException e) {
            throw DiskFailures.of("finding the stage " + stage, e);
        }
    }

    /** Whether what lies beside {@code directory} is on another file system. */
    static boolean isMount(Path directory) throws IOException {
        Path parent = directory.getParent();
        return parent == null
                || !Files.getAttribute(parent, "unix:dev").equals(Files.getAttribute(directory, "unix:dev"));
    }

    private static void requireApart(Path stage, Path real, Path directory) throws RefusedException {
        if (real.startsWith(directory) || directory.startsWith(real)) {
            throw new RefusedException(
                    "the stage " + stage + " is inside the database directory " + directory + ", or around it",
                    "name a place beside it in caravan.database.<name>.stage-directory");
        }
    }

    /** Refuses a stage that this user cannot make, or not write into. */
    static void requireWritable(Path stage) throws RefusedException {
        Path absolute = stage.toAbsolutePath().normalize();
        Path written = Files.isDirectory(absolute) ? absolute : absolute.getParent();
        if (written != null && !(Files.isWritable(written) && Files.isExecutable(written))) {
            throw new RefusedException(
                    "the stage " + stage + " cannot be made: writing to " + written + " is not permitted",
                    "run as the node's user, or name a place on the same mount that this user may write to in"
                            + " caravan.database.<name>.stage-directory");
        }
    }

    /** Refuses a stage on another file system than {@code store}, as far as that can be seen without a link. */
    static void requireSameFileSystem(StoreLocation store, Path stage) throws RefusedException, FailedException {
        Path parent = stage.toAbsolutePath().normalize().getParent();
        try {
            if (parent != null
                    && !Files.getAttribute(parent, "unix:dev")
                            .equals(Files.getAttribute(store.directory(), "unix:dev"))) {
                throw new RefusedException(
                        "the stage " + stage + " is on another mount than " + store.directory()
                                + ", so files cannot be linked there",
                        "name a place on the same mount, and in the same btrfs subvolume, in"
                                + " caravan.database.<name>.stage-directory");
            }
        } catch (IOException e) {
            throw DiskFailures.of("finding the stage " + stage, e);
        }
    }

    /** Bytes that are free where {@code place} is; at least {@code needed} and the floor. */
    static long requireFreeSpace(Path place, long needed, long floorBytes) throws IOException, RefusedException {
        long free = Files.getFileStore(place).getUsableSpace();
        if (free - needed < floorBytes) {
            throw new RefusedException(
                    "only " + free + " bytes are free where " + place + " is, less than the floor of " + floorBytes
                            + (needed > 0 ? " and the " + needed + " that the copy takes" : ""),
                    "free some space on that file system, or lower the floor");
        }
        return free;
    }
}
