package caravan.capture.node;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** A pause in which the node's processes are frozen. */
final class FrozenNode implements NodePause {

    /** What the watchdog needs for a signal is microseconds; on a machine that swaps it may be more. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long LOOK_NANOS = 100_000;

    private final Watchdog watchdog;
    private final Set<NodeProcess> processes;
    private final Optional<FreezerGroup> group;
    private final Duration longest;
    private final PauseSteps steps;

    private long heldAt;
    private boolean held;

    FrozenNode(
            Watchdog watchdog,
            Set<NodeProcess> processes,
            Optional<FreezerGroup> group,
            Duration longest,
            PauseSteps steps) {
        this.watchdog = watchdog;
        this.processes = processes;
        this.group = group;
        this.longest = longest;
        this.steps = steps;
    }

    @Override
    public void begin() throws CaravanException {
        heldAt = System.nanoTime();
        held = true;
        String answer = watchdog.ask("hold", PATIENCE);
        if (!answer.equals("held")) {
            throw new FailedException(
                    "freezing " + names() + " failed: the watchdog says " + answer,
                    "it must run as the node's user, or as root; then try again");
        }
        try {
            steps.ordered();
            while (!isStill()) {
                if (System.nanoTime() - heldAt > longest.toNanos()) {
                    throw new TransientException(
                            names() + " did not come to a halt within " + longest.toMillis() + " ms",
                            "its disk may be very busy: try again later, or raise caravan.database.<name>.max-pause");
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            steps.still();
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + names() + " in /proc", e);
        }
    }

    @Override
    public Duration end() throws CaravanException {
        boolean stillUntilNow = isStillAtTheEnd();
        String answer = release();
        Duration lasted = Duration.ofNanos(System.nanoTime() - heldAt);
        if (!answer.equals("released")) {
            throw new TransientException(
                    "the pause of " + names() + " took longer than " + longest.toMillis()
                            + " ms, so its watchdog let it go on before the capture was complete (" + answer + ")",
                    "the capture was thrown away; raise caravan.database.<name>.max-pause, or use another capture mode");
        }
        if (!stillUntilNow) {
            throw new TransientException(
                    "somebody let " + names() + " go on during the pause",
                    "the capture was thrown away; find out who sends SIGCONT to it");
        }
        return lasted;
    }

    @Override
    public void close() throws CaravanException {
        try {
            if (held) {
                release();
            }
        } finally {
            watchdog.close();
        }
    }

    private boolean isStillAtTheEnd() throws FailedException {
        try {
            steps.taken();
            return isStill();
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + names() + " in /proc", e);
        }
    }

    /** Answers only when the processes go on. */
    private String release() throws CaravanException {
        held = false;
        String answer = watchdog.ask("release", PATIENCE);
        try {
            steps.released();
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!isGoing()) {
                if (System.nanoTime() > deadline) {
                    throw new NodeDownException(
                            "CRITICAL: " + names() + " was frozen and does not go on (watchdog: " + answer + ")",
                            "let it go on by hand: kill -CONT " + pids());
                }
                if (answer.equals("gone")) {
                    letGoWithoutWatchdog();
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            return answer;
        } catch (IOException e) {
            throw new NodeDownException(
                    "CRITICAL: it is not known whether " + names() + ", which was frozen, goes on: " + e,
                    "look at it; if it stands still: kill -CONT " + pids(),
                    e);
        }
    }

    /** Somebody killed the watchdog: its promise is ours now. */
    private void letGoWithoutWatchdog() throws IOException {
        if (group.isPresent()) {
            Files.writeString(group.get().directory().resolve("cgroup.freeze"), "0");
            return;
        }
        for (NodeProcess process : processes) {
            if (process.isAlive()) {
                Process kill = new ProcessBuilder("kill", "-CONT", Long.toString(process.pid()))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                kill.onExit().join();
            }
        }
    }

    private boolean isStill() throws IOException {
        if (group.isPresent()) {
            return group.get().isFrozen();
        }
        for (NodeProcess process : processes) {
            if (!process.isAlive()) {
                throw new IOException("process " + process.pid() + " has ended");
            }
            if (!process.isStill()) {
                return false;
            }
        }
        return true;
    }

    private boolean isGoing() throws IOException {
        if (group.isPresent()) {
            return !group.get().isFrozen();
        }
        for (NodeProcess process : processes) {
            if (!process.isAlive()) {
                throw new IOException("process " + process.pid() + " has ended");
            }
            if (!process.isGoing()) {
                return false;
            }
        }
        return true;
    }

    private String names() {
        return "node " + pids();
    }

    private String pids() {
        return String.join(
                " ", processes.stream().map(process -> "" + process.pid()).toList());
    }
}
