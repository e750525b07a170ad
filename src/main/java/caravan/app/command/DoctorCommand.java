package caravan.app.command;

import caravan.app.pipeline.Checkup;
import caravan.app.pipeline.Installation;
import caravan.doctor.Diagnosis;
import caravan.doctor.Doctor;
import caravan.doctor.Finding.Weight;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Look at this machine, the installation, its state, the bucket and the public address as they are now, say what is"
                    + " wrong and what to do, and change nothing. It needs no caravan run, and disturbs none.",
            "Run it as the user that publishes. With DIR: look at a directory that was restored, or is being, too.",
            "Exit status: 0 if nothing is wrong; else that of the gravest finding, in this order: 3 data damaged or signature"
                    + " wrong, 2 wrong configuration, 4 refused for safety, 1 anything else, 75 it may pass.",
        })
public final class DoctorCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "DIR", description = "what was named to caravan fetch")
    private Path directory;

    @Option(
            names = "--offline",
            description = "do not ask the bucket, the public address, edges, nodes and mail servers")
    private boolean offline;

    @Option(names = "--json", description = "one JSON object a line on standard output, for machines")
    private boolean json;

    private final Installation installation;

    /** Of the installation that this process was started from. */
    public DoctorCommand() {
        this(Installation.ofThisProcess());
    }

    DoctorCommand(Installation installation) {
        this.installation = installation;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (Checkup checkup = Checkup.of(installation, Optional.ofNullable(directory), offline, Clock.systemUTC())) {
            Diagnosis diagnosis = Doctor.examine(checkup.examinations(), finding -> {
                out.println(json ? FindingText.json(finding) : FindingText.lines(finding));
                out.flush();
            });
            if (!json) {
                out.println(summary(diagnosis));
            }
            out.flush();
            return diagnosis.exitStatus();
        }
    }

    private static String summary(Diagnosis diagnosis) {
        long wrong = diagnosis.count(Weight.WRONG);
        long notes = diagnosis.count(Weight.NOTE);
        return (wrong == 0 ? "Nothing is wrong" : wrong == 1 ? "1 thing is wrong" : wrong + " things are wrong")
                + (notes == 0 ? "." : ", and " + notes + " worth to know.");
    }
}
