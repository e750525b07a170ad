package caravan.doctor;

import caravan.crypto.NativeCrypto;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which Java this is, and whether it runs the program as fast as it can. */
public final class JavaCheck implements Examination {

    private static final List<String> ARCHIVES = List.of("caravan.aot", "caravan.jsa");

    private static final List<String> ARCHIVE_OPTIONS = List.of("-XX:AOTCache=", "-XX:SharedArchiveFile=");

    private final Path home;

    private final String machine;

    private final List<String> options;

    private final boolean isNative;

    /**
     * What is known of a Java.
     *
     * @param home where the program is installed
     * @param machine what {@code java.vm.info} says
     * @param options that the Java machine was started with
     * @param isNative whether hash and cipher are native code
     */
    JavaCheck(Path home, String machine, List<String> options, boolean isNative) {
        this.home = home;
        this.machine = machine;
        this.options = List.copyOf(options);
        this.isNative = isNative;
    }

    /** The Java of this process, for the program in {@code home}. */
    public static JavaCheck ofThisProcess(Path home) {
        return new JavaCheck(
                home,
                System.getProperty("java.vm.info", ""),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                NativeCrypto.install());
    }

    @Override
    public String subject() {
        return "java";
    }

    @Override
    public void examine(Findings findings) {
        Path prepare = home.resolve("bin").resolve("caravan-prepare");
        findings.ok("Java " + Runtime.version() + (isNative ? ", hash and cipher are native code" : ""));
        if (!isNative && machine.contains("emulated-client")) {
            findings.wrong(
                    Findings.FAILED,
                    "hash and cipher are Java's own and very slow: the native code in " + home.resolve("lib/native")
                            + " cannot be used by this Java",
                    "run " + prepare + " again");
        } else if (!isNative) {
            findings.note(
                    "hash and cipher are Java's own, which is right but slower: there is no native code for this platform",
                    "nothing is wrong; on Linux and macOS with x86-64 or ARM there is one");
        }
        Optional<String> archive = options.stream()
                .filter(option -> ARCHIVE_OPTIONS.stream().anyMatch(option::startsWith))
                .findFirst();
        if (archive.isPresent() && !machine.contains("sharing")) {
            findings.note(
                    archive.get().substring(archive.get().indexOf('=') + 1)
                            + " was made for another Java or another release and is not used, so each command starts slowly",
                    "run " + prepare + " again");
        } else if (Files.exists(prepare)
                && ARCHIVES.stream()
                        .noneMatch(name -> Files.exists(home.resolve("lib").resolve(name)))) {
            findings.note(
                    "this installation is not prepared, so each command starts slowly", "run " + prepare + " once");
        }
    }
}
