package caravan.restore.target;

import caravan.lock.ListedLocks;
import caravan.lock.ListedLocks.Listed;
import caravan.lock.MountDevices;
import caravan.lock.OpenFiles;
import caravan.lock.OpenFiles.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files on which some process holds a lock, of whichever kind, as far as the system lists them for us.
 *
 * <p>The list names a file system and an inode. Where the file system is that of stat(2), the two decide. On btrfs and
 * overlays it is another, and the same number may be another file's in the next subvolume: there the process must have
 * the very file open. A process that may not be looked at counts as one that has.
 */
public final class HeldFiles {

    private static final String IDENTITY = "unix:dev,ino";

    private final ListedLocks locks;
    private final MountDevices mounts;
    private final OpenFiles open;

    private HeldFiles(ListedLocks locks, MountDevices mounts, OpenFiles open) {
        this.locks = locks;
        this.mounts = mounts;
        this.open = open;
    }

    /**
     * Who holds a lock.
     *
     * @param name for people
     * @param certain whether it is known that it is this very file, and not another with the same number
     */
    public record Holder(String name, boolean certain) {

        private static Holder of(long pid, boolean certain) {
            return new Holder(pid > 0 ? "process " + pid : "a process", certain);
        }
    }

    /** The locks of this moment. */
    public static HeldFiles now() throws IOException {
        return new HeldFiles(ListedLocks.now(), MountDevices.now(), OpenFiles.ofSystem());
    }

    /** The locks that these texts tell of. */
    static HeldFiles of(List<String> locks, List<String> mounts, OpenFiles open) {
        return new HeldFiles(ListedLocks.parse(locks), MountDevices.parse(mounts), open);
    }

    /** Who holds {@code file}, an absolute path without links, other than this process. */
    public Optional<Holder> holderOf(Path file) throws IOException {
        Map<String, Object> identity = Files.readAttributes(file, IDENTITY, LinkOption.NOFOLLOW_LINKS);
        List<Holder> doubtful = new ArrayList<>();
        for (Listed lock : locks.on((Long) identity.get("ino"))) {
            if (lock.pid() == ProcessHandle.current().pid()) {
                continue;
            }
            if (lock.device().equals(device((Long) identity.get("dev")))) {
                return Optional.of(Holder.of(lock.pid(), true));
            }
            Optional<Holder> holder = confirmed(lock, identity, file);
            if (holder.filter(Holder::certain).isPresent()) {
                return holder;
            }
            holder.ifPresent(doubtful::add);
        }
        return doubtful.stream().findFirst();
    }

    /** Who has the file open that is locked; a lock may outlive who took it, in one that inherited it. */
    private Optional<Holder> confirmed(Listed lock, Map<String, Object> identity, Path file) throws IOException {
        Seen taker = lock.pid() > 0 ? open.look(lock.pid(), identity) : Seen.GONE;
        if (taker == Seen.OPEN) {
            return Optional.of(Holder.of(lock.pid(), true));
        }
        boolean mayBe = mounts.of(file).map(lock.device()::equals).orElse(true);
        if (!mayBe || taker == Seen.NOT_OPEN) {
            return Optional.empty();
        }
        return taker == Seen.HIDDEN ? Optional.of(Holder.of(lock.pid(), false)) : heir(identity);
    }

    private Optional<Holder> heir(Map<String, Object> identity) throws IOException {
        boolean hidden = false;
        for (long pid : open.processes()) {
            Seen seen = pid == ProcessHandle.current().pid() ? Seen.NOT_OPEN : open.look(pid, identity);
            if (seen == Seen.OPEN) {
                return Optional.of(Holder.of(pid, true));
            }
            hidden |= seen == Seen.HIDDEN;
        }
        return hidden ? Optional.of(Holder.of(0, false)) : Optional.empty();
    }

    /** Splits the number as glibc's gnu_dev_major(3) and gnu_dev_minor(3) do. */
    static String device(long device) {
        long major = ((device >>> 8) & 0xFFF) | ((device >>> 32) & ~0xFFFL);
        long minor = (device & 0xFF) | ((device >>> 12) & ~0xFFL);
        return String.format("%02x:%02x", major, minor & 0xFFFFFFFFL);
    }
}
