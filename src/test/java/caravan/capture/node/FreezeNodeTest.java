package caravan.capture.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.capture.node.NodeControl.LockedStore;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreezeNodeTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path base;

    @Test
    void theHolderOfTheLockStandsStillBetweenBeginAndEndAndNotLonger() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            NodePause pause = freeze(LONG).prepare(List.of(node.store()));
            assertThat(node.isStill()).isFalse();

            pause.begin();
            assertThat(node.isStill()).isTrue();
            Duration lasted = pause.end();

            assertThat(node.isStill()).isFalse();
            assertThat(lasted).isPositive();
            pause.close();
            assertThat(node.isAlive()).isTrue();
        }
    }

    @Test
    void anyFailureInBetweenLetsItGoOn() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            assertThatThrownBy(() -> {
                        try (NodePause pause = freeze(LONG).prepare(List.of(node.store()))) {
                            pause.begin();
                            throw new IOException("the disk is full");
                        }
                    })
                    .hasMessage("the disk is full");

            assertThat(node.isStill()).isFalse();
        }
    }

    @Test
    void whatWasTakenDoesNotCountIfThePauseWasTooLong() throws Exception {
        try (LockedProcess node = LockedProcess.on(base);
                NodePause pause = freeze(Duration.ofMillis(300)).prepare(List.of(node.store()))) {
            pause.begin();
            await().atMost(LONG).until(() -> !node.isStill());

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("longer than 300 ms")
                    .satisfies(failure ->
                            assertThat(((CaravanException) failure).hint()).contains("max-pause"));
        }
    }

    @Test
    void whatWasTakenDoesNotCountIfSomebodyElseLetItGoOn() throws Exception {
        try (LockedProcess node = LockedProcess.on(base);
                NodePause pause = freeze(LONG).prepare(List.of(node.store()))) {
            pause.begin();
            signal("-CONT", node.pid());
            await().atMost(LONG).until(() -> !node.isStill());

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("somebody let node " + node.pid() + " go on");
        }
    }

    @Test
    void aKilledWatchdogDoesNotKeepTheNodeFrozen() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            List<String> orders = List.of(
                    "longest 60",
                    "process " + node.pid() + " " + node.identity().start());
            Watchdog watchdog = Watchdog.start(orders, base.resolve("log"));
            FrozenNode pause =
                    new FrozenNode(watchdog, Set.of(node.identity()), Optional.empty(), LONG, PauseSteps.NONE);
            pause.begin();
            signal("-KILL", watchdog.pid());

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("(gone)");

            assertThat(node.isStill()).isFalse();
            pause.close();
        }
    }

    @Test
    void aProcessThatTookOverTheNumberIsNotTouched() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            NodeProcess earlier = new NodeProcess(node.pid(), "1");
            Watchdog watchdog =
                    Watchdog.start(List.of("longest 60", "process " + node.pid() + " 1"), base.resolve("log"));
            FrozenNode pause = new FrozenNode(watchdog, Set.of(earlier), Optional.empty(), LONG, PauseSteps.NONE);

            assertThatThrownBy(pause::begin)
                    .isInstanceOf(FailedException.class)
                    .hasMessageContaining("a process to freeze is gone");

            assertThat(node.isStill()).isFalse();
            watchdog.close();
        }
    }

    @Test
    void aNodeThatSomebodyElseStoppedIsNotOursToLetGo() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            signal("-STOP", node.pid());
            await().atMost(LONG).until(node::isStill);

            assertThatThrownBy(() -> freeze(LONG).prepare(List.of(node.store())))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is stopped already");

            assertThat(node.isStill()).isTrue();
        }
    }

    @Test
    void aDatabaseThatNobodyHasOpenIsLockedMeanwhile() throws Exception {
        Path lock = Files.createFile(base.resolve("lock"));
        long modified = Files.getLastModifiedTime(lock).toMillis();
        LockedStore store = new LockedStore(base, "lock");
        try (NodePause pause = freeze(LONG).prepare(List.of(store))) {
            pause.begin();

            assertThat(canBeLocked(lock)).isFalse();
            assertThat(pause.end()).isZero();
        }
        assertThat(canBeLocked(lock)).isTrue();
        assertThat(Files.getLastModifiedTime(lock).toMillis()).isEqualTo(modified);
    }

    @Test
    void aDatabaseWithoutALockFileDoesNotCountIfItIsOpenedForTheFirstTimeMeanwhile() throws Exception {
        LockedStore store = new LockedStore(base, "lock");
        try (NodePause pause = freeze(LONG).prepare(List.of(store))) {
            pause.begin();
            assertThat(base.resolve("lock")).doesNotExist();
            LockedProcess.on(base).close();

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("somebody opened the database while it was captured")
                    .hasMessageContaining(base.resolve("lock") + " was made");
        }
    }

    @Test
    void aDatabaseThatNobodyHasOpenIsNotLockedForLongerThanThePause() throws Exception {
        Path lock = Files.createFile(base.resolve("lock"));
        try (NodePause pause = freeze(Duration.ofMillis(300)).prepare(List.of(new LockedStore(base, "lock")))) {
            pause.begin();
            await().atMost(LONG).until(() -> canBeLocked(lock));

            assertThatThrownBy(pause::end)
                    .isInstanceOf(TransientException.class)
                    .hasMessageContaining("was not held until the capture was complete");
        }
    }

    @Test
    void refusesAnEngineWhoseLockIsNotKnown() {
        assertThatThrownBy(() -> freeze(LONG).check(List.of(new LockedStore(base, ""))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("unknown engine");
    }

    @Test
    void refusesToFreezeItself() throws Exception {
        Path lock = Files.createFile(base.resolve("LOCK"));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThatThrownBy(() -> freeze(LONG).check(List.of(new LockedStore(base, "LOCK"))))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("this process has the database open itself");
        }
    }

    @Test
    void freezesACgroupWithAllThatIsInIt() throws Exception {
        Path unified = Files.isDirectory(Path.of("/sys/fs/cgroup/unified"))
                ? Path.of("/sys/fs/cgroup/unified")
                : Path.of("/sys/fs/cgroup");
        assumeTrue(
                Files.exists(unified.resolve("cgroup.controllers")) && Files.isWritable(unified),
                "needs cgroups of version 2 that this user may make groups in");
        Path group = unified.resolve("caravan-test-" + ProcessHandle.current().pid());
        Files.createDirectory(group);
        try (LockedProcess node = LockedProcess.on(base)) {
            FreezeNode freeze = new FreezeNode(group, LONG, base.resolve("log"));
            assertThatThrownBy(() -> freeze.check(List.of(node.store())))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("is not in the cgroup");
            Files.writeString(group.resolve("cgroup.procs"), Long.toString(node.pid()));

            try (NodePause pause = freeze.prepare(List.of(node.store()))) {
                pause.begin();
                assertThat(new FreezerGroup(group).isFrozen()).isTrue();
                assertThat(pause.end()).isPositive();
            }

            assertThat(new FreezerGroup(group).isFrozen()).isFalse();
        } finally {
            await().atMost(LONG).ignoreExceptions().until(() -> Files.deleteIfExists(group));
        }
    }

    private FreezeNode freeze(Duration longest) {
        return new FreezeNode(longest, base.resolve("log"));
    }

    private static boolean canBeLocked(Path lock) throws Exception {
        return new ProcessBuilder("flock", "-n", "-x", lock.toString(), "true")
                        .start()
                        .waitFor()
                == 0;
    }

    private static void signal(String signal, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
