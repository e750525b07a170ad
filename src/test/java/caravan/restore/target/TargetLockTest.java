package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.lock.AnotherProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who else may be at work in a directory, and what only looks like it. */
@Timeout(60)
class TargetLockTest {

    @TempDir
    Path root;

    private Path lock;

    @BeforeEach
    void name() throws Exception {
        lock = Files.createDirectory(root.resolve(".caravan")).resolve("lock");
    }

    @Test
    void secondInTheSameProcessIsRefusedUntilTheFirstLetsGo() throws Exception {
        try (TargetLock first = TargetLock.in(root)) {
            assertRefused();
            first.requireHeld();
        }
        assertFree();
    }

    @Test
    void lockOfAnotherKindIsSeen() throws Exception {
        Process holder = new ProcessBuilder("flock", "--no-fork", lock.toString(), "cat").start();
        Awaitility.await().until(() -> HeldFiles.now().holderOf(lock).isPresent());

        assertRefused();

        holder.getOutputStream().close();
        holder.waitFor();
        assertFree();
    }

    @Test
    void processThatWroteItsNumberDownIsSeenWhileItLives() throws Exception {
        Process holder = new ProcessBuilder("sh", "-c", "cat; :", "/opt/sync.sh").start();
        Path who = Files.writeString(root.resolve(".caravan/lock.pid"), holder.pid() + "\n");

        assertThatThrownBy(() -> TargetLock.in(root).close())
                .isInstanceOf(RefusedException.class)
                .hasMessage("another fetch is at work in " + root + ": process " + holder.pid() + ", says " + who)
                .extracting(refusal -> ((RefusedException) refusal).hint())
                .asString()
                .endsWith("remove " + who);

        holder.getOutputStream().close();
        holder.waitFor();
        assertFree();
    }

    @Test
    void processThatIsNoScriptHasTheNumberOfOneThatWasKilled() throws Exception {
        Process another = new ProcessBuilder("cat").start();
        Files.writeString(root.resolve(".caravan/lock.pid"), another.pid() + "\n");

        assertFree();

        another.destroy();
        another.waitFor();
    }

    @Test
    void lockIsLetGoThoughItsFileCannotBeRemoved() throws Exception {
        TargetLock taken = TargetLock.in(root);
        Files.delete(lock);
        Path inside = Files.createFile(Files.createDirectory(lock).resolve("file"));

        taken.close();

        Files.delete(inside);
        Files.delete(lock);
        assertFree();
    }

    @Test
    void processThatIsYoungerThanTheNumberIsAnother() throws Exception {
        Process younger = new ProcessBuilder("sh", "-c", "cat; :", "sync.sh").start();
        Path who = Files.writeString(root.resolve(".caravan/lock.pid"), younger.pid() + "\n");
        Files.setLastModifiedTime(who, FileTime.from(Instant.now().minusSeconds(3600)));

        assertFree();

        younger.destroy();
        younger.waitFor();
    }

    @Test
    void whatIsNoNumberSaysNothing() throws Exception {
        for (String text : new String[] {"", "-1", "x", "99999999999999999999", "1 2"}) {
            Files.writeString(root.resolve(".caravan/lock.pid"), text);
            assertFree();
        }
    }

    @Test
    void restoreThatIsRefusedInThisProcessDoesNotTakeTheLockAwayFromTheOneAtWork() throws Exception {
        Path target = Files.createDirectory(root.resolve("target"));
        Path beside = root.resolve("target.caravan-lock");
        try (TargetLock inside = TargetLock.in(target);
                TargetLock outside = TargetLock.beside(target).orElseThrow()) {
            assertThatThrownBy(() -> TargetLock.in(target)).isInstanceOf(RefusedException.class);
            assertThatThrownBy(() -> TargetLock.beside(target)).isInstanceOf(RefusedException.class);

            inside.requireHeld();
            outside.requireHeld();
            assertThat(AnotherProcess.canLock(target.resolve(".caravan/lock"))).isFalse();
            assertThat(AnotherProcess.canLock(beside)).isFalse();
        }
        assertThat(beside).doesNotExist();
    }

    @Test
    void lockFileThatIsALinkIsNotFollowed() throws Exception {
        Path target = Files.createDirectory(root.resolve("target"));
        Path elsewhere = Files.writeString(root.resolve("elsewhere"), "precious");
        Files.createSymbolicLink(root.resolve("target.caravan-lock"), elsewhere);

        assertThatThrownBy(() -> TargetLock.beside(target)).hasMessageContaining("locking");

        assertThat(elsewhere).hasContent("precious");
    }

    private void assertRefused() {
        assertThatThrownBy(() -> TargetLock.in(root).close())
                .isInstanceOf(RefusedException.class)
                .hasMessage("another fetch is at work in " + root);
    }

    private void assertFree() throws Exception {
        try (TargetLock taken = TargetLock.in(root)) {
            taken.requireHeld();
        }
        assertThat(lock).doesNotExist();
    }
}
