package caravan.doctor;

import caravan.restore.target.Space;
import caravan.restore.target.SystemLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** How much room there is for files: bytes, and names. */
public final class RoomCheck implements Examination {

    private static final long FEW_NAMES = 10_000;

    private final String about;

    private final String what;

    private final Path place;

    private final long floor;

    private final String setting;

    /**
     * Room where {@code place} is, which may be missing yet.
     *
     * @param about name of a database; empty if it is about none
     * @param what the place is, for people
     * @param floor bytes that must be free
     * @param setting that names the place
     */
    public RoomCheck(String about, String what, Path place, long floor, String setting) {
        this.about = about;
        this.what = what;
        this.place = place;
        this.floor = floor;
        this.setting = setting;
    }

    @Override
    public String subject() {
        return "disk";
    }

    @Override
    public String about() {
        return about;
    }

    @Override
    public void examine(Findings findings) throws IOException {
        Path there = place.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        long free = Files.getFileStore(there).getUsableSpace();
        if (free < floor) {
            findings.wrong(
                    Findings.REFUSED,
                    what + " " + place + ": " + Space.shown(free) + " are free, less than the " + Space.shown(floor)
                            + " that must be",
                    "free some space there, or name another place in " + setting);
        } else {
            findings.ok(what + " " + place + ": " + Space.shown(free) + " free");
        }
        OptionalLong names = SystemLimits.of(there).freeInodes();
        if (names.isPresent() && names.getAsLong() < FEW_NAMES) {
            findings.wrong(
                    Findings.FAILED,
                    what + " " + place + ": the file system has room for only " + names.getAsLong()
                            + " more files (inodes), whatever space is free",
                    "remove files there that nobody needs (df -i shows it), or name another place in " + setting);
        }
    }
}
