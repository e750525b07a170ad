package caravan.capture.node;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A pause in which the node is stopped by command. Its locks are held meanwhile, so that nobody can start it early. */
final class StoppedNode implements NodePause {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** How often the start command is tried without a watchdog. */
    private static final int TRIES = 4;

    private final Watchdog watchdog;
    private final List<LockedStore> stores;
    private final Locks locks;
    private final KeptLocks kept;
    private final boolean wasUp;
    private final String start;
    private final Duration longest;
    private final Duration commandLimit;
    private final Duration firstPause;
    private final PauseSteps steps;

    private long heldAt;
    private boolean held;

    StoppedNode(
            Watchdog watchdog,
            List<LockedStore> stores,
            Locks locks,
            KeptLocks kept,
            boolean wasUp,
            String start,
            Duration longest,
            Duration commandLimit,
            Duration firstPause,
            PauseSteps steps) {
        this.watchdog = watchdog;
        this.stores = stores;
        this.locks = locks;
        this.kept = kept;
        this.wasUp = wasUp;
        this.start = start;
        this.longest = longest;
        this.commandLimit = commandLimit;
        this.firstPause = firstPause;
        this.steps = steps;
    }

    @Override
    public void begin() throws CaravanException {
        heldAt = System.nanoTime();
        held = true;
        // One stop, and if it fails four starts, perhaps after four of the timer's.
        String answer = watchdog.ask("hold", commandLimit.multipliedBy(12).plusSeconds(180));
        if (!answer.equals("held")) {
            throw new FailedException(
                    "stopping the node failed: "
                            + answer.replaceFirst("^failed ", "").replaceFirst("^gone$", "its watchdog is gone"),
                    "run caravan.database.<name>.stop-command by hand to see what it says");
        }
        try {
            steps.ordered();
            waitForLocks();
            OpenFiles.requireNone(stores);
            // What its timer starts from now on, no stop of ours ends.
            watchdog.ask("down", commandLimit);
            steps.still();
        } catch (IOException e) {
            throw DiskFailures.of("looking whether the node has stopped", e);
        }
    }

    @Override
    public Duration end() throws CaravanException {
        Optional<TransientException> broken;
        try {
            steps.taken();
            broken = kept.broken();
        } catch (IOException e) {
            throw DiskFailures.of("ending the pause of the node", e);
        }
        String answer = release();
        Duration lasted = Duration.ofNanos(System.nanoTime() - heldAt);
        if (!answer.equals("released")) {
            throw new TransientException(
                    answer.equals(AnsweringProcess.GONE)
                            ? "the watchdog of the stopped node ended before the capture was complete"
                            : "the node was down for longer than " + longest.toSeconds()
                                    + " s, so its watchdog started it before the capture was complete (" + answer + ")",
                    answer.equals(AnsweringProcess.GONE)
                            ? "the capture was thrown away; find out who killed it"
                            : "the capture was thrown away; raise caravan.database.<name>.max-pause, or use another"
                                    + " capture mode");
        }
        if (broken.isPresent()) {
            throw broken.get();
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
            kept.close();
            watchdog.close();
        }
    }

    /** The command may return before the process has ended. */
    private void waitForLocks() throws IOException, CaravanException {
        long deadline = System.nanoTime() + commandLimit.toNanos();
        while (!locks.holders().isEmpty() || !kept.take()) {
            if (System.nanoTime() > deadline) {
                throw new FailedException(
                        "the stop command succeeded, but " + commandLimit.toSeconds()
                                + " s later the node still has its database open (" + locks + ")",
                        "does caravan.database.<name>.stop-command stop this node?");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Answers only when the node has its stores open again, if it had them before. */
    private String release() throws CaravanException {
        held = false;
        kept.close();
        try {
            // Four starts, perhaps after four of the timer's, with pauses between them.
            String answer =
                    watchdog.ask("release", commandLimit.multipliedBy(10).plusSeconds(180));
            steps.released();
            if (answer.startsWith("failed ")) {
                throw notBack(
                        answer.replaceFirst("^failed ", ""),
                        "start it by hand; its watchdog goes on trying until the start command succeeds");
            }
            if (answer.equals(AnsweringProcess.GONE)) {
                startWithoutWatchdog();
            }
            waitForNode();
            return answer;
        } catch (IOException e) {
            throw notBack("it could not be looked at: " + e, "look at it; if it does not run, start it by hand");
        }
    }

    /** Somebody killed the watchdog: its promise is ours now. */
    private void startWithoutWatchdog() throws IOException, NodeDownException {
        Duration pause = firstPause;
        for (int tries = 1; !Watchdog.run(start, commandLimit); tries++) {
            if (tries == TRIES) {
                throw notBack(
                        "its watchdog is gone, and the start command failed " + TRIES + " times",
                        "start it by hand: nobody tries again");
            }
            sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private void waitForNode() throws IOException, CaravanException {
        long deadline = System.nanoTime() + commandLimit.toNanos();
        while (wasUp && locks.holders().isEmpty() && OpenFiles.userOf(stores).isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw notBack(
                        "the start command succeeded, but " + commandLimit.toSeconds()
                                + " s later nobody has the database open",
                        "its own log says why; start it by hand: a start command that succeeded is not tried again");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** An interrupt waits until the node runs. */
    private static void sleep(Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        boolean interrupted = false;
        while (System.nanoTime() < deadline) {
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(deadline - System.nanoTime());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static NodeDownException notBack(String reason, String hint) {
        return new NodeDownException("CRITICAL: the node was stopped and did not come back: " + reason, hint);
    }
}
