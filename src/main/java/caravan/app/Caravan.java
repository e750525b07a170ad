package caravan.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line. */
@Command(
        name = "caravan",
        mixinStandardHelpOptions = true,
        description = "Publishes a blockchain node's database and restores it anywhere, provably intact.")
public final class Caravan implements Runnable {

    private Caravan() {}

    /** Runs the command that {@code arguments} name and ends the process with its exit status. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Caravan()).execute(arguments));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
