package caravan.locals3;

import caravan.failure.CaravanException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The local S3 as a process of its own; it serves until the process is ended. */
@Command(
        name = "local-s3",
        mixinStandardHelpOptions = true,
        description = {
            "Serves a directory as an S3 bucket on this machine, and the same read-only and without keys as a CDN would.",
            "Keys: CARAVAN_S3_ACCESS_KEY and CARAVAN_S3_SECRET_KEY, \"" + LocalS3Command.USUAL_KEY + "\" and \""
                    + LocalS3Command.USUAL_KEY + "\" if not set."
        })
public final class LocalS3Command implements Callable<Integer> {

    /** Access key and secret key of who has chosen none; the server answers on the loopback interface only. */
    public static final String USUAL_KEY = "caravan-local";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIRECTORY", description = "where the objects lie; made if missing")
    private Path directory;

    @Option(names = "--bucket", defaultValue = "snapshots", description = "its name; default ${DEFAULT-VALUE}")
    private String bucket;

    @Option(names = "--port", defaultValue = "0", description = "of the S3 server; default: any that is free")
    private int port;

    @Option(
            names = "--public-port",
            defaultValue = "0",
            description = "of the public origin; default: any that is free")
    private int publicPort;

    /** Serves what {@code arguments} say and ends the process with the status of what went wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LocalS3Command()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        Map<String, String> environment = System.getenv();
        LocalS3.Setup setup = new LocalS3.Setup(
                directory,
                port,
                publicPort,
                bucket,
                environment.getOrDefault("CARAVAN_S3_ACCESS_KEY", USUAL_KEY),
                environment.getOrDefault("CARAVAN_S3_SECRET_KEY", USUAL_KEY));
        try (LocalS3 server = LocalS3.start(setup)) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("endpoint " + server.endpoint());
            out.println("public   " + server.publicUrl());
            out.flush();
            new CountDownLatch(1).await();
            return 0;
        } catch (CaravanException e) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(e.getMessage());
            err.println("HINT: " + e.hint());
            err.flush();
            return e.exitStatus();
        }
    }
}
