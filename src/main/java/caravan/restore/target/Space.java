package caravan.restore.target;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Is there room? Asked before the first byte is written. */
public final class Space {

    private Space() {}

    /**
     * Returns if the file system of {@code directory} has {@code needed} bytes for us.
     *
     * @throws RefusedException if not, naming both numbers
     */
    public static void require(Path directory, long needed) throws CaravanException {
        long free;
        try {
            free = Files.getFileStore(directory).getUsableSpace();
        } catch (IOException e) {
            throw LocalFailures.of("asking for the free space of " + directory, e);
        }
        require(needed, free, directory);
    }

    /** The same, for who knows how much is free. */
    public static void require(long needed, long free, Path directory) throws RefusedException {
        if (needed > free) {
            throw new RefusedException(
                    "no space left for " + directory + ": " + needed + " bytes (" + shown(needed) + ") needed, " + free
                            + " (" + shown(free) + ") free",
                    "free " + shown(needed - free) + " or choose another disk; nothing was written");
        }
    }

    /** For example {@code 1.2 GiB}. */
    public static String shown(long bytes) {
        String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
