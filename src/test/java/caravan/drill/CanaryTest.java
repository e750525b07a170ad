package caravan.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real shell commands as canaries: good ones, bad ones, and those that hang, fork and run away. */
@Timeout(60)
final class CanaryTest {

    private static final Map<String, String> FACTS = Map.of("CARAVAN_DATABASE", "demo", "CARAVAN_HEIGHT", "25475");

    @TempDir
    Path directory;

    @Test
    void commandThatEndsWellFindsTheDatabaseGood() throws Exception {
        assertThat(judge("test \"$CARAVAN_HEIGHT\" = 25475 && test \"$PWD\" = '" + directory.toRealPath() + "'"))
                .isEmpty();
    }

    @Test
    void lastLineOfACommandThatEndsBadlyIsTold() throws Exception {
        assertThat(judge("echo starting; echo 'block 17 is missing' >&2; echo; exit 3")
                        .orElseThrow())
                .contains("status 3", "block 17 is missing")
                .doesNotContain("starting");
    }

    @Test
    void commandHasNoneOfOurEnvironmentButWhatEveryCommandNeeds() throws Exception {
        judge("env > environment");
        assertThat(Files.readAllLines(directory.resolve("environment")))
                .extracting(line -> line.replaceFirst("=.*", ""))
                .isSubsetOf(
                        "PATH",
                        "HOME",
                        "USER",
                        "LOGNAME",
                        "LANG",
                        "LC_ALL",
                        "TZ",
                        "PWD",
                        "OLDPWD",
                        "SHLVL",
                        "_",
                        "CARAVAN_DATABASE",
                        "CARAVAN_HEIGHT",
                        "CARAVAN_RUN");
    }

    @Test
    void commandThatHangsAndForksIsEndedAtItsDeadlineWithEverythingThatItStarted() throws Exception {
        Optional<String> refusal = judge("""
                (trap '' TERM; while :; do sleep 0.1; done) & echo $! >> pids
                setsid sh -c 'trap "" TERM; echo $$ >> pids; exec sleep 300' &
                (setsid sh -c 'echo $$ >> pids; exec sleep 300' & )
                echo 'node started'
                sleep 300 & echo $! >> pids
                wait
                """, Duration.ofSeconds(1));
        assertThat(refusal.orElseThrow()).contains("longer than 1 s", "node started");
        assertNothingIsLeft(4);
    }

    @Test
    void nodeThatASuccessfulCommandLeavesRunningIsEnded() throws Exception {
        assertThat(
                        judge(
                                "setsid sh -c 'echo $$ >> pids; exec sleep 300' >/dev/null 2>&1 & until [ -s pids ]; do sleep 0.05; done"))
                .isEmpty();
        assertNothingIsLeft(1);
    }

    private void assertNothingIsLeft(int started) throws Exception {
        assertThat(Files.readAllLines(directory.resolve("pids")))
                .hasSize(started)
                .allSatisfy(pid -> assertThat(isRunning(pid.strip())).as(pid).isFalse());
    }

    /** A zombie that its new parent has not noticed yet does not run any more. */
    private static boolean isRunning(String pid) throws Exception {
        Path status = Path.of("/proc", pid, "status");
        return Files.exists(status) && !Files.readString(status).contains("State:\tZ");
    }

    private Optional<String> judge(String command) throws Exception {
        return judge(command, Duration.ofSeconds(50));
    }

    private Optional<String> judge(String command, Duration limit) throws Exception {
        return new Canary(new CanaryCommand(command, limit), Duration.ofSeconds(1)).judge(directory, FACTS);
    }
}
