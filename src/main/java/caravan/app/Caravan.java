package caravan.app;

import caravan.app.command.CaptureCommand;
import caravan.app.command.CheckCommand;
import caravan.app.command.DoctorCommand;
import caravan.app.command.FetchCommand;
import caravan.app.command.KeygenCommand;
import caravan.app.command.ListCommand;
import caravan.app.command.PlanCommand;
import caravan.app.command.PublishCommand;
import caravan.app.command.RepairCommand;
import caravan.app.command.RetainCommand;
import caravan.app.command.RunCommand;
import caravan.app.command.VerifyCommand;
import caravan.app.command.WarmCommand;
import caravan.app.demo.DemoCommand;
import caravan.app.pipeline.Installation;
import caravan.app.settings.SettingLookup;
import caravan.crypto.NativeCrypto;
import caravan.failure.CaravanException;
import caravan.locals3.LocalS3Command;
import caravan.samplenode.SampleNode;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "caravan",
        mixinStandardHelpOptions = true,
        versionProvider = ProgramVersion.class,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Publishes a blockchain node's database to S3 and a CDN, and restores it anywhere, provably intact.",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            PublishCommand.class,
            WarmCommand.class,
            RetainCommand.class,
            CheckCommand.class,
            DoctorCommand.class,
            CaptureCommand.class,
            KeygenCommand.class,
            SampleNode.class,
            LocalS3Command.class,
        },
        footer = {
            "",
            "Exit status: 0 done; 1 failed; 2 wrong usage or configuration; 3 data damaged or signature wrong;",
            "4 refused for safety; 75 failed, but trying again may help.",
            "",
            "Settings: config/application.properties explains every key; CARAVAN_CONFIG names another file.",
        })
public final class Caravan implements Runnable {

    private static final int WRONG_USAGE = 2;

    private static final int FAILED = 1;

    @Spec
    private CommandSpec spec;

    private Caravan() {}

    /** Runs the command that {@code arguments} name and ends the process with its exit status. */
    public static void main(String[] arguments) {
        Installation.ofThisProcess().useItsLogging();
        System.exit(commandLine().execute(arguments));
    }

    /** The command line, whose every failure ends as one line, a hint and an exit status. */
    static CommandLine commandLine() {
        Installation installation = Installation.ofThisProcess();
        SettingLookup setting = key -> installation.settings().text(key);
        CommandLine commandLine = new CommandLine(new Caravan());
        commandLine.addSubcommand(new FetchCommand(setting));
        commandLine.addSubcommand(new VerifyCommand(setting));
        commandLine.addSubcommand(new RepairCommand(setting));
        commandLine.addSubcommand(new PlanCommand(setting));
        commandLine.addSubcommand(new ListCommand(setting));
        commandLine.setExecutionStrategy(Caravan::execute);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command.getErr()));
        commandLine.setParameterExceptionHandler((wrong, arguments) -> reportUsage(wrong));
        return commandLine;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is given");
    }

    private static int execute(ParseResult parsed) {
        Integer helped = CommandLine.executeHelpRequest(parsed);
        if (helped != null) {
            return helped;
        }
        NativeCrypto.install();
        return new RunLast().execute(parsed);
    }

    private static int report(Exception failure, PrintWriter err) {
        if (failure instanceof CaravanException said) {
            err.println("caravan: " + said.getMessage());
            if (!said.hint().isEmpty()) {
                err.println("HINT: " + said.hint());
            }
            err.flush();
            return said.exitStatus();
        }
        err.println("caravan: failed unexpectedly: " + failure);
        err.println("HINT: this is a fault of the program; please report it with the lines below");
        failure.printStackTrace(err);
        err.flush();
        return FAILED;
    }

    private static int reportUsage(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("caravan: " + wrong.getMessage());
        err.println("HINT: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return WRONG_USAGE;
    }
}
