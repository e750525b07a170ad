package caravan.capture.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node is here a process that holds a lock, and two scripts. */
class StopNodeTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path base;

    private Path lock;
    private String start;
    private String stop;

    @BeforeEach
    void startNode() throws Exception {
        lock = Files.createFile(base.resolve("lock"));
        start = "cd " + base + " && echo start >>calls && { flock -n -x lock true || exit 0; }"
                + " && { setsid flock --no-fork -x lock sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >pid; }"
                + " && while flock -n -x lock true; do sleep 0.05; done";
        stop = "cd " + base + " && echo stop >>calls && kill $(cat pid)";
        assertThat(new ProcessBuilder("sh", "-c", start).start().waitFor()).isZero();
        awaitUp();
        Files.delete(base.resolve("calls"));
    }

    @AfterEach
    void killNode() throws Exception {
        new ProcessBuilder("sh", "-c", "kill -KILL $(cat " + base + "/pid)")
                .start()
                .waitFor();
    }

    @Test
    void theNodeIsDownBetweenBeginAndEndAndNobodyCanStartIt() throws Exception {
        try (NodePause pause = node(stop, start, LONG).prepare(stores())) {
            pause.begin();
            assertThat(LockHolders.of(lock)).hasSize(2).noneMatch(holder -> holder.pid() == pidOfNode());
            assertThat(new ProcessBuilder("flock", "-n", "-x", lock.toString(), "true")
                            .start()
                            .waitFor())
                    .isNotZero();

            assertThat(pause.end()).isPositive();
            awaitUp();
        }
        assertThat(Files.readAllLines(base.resolve("calls"))).containsExactly("stop", "start");
    }

    @Test
    void aStartCommandThatFailsIsTriedAgain() throws Exception {
        String flaky = "cd " + base + " && echo x >>attempts && [ $(wc -l <attempts) -ge 3 ] && { " + start + "; }";

        try (NodePause pause = node(stop, flaky, LONG).prepare(stores())) {
            pause.begin();
            pause.end();
        }

        assertThat(Files.readAllLines(base.resolve("attempts"))).hasSize(3);
        awaitUp();
    }

    @Test
    void aNodeThatDoesNotComeBackIsCriticalAndItsWatchdogGoesOnTrying() throws Exception {
        String broken = "cd " + base + " && echo x >>attempts && [ -e repaired ] && { " + start + "; }";

        try (NodePause pause = node(stop, broken, LONG).prepare(stores())) {
            pause.begin();
            assertThatThrownBy(pause::end)
                    .isInstanceOf(NodeDownException.class)
                    .hasMessageStartingWith("CRITICAL: the node was stopped and did not come back")
                    .hasMessageContaining("the start command ended with status 1");
        }

        Files.createFile(base.resolve("repaired"));
        awaitUp();
        await().atMost(LONG).until(() -> Files.readString(base.resolve("log")).contains("the start command succeeded"));
    }

    @Test
    void aStopCommandThatFailsStartsTheNodeAndCapturesNothing() throws Exception {
        try (NodePause pause = node("echo no >&2; exit 7", start, LONG).prepare(stores())) {
            assertThatThrownBy(pause::begin)
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("the stop command ended with status 7");
        }
        assertThat(Files.readAllLines(base.resolve("calls"))).contains("start");
        awaitUp();
    }

    @Test
    void aNodeThatIsDownAlreadyIsNeitherStoppedNorStarted() throws Exception {
        killNode();
        await().atMost(LONG).until(() -> LockHolders.of(lock).isEmpty());

        try (NodePause pause = node(stop, start, LONG).prepare(stores())) {
            pause.begin();
            assertThat(canBeLocked()).isFalse();
            assertThat(pause.end()).isZero();
        }

        assertThat(canBeLocked()).isTrue();
        assertThat(base.resolve("calls")).doesNotExist();
    }

    @Test
    void aNodeOfAnUnknownEngineThatIsDownAlreadyIsNeitherStoppedNorStarted() throws Exception {
        killNode();
        await().atMost(LONG).until(() -> LockHolders.of(lock).isEmpty());
        assumeTrue(OpenFiles.canSeeAllFor(base), "not all processes can be seen from here");
        StopNode node = node(stop, start, LONG);

        try (NodePause pause = node.prepare(List.of(new LockedStore(base, "")))) {
            pause.begin();
            assertThat(pause.end()).isZero();
        }
        try (NodePause pause = node.prepare(List.of(new LockedStore(base, "")))) {
            pause.begin();
            assertThat(new ProcessBuilder("sh", "-c", start).start().waitFor()).isZero();

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("somebody opened the database while it was captured");
        }

        assertThat(Files.readAllLines(base.resolve("calls"))).containsExactly("start");
    }

    @Test
    void aNodeOfAnUnknownEngineMustOpenItsFilesAgain() throws Exception {
        StopNode node = new StopNode(stop, "true", LONG, Duration.ofSeconds(1), base.resolve("log"));

        try (NodePause pause = node.prepare(List.of(new LockedStore(base, "")))) {
            pause.begin();
            assertThatThrownBy(pause::end)
                    .isInstanceOf(NodeDownException.class)
                    .hasMessageContaining("the start command succeeded, but 1 s later nobody has the database open");
        }
    }

    private boolean canBeLocked() throws Exception {
        return new ProcessBuilder("flock", "-n", "-x", lock.toString(), "true")
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void aStopCommandThatStopsNothingIsFoundOut() throws Exception {
        StopNode node = new StopNode("true", start, LONG, Duration.ofSeconds(1), base.resolve("log"));
        try (NodePause pause = node.prepare(stores())) {
            assertThatThrownBy(pause::begin)
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("still has its database open");
        }
        awaitUp();
    }

    @Test
    void aStopCommandThatHangsIsEndedInTime() throws Exception {
        StopNode node = new StopNode("sleep 1000", start, LONG, Duration.ofSeconds(1), base.resolve("log"));
        try (NodePause pause = node.prepare(stores())) {
            assertThatThrownBy(pause::begin).hasMessageContaining("the stop command took longer than its limit of 1 s");
        }
        awaitUp();
    }

    @Test
    void aPauseThatIsTooLongEndsByItself() throws Exception {
        try (NodePause pause = node(stop, start, Duration.ofSeconds(1)).prepare(stores())) {
            pause.begin();
            await().atMost(LONG)
                    .until(() -> Files.exists(base.resolve("calls"))
                            && Files.readAllLines(base.resolve("calls")).contains("start"));
            // Its start command gives up at once if it finds the lock held.
            awaitUp();

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("the node was down for longer than 1 s");
        }
        awaitUp();
    }

    @Test
    void aPauseWhoseStartCommandIsSlowIsNotTooLong() throws Exception {
        String slow = "cd " + base + " && echo x >>attempts && sleep 5 && { " + start + "; }";
        try (NodePause pause = node(stop, slow, Duration.ofSeconds(4)).prepare(stores())) {
            pause.begin();
            assertThat(pause.end()).isPositive();
        }
        assertThat(Files.readAllLines(base.resolve("attempts"))).hasSize(1);
        awaitUp();
    }

    @Test
    void aNodeThatWasSeenDownAndThatTheTimerHasStartedIsNotStartedAgain() throws Exception {
        String counted = "cd " + base + " && echo x >>attempts && { " + start + "; }";
        try (NodePause pause = node(stop, counted, Duration.ofSeconds(6)).prepare(stores())) {
            pause.begin();
            awaitUp();

            assertThatThrownBy(pause::end).isInstanceOf(TransientException.class);
        }
        assertThat(Files.readAllLines(base.resolve("attempts"))).hasSize(1);
        awaitUp();
    }

    @Test
    void noTwoStartCommandsRunAtTheSameTime() throws Exception {
        String alone = "cd " + base + " && echo x >>attempts && { mkdir busy || echo x >>overlaps; } && sleep 1"
                + " && rmdir busy && [ $(wc -l <attempts) -ge 3 ] && { " + start + "; }";
        try (NodePause pause = node(stop, alone, Duration.ofSeconds(1)).prepare(stores())) {
            pause.begin();
            await().atMost(LONG).until(() -> Files.exists(base.resolve("attempts")));

            assertThatThrownBy(pause::end).isInstanceOf(TransientException.class);
        }
        assertThat(base.resolve("overlaps")).doesNotExist();
        awaitUp();
    }

    @Test
    void aNodeThatDoesNotComeBackAfterThePauseIsCriticalWhoeverStartsIt() throws Exception {
        String broken = "cd " + base + " && echo x >>attempts && [ -e repaired ] && { " + start + "; }";
        try (NodePause pause = node(stop, broken, Duration.ofSeconds(1)).prepare(stores())) {
            pause.begin();
            await().atMost(LONG).until(() -> Files.exists(base.resolve("attempts")));

            assertThatThrownBy(pause::end)
                    .isInstanceOf(NodeDownException.class)
                    .hasMessageContaining("the start command ended with status 1");
        }
        Files.createFile(base.resolve("repaired"));
        awaitUp();
    }

    @Test
    void nothingIsLeftOfAWatchdogWhoseWorkIsDone() throws Exception {
        long session;
        try (NodePause pause = node(stop, start, Duration.ofMinutes(10)).prepare(stores())) {
            session = watchdog().pid();
            pause.begin();
            assertThat(processesOf(session)).hasSizeGreaterThan(1);
            pause.end();
        }
        await().atMost(LONG).until(() -> processesOf(session).isEmpty());
    }

    @Test
    void whatNobodyHearsIsNoErrorInTheLog() throws Exception {
        Path log = base.resolve("log");
        Process watchdog = new ProcessBuilder(
                        "setsid",
                        "sh",
                        Path.of(Watchdog.class.getResource("watchdog.sh").toURI())
                                .toString())
                .redirectError(log.toFile())
                .start();
        watchdog.getInputStream().close();
        try (OutputStream orders = watchdog.getOutputStream()) {
            orders.write("longest 60\nstart true\nhold\nrelease\n".getBytes(UTF_8));
        }

        assertThat(watchdog.onExit().get(60, TimeUnit.SECONDS).exitValue()).isZero();
        assertThat(log).isEmptyFile();
    }

    /** Zombies count as gone: they wait for whoever should ask for their status. */
    private static List<String> processesOf(long session) {
        return ProcessHandle.allProcesses()
                .map(process -> statOf(process.pid()))
                .filter(stat -> stat.matches("[^Z] \\d+ \\d+ " + session + " .*"))
                .toList();
    }

    /** What follows the name: state, parent, process group, session and more; empty if it has ended. */
    private static String statOf(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat"), ISO_8859_1)
                    .strip()
                    .replaceFirst("(?s).*\\) ", "");
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void aKilledWatchdogDoesNotKeepTheNodeDown() throws Exception {
        String flaky = "cd " + base + " && echo x >>attempts && [ $(wc -l <attempts) -ge 2 ] && { " + start + "; }";
        try (NodePause pause = node(stop, flaky, LONG).prepare(stores())) {
            pause.begin();
            killWatchdog();

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("the watchdog of the stopped node ended");

            awaitUp();
        }
        assertThat(Files.readAllLines(base.resolve("attempts"))).hasSize(2);
    }

    @Test
    void nobodyIsPromisedToTryAgainIfTheWatchdogIsGone() throws Exception {
        try (NodePause pause =
                node(stop, "echo start >>" + base + "/calls; false", LONG).prepare(stores())) {
            pause.begin();
            killWatchdog();

            assertThatThrownBy(pause::end)
                    .isInstanceOf(NodeDownException.class)
                    .hasMessageContaining("its watchdog is gone, and the start command failed 4 times")
                    .satisfies(failure -> assertThat(((CaravanException) failure).hint())
                            .contains("start it by hand: nobody tries again"));
        }
        assertThat(Files.readAllLines(base.resolve("calls")))
                .containsExactly("stop", "start", "start", "start", "start");
    }

    /** With its timer. It is the child of ours whose command line is its script. */
    private static void killWatchdog() throws Exception {
        ProcessHandle watchdog = watchdog();
        new ProcessBuilder("kill", "-KILL", "--", "-" + watchdog.pid()).start().waitFor();
        watchdog.onExit().join();
    }

    private static ProcessHandle watchdog() {
        List<ProcessHandle> watchdogs = ProcessHandle.current()
                .children()
                .filter(child -> commandLineOf(child).endsWith("\0caravan-watchdog\0"))
                .toList();
        assertThat(watchdogs).hasSize(1);
        return watchdogs.get(0);
    }

    private static String commandLineOf(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    @Test
    void aStartedNodeDoesNotInheritSecrets() throws Exception {
        String spying = "env >" + base + "/environment; " + start;
        try (NodePause pause = node(stop, spying, LONG).prepare(stores())) {
            pause.begin();
            pause.end();
        }
        List<String> names = Files.readAllLines(base.resolve("environment")).stream()
                .map(line -> line.replaceFirst("=.*", ""))
                .toList();

        assertThat(names).contains("PATH");
        assertThat(Set.of(
                        "PATH",
                        "HOME",
                        "USER",
                        "LOGNAME",
                        "LANG",
                        "LC_ALL",
                        "XDG_RUNTIME_DIR",
                        "DBUS_SESSION_BUS_ADDRESS",
                        "PWD",
                        "OLDPWD",
                        "SHLVL",
                        "_"))
                .containsAll(names);
    }

    private long pidOfNode() {
        try {
            return Long.parseLong(Files.readString(base.resolve("pid")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StopNode node(String stopCommand, String startCommand, Duration longest) {
        return new StopNode(stopCommand, startCommand, longest, Duration.ofSeconds(20), base.resolve("log"))
                .tryingAgainAfter(Duration.ofMillis(50));
    }

    private List<LockedStore> stores() {
        return List.of(new LockedStore(base, "lock"));
    }

    private void awaitUp() {
        await().atMost(LONG).ignoreExceptions().until(() -> LockHolders.of(lock).stream()
                .anyMatch(holder -> holder.pid() == pidOfNode()));
    }
}
