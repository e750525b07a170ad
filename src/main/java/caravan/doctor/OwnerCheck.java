package caravan.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Whether the state directory is private to the user that runs the program, and whether that is who asks. */
public final class OwnerCheck implements Examination {

    private final Path state;

    /** Of the state directory, which may be missing yet. */
    public OwnerCheck(Path state) {
        this.state = state;
    }

    @Override
    public String subject() {
        return "state";
    }

    @Override
    public void examine(Findings findings) throws IOException {
        if (!Files.exists(state)) {
            findings.ok(state + " is not there yet; the first run makes it");
            return;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(state);
        String owner = Files.getOwner(state).getName();
        if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            findings.wrong(
                    Findings.REFUSED,
                    state + " can be written by others than " + owner + " (" + PosixFilePermissions.toString(mode)
                            + "): they could trigger publications, or change what is remembered",
                    "chmod 700 " + state);
        }
        String asking = Files.getOwner(Path.of("/proc/self")).getName();
        if (!owner.equals(asking)) {
            findings.note(
                    state + " belongs to " + owner + ", and this is run by " + asking
                            + ": what is said of rights below is about the wrong user",
                    "run it as that user: sudo -u " + owner + " caravan doctor");
        } else {
            findings.ok(state + " belongs to " + owner);
        }
    }
}
