package caravan.app.command;

import caravan.failure.CaravanException;
import caravan.signature.SigningKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caravan keygen}. */
@Command(
        name = "keygen",
        mixinStandardHelpOptions = true,
        description = "Make a key pair for signing: FILE, which only you can read, and FILE.pub, which users need.")
public final class KeygenCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "where the private key goes; it must not exist")
    private Path file;

    @Override
    public Integer call() throws CaravanException {
        SigningKey key = SigningKey.generate();
        key.write(file);
        PrintWriter out = spec.commandLine().getOut();
        out.println("private key  " + file + "  (keep it secret, and keep a copy offline)");
        out.println("public key   " + file + ".pub  (give it to your users)");
        out.println("fingerprint  " + key.fingerprint());
        out.flush();
        return 0;
    }
}
