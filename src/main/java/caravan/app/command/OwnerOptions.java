package caravan.app.command;

import caravan.failure.WrongUsageException;
import caravan.restore.target.Ownership;
import picocli.CommandLine.Option;

/** Options of commands that write a database which a node of another user shall use. */
final class OwnerOptions {

    @Option(
            names = "--owner",
            paramLabel = "USER[:GROUP]",
            description = "Give what is restored to this user and group. Refused before anything is fetched if this"
                    + " process may not.")
    private String owner = "";

    @Option(
            names = "--mode",
            paramLabel = "OCTAL",
            description = "Mode of restored files, as 640; directories may also be searched. Default: 644 less the"
                    + " umask.")
    private String mode = "";

    /** What they amount to. */
    Ownership ownership() throws WrongUsageException {
        return owner.isEmpty() && mode.isEmpty() ? Ownership.AS_IT_IS : Ownership.parse(owner, mode);
    }
}
