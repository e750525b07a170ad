package caravan.restore;

import caravan.app.command.FetchCommand;
import caravan.app.command.ListCommand;
import caravan.app.command.PlanCommand;
import caravan.app.command.RepairCommand;
import caravan.app.command.VerifyCommand;
import caravan.app.settings.SettingLookup;
import caravan.failure.CaravanException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands of the client as a process, without the rest of the program. */
@Command(name = "caravan")
public final class ClientMain {

    private ClientMain() {}

    /** Takes a command line; failures go to standard error as the program prints them. */
    public static void main(String[] arguments) {
        SettingLookup nothingSet = key -> "";
        CommandLine command = new CommandLine(new ClientMain())
                .addSubcommand(new FetchCommand(nothingSet))
                .addSubcommand(new VerifyCommand(nothingSet))
                .addSubcommand(new RepairCommand(nothingSet))
                .addSubcommand(new PlanCommand(nothingSet))
                .addSubcommand(new ListCommand(nothingSet));
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
