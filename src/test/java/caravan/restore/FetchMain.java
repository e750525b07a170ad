package caravan.restore;

import caravan.app.command.FetchCommand;
import caravan.failure.CaravanException;
import picocli.CommandLine;

/** {@code fetch} as a process, without the rest of the program. */
public final class FetchMain {

    private FetchMain() {}

    /** Takes the arguments of the command; failures go to standard error as the program prints them. */
    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new FetchCommand(key -> ""));
        command.setExecutionExceptionHandler((failure, line, result) -> {
            if (failure instanceof CaravanException known) {
                System.err.println(known.getMessage());
                System.err.println("HINT: " + known.hint());
                return known.exitStatus();
            }
            failure.printStackTrace();
            return 1;
        });
        System.exit(command.execute(arguments));
    }
}
