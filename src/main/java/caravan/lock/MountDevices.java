package caravan.lock;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of the file systems that are mounted, as {@code /proc/self/mountinfo} has them (see proc(5)): the ones that
 * the list of locks prints, which on btrfs and overlays are not those of stat(2).
 */
public final class MountDevices {

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

    private final List<Mount> mounts;

    private MountDevices(List<Mount> mounts) {
        this.mounts = mounts;
    }

    private record Mount(Path point, String device) {}

    /** The mounts of this moment; none where the system does not list them. */
    public static MountDevices now() throws IOException {
        return parse(Files.isReadable(MOUNTS) ? Files.readAllLines(MOUNTS, UTF_8) : List.of());
    }

    /** Reads lines as {@code 44 27 0:43 / /srv/chain rw,relatime - btrfs /dev/sda rw}; others say nothing. */
    public static MountDevices parse(List<String> lines) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", -1);
            if (words.length >= 5 && words[2].matches("\\d{1,9}:\\d{1,9}")) {
                String[] numbers = words[2].split(":", -1);
                String device = String.format("%02x:%02x", Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
                mounts.add(new Mount(Path.of(unescape(words[4])), device));
            }
        }
        return new MountDevices(mounts);
    }

    /**
     * The device below {@code file}, an absolute path without links, as the list of locks prints it; none if unknown.
     */
    public Optional<String> of(Path file) {
        Mount nearest = null;
        for (Mount mount : mounts) {
            // of two on one directory the later one covers the other
            if (file.startsWith(mount.point())
                    && (nearest == null
                            || mount.point().getNameCount() >= nearest.point().getNameCount())) {
                nearest = mount;
            }
        }
        return Optional.ofNullable(nearest).map(Mount::device);
    }

    private static String unescape(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(match -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
    }
}
