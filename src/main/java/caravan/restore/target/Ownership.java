package caravan.restore.target;

import static java.util.Objects.requireNonNull;

import caravan.failure.RefusedException;
import caravan.failure.WrongUsageException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * To whom restored files belong and who may use them, if that is asked for.
 *
 * @param owners one or none
 * @param groups one or none
 * @param modes permissions of files, one set or none; a directory may be searched by whoever may read it
 */
public record Ownership(List<UserPrincipal> owners, List<GroupPrincipal> groups, List<Set<PosixFilePermission>> modes) {

    /** As the process makes them. */
    public static final Ownership AS_IT_IS = new Ownership(List.of(), List.of(), List.of());

    private static final Pattern OWNER =
            Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*)?(?::([A-Za-z0-9_][A-Za-z0-9_.-]*))?");

    private static final Pattern MODE = Pattern.compile("0?([67][0-7][0-7])");

    /** Copies the lists. */
    public Ownership {
        owners = List.copyOf(owners);
        groups = List.copyOf(groups);
        modes = List.copyOf(modes);
    }

    /**
     * Reads what a user gives.
     *
     * @param owner {@code USER}, {@code USER:GROUP} or {@code :GROUP}, names or numbers; empty for none
     * @param mode of files, like {@code 640}; empty for none
     * @throws WrongUsageException if there is no such user or group, or the owner could not read and write
     */
    public static Ownership parse(String owner, String mode) throws WrongUsageException {
        Matcher names = OWNER.matcher(owner);
        if (!names.matches()) {
            throw new WrongUsageException("--owner " + owner + " names nobody", "write USER, USER:GROUP or :GROUP");
        }
        Matcher digits = MODE.matcher(mode);
        if (!mode.isEmpty() && !digits.matches()) {
            throw new WrongUsageException(
                    "--mode " + mode + " is of no use",
                    "write three octal digits of which the first is 6 or 7, as 640; directories may also be searched");
        }
        UserPrincipalLookupService system = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            return new Ownership(
                    names.group(1) == null ? List.of() : List.of(system.lookupPrincipalByName(names.group(1))),
                    names.group(2) == null ? List.of() : List.of(system.lookupPrincipalByGroupName(names.group(2))),
                    mode.isEmpty() ? List.of() : List.of(permissions(digits.group(1))));
        } catch (IOException e) {
            throw new WrongUsageException(
                    "--owner " + owner + ": this system knows no such user or group",
                    "see getent passwd, getent group",
                    e);
        }
    }

    private static Set<PosixFilePermission> permissions(String octal) {
        StringBuilder letters = new StringBuilder();
        for (int index = 0; index < octal.length(); index++) {
            int bits = octal.charAt(index) - '0';
            letters.append((bits & 4) == 0 ? '-' : 'r')
                    .append((bits & 2) == 0 ? '-' : 'w')
                    .append((bits & 1) == 0 ? '-' : 'x');
        }
        return PosixFilePermissions.fromString(letters.toString());
    }

    /** Whether nothing is asked for. */
    public boolean isAsItIs() {
        return equals(AS_IT_IS);
    }

    /**
     * Returns if this process may give files in {@code directory} away so: tries it with an empty file, which it
     * removes.
     *
     * @throws RefusedException if not
     */
    public void requirePermitted(Path directory) throws RefusedException {
        if (isAsItIs()) {
            return;
        }
        try {
            Path trial = Files.createTempFile(directory, ".caravan-owner-", "");
            try {
                give(requireNonNull(Files.getFileAttributeView(trial, PosixFileAttributeView.class)), false);
            } finally {
                Files.delete(trial);
            }
        } catch (IOException e) {
            throw new RefusedException(
                    "files in " + directory + " cannot be given to " + this + ": " + e,
                    "run as root, or as the user who shall own them and without --owner; nothing was restored",
                    e);
        }
    }

    /** Gives away one file or directory. */
    void give(PosixFileAttributeView view, boolean directory) throws IOException {
        for (Set<PosixFilePermission> mode : modes) {
            view.setPermissions(directory ? searchable(mode) : mode);
        }
        for (GroupPrincipal group : groups) {
            view.setGroup(group);
        }
        for (UserPrincipal owner : owners) {
            view.setOwner(owner);
        }
    }

    private static Set<PosixFilePermission> searchable(Set<PosixFilePermission> mode) {
        Set<PosixFilePermission> all = EnumSet.copyOf(mode);
        if (mode.contains(PosixFilePermission.OWNER_READ)) {
            all.add(PosixFilePermission.OWNER_EXECUTE);
        }
        if (mode.contains(PosixFilePermission.GROUP_READ)) {
            all.add(PosixFilePermission.GROUP_EXECUTE);
        }
        if (mode.contains(PosixFilePermission.OTHERS_READ)) {
            all.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        return all;
    }

    /** For messages, for example {@code polkadot:polkadot rw-r-----}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        owners.forEach(text::append);
        groups.forEach(group -> text.append(':').append(group));
        modes.forEach(mode -> text.append(text.isEmpty() ? "" : " ").append(PosixFilePermissions.toString(mode)));
        return text.toString();
    }
}
