package caravan.capture.node;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.NodeDownException;
import caravan.failure.RefusedException;
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

    private final Watchdog watchdog;
    private final List<LockedStore> stores;
    private final Locks locks;
    private final boolean wasUp;
    private final Duration longest;
    private final Duration commandLimit;
    private final PauseSteps steps;

    private List<HeldLock> heldLocks = List.of();
    private long heldAt;
    private boolean held;

    StoppedNode(
            Watchdog watchdog,
            List<LockedStore> stores,
            Locks locks,
            boolean wasUp,
            Duration longest,
            Duration commandLimit,
            PauseSteps steps) {
        this.watchdog = watchdog;
        this.stores = stores;
        this.locks = locks;
        this.wasUp = wasUp;
        this.longest = longest;
        this.commandLimit = commandLimit;
        this.steps = steps;
    }

    @Override
    public void begin() throws CaravanException {
        heldAt = System.nanoTime();
        held = true;
        String answer = watchdog.ask("hold", commandLimit.multipliedBy(3).plusSeconds(60));
        if (!answer.equals("held")) {
            throw new FailedException(
                    "stopping the node failed: " + answer.replaceFirst("^failed ", ""),
                    "run caravan.database.<name>.stop-command by hand to see what it says; the node was told to start");
        }
        try {
            steps.ordered();
            heldLocks = waitForLocks();
            requireNothingOpen();
            steps.still();
        } catch (IOException e) {
            throw new FailedException("looking whether the node has stopped failed: " + e, "", e);
        }
    }

    @Override
    public Duration end() throws CaravanException {
        try {
            steps.taken();
        } catch (IOException e) {
            throw new FailedException("the pause was broken off: " + e, "", e);
        }
        String answer = release();
        Duration lasted = Duration.ofNanos(System.nanoTime() - heldAt);
        if (!answer.equals("released")) {
            throw new TransientException(
                    "the node was down for longer than " + longest.toSeconds()
                            + " s, so its watchdog started it before the capture was complete (" + answer + ")",
                    "the capture was thrown away; raise caravan.database.<name>.max-pause, or use another capture mode");
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

    /** The command may return before the process has ended. */
    private List<HeldLock> waitForLocks() throws IOException, CaravanException {
        long deadline = System.nanoTime() + commandLimit.toNanos();
        while (true) {
            if (locks.holders().isEmpty()) {
                Optional<List<HeldLock>> taken = locks.take();
                if (taken.isPresent()) {
                    return taken.get();
                }
            }
            if (System.nanoTime() > deadline) {
                throw new FailedException(
                        "the stop command succeeded, but " + commandLimit.toSeconds()
                                + " s later the node still has its database open (" + locks + ")",
                        "does caravan.database.<name>.stop-command stop this node? It was told to start");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** An engine whose lock is not known must not have a file open. */
    private void requireNothingOpen() throws IOException, RefusedException {
        for (LockedStore store : stores) {
            Optional<String> user = store.lockFile().isEmpty() ? OpenFiles.userOf(store.directory()) : Optional.empty();
            if (user.isPresent()) {
                throw new RefusedException(
                        user.get() + " although the node was stopped", "stop whatever it is before the capture");
            }
        }
    }

    /** Answers only when the node has its stores open again, if it had them before. */
    private String release() throws CaravanException {
        held = false;
        try {
            Locks.release(heldLocks);
            heldLocks = List.of();
            String answer = watchdog.ask("release", commandLimit.multipliedBy(5).plusSeconds(30));
            steps.released();
            if (answer.startsWith("failed ") || answer.equals("gone")) {
                throw notBack(answer.replaceFirst("^failed ", "").replaceFirst("^gone$", "its watchdog is gone"));
            }
            long deadline = System.nanoTime() + commandLimit.toNanos();
            while (wasUp && locks.holders().isEmpty()) {
                if (System.nanoTime() > deadline) {
                    throw notBack("the start command succeeded, but " + commandLimit.toSeconds()
                            + " s later nobody has the database open");
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            return answer;
        } catch (IOException e) {
            throw notBack("it could not be looked at: " + e);
        }
    }

    private static NodeDownException notBack(String reason) {
        return new NodeDownException(
                "CRITICAL: the node was stopped and did not come back: " + reason,
                "start it by hand; its watchdog goes on trying as long as the start command fails");
    }
}
