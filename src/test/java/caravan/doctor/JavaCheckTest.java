package caravan.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JavaCheckTest {

    private static final String SHARING = "emulated-client mode, sharing";

    private static final String NOT_SHARING = "emulated-client mode";

    @TempDir
    Path home;

    private Path prepare;

    @BeforeEach
    void install() throws Exception {
        prepare = Files.createDirectories(home.resolve("bin")).resolve("caravan-prepare");
        Files.createFile(prepare);
        Files.createDirectories(home.resolve("lib"));
    }

    @Test
    void anInstallationThatIsPreparedForThisJavaIsWell() throws Exception {
        told(SHARING, archive("caravan.jsa"), true).onlyOk().ok("hash and cipher are native code");
    }

    @Test
    void anInstallationThatIsNotPreparedIsWorthToKnow() throws Exception {
        told(SHARING, List.of(), true)
                .note("is not prepared", "run " + prepare + " once")
                .wrongInAll(0);
    }

    @Test
    void anInstallationThatIsPreparedForAnotherJavaIsWorthToKnow() throws Exception {
        told(NOT_SHARING, archive("caravan.jsa"), true)
                .note(home.resolve("lib/caravan.jsa") + " was made for another Java", "run " + prepare + " again")
                .wrongInAll(0);
    }

    @Test
    void aCheckoutHasNothingToPrepare() throws Exception {
        Files.delete(prepare);

        told("mixed mode, sharing", List.of(), true).onlyOk();
    }

    @Test
    void slowHashAndCipherAreWrongOnlyWhereNativeOnesWereCountedOn() throws Exception {
        told("mixed mode, sharing", archive("caravan.jsa"), false)
                .note("right but slower", "x86-64")
                .wrongInAll(0);
        told(SHARING, archive("caravan.jsa"), false).wrong(1, "very slow", "run " + prepare + " again");
    }

    private List<String> archive(String name) throws Exception {
        Path file = home.resolve("lib").resolve(name);
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        return List.of("-Xmx384m", "-XX:SharedArchiveFile=" + file);
    }

    private Told told(String machine, List<String> options, boolean isNative) throws InterruptedException {
        return Told.by(new JavaCheck(home, machine, options, isNative));
    }
}
