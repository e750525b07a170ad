package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code sync.sh} does about the locks of engines, and of other runs. */
@Timeout(120)
class SyncScriptLockTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final SyncScript script = demo.script();
    private final Path target = demo.target();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(2500, 1));
    private final Bucket.Tree flat =
            new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("000001.sst", Trees.bytes(2500, 1));
    private final Path disk = demo.disk();

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
        demo.bucket().publish(flat, snapshot(2), false, store("", Engine.ROCKSDB, 1000));
    }

    @Test
    void theLockOfAStoreThatTheSnapshotDoesNotHaveGoesWithIt() throws Exception {
        script.run(demo.url(), target).done();
        Files.createFile(target.resolve("db/full/LOCK"));
        Path extra = Files.createDirectories(target.resolve("db/full/parachains/db"));
        Files.createFile(extra.resolve("LOCK"));
        Files.createFile(extra.resolve("lock"));
        Files.writeString(extra.resolve("CURRENT"), "MANIFEST-000007\n");
        Files.createFile(
                Files.createDirectories(target.resolve("db/full/only/a")).resolve("LOCK"));

        script.run(demo.url(), target).done();

        assertThat(target.resolve("db/full/LOCK")).exists();
        Files.delete(target.resolve("db/full/LOCK"));
        Trees.assertExact(target, tree);
        Path replaced = disk.resolve(Trees.list(disk).get(1));
        assertThat(Trees.names(replaced))
                .contains(
                        "db/full/only/a/LOCK",
                        "db/full/parachains/db/CURRENT",
                        "db/full/parachains/db/LOCK",
                        "db/full/parachains/db/lock");
    }

    @Test
    void aStoreThatTheSnapshotDoesNotHaveIsLeftAloneWhileAProcessHoldsIt() throws Exception {
        script.run(demo.url(), target).done();
        Path extra = Files.createDirectories(target.resolve("db/full/parachains/db"));
        try (LockHolder holder = LockHolder.start(extra.resolve("LOCK"))) {
            List<String> before = Trees.print(target);

            script.run(demo.url(), target).refusedWith(4, "target in use: process " + holder.pid());

            assertThat(Trees.print(target)).isEqualTo(before);
        }
    }

    /** The device of a file is not the one that the list of locks has, on btrfs. */
    @Test
    void aDatabaseThatAProcessHoldsOnBtrfsIsRefused() throws Exception {
        Path image = demo.directory().resolve("btrfs.img");
        assumeTrue(system("truncate", "-s", "120M", image.toString()), "no image");
        assumeTrue(Tools.has("mkfs.btrfs") && system("mkfs.btrfs", "-q", image.toString()), "mkfs.btrfs is not here");
        assumeTrue(system("mount", "-o", "loop", image.toString(), disk.toString()), "mounting needs root");
        try {
            assertThatAHeldDatabaseIsRefused();
        } finally {
            system("umount", disk.toString());
        }
    }

    @Test
    void aDatabaseThatAProcessHoldsOnAnOverlayIsRefused() throws Exception {
        Path layers = Files.createDirectory(demo.directory().resolve("layers"));
        assumeTrue(system("mount", "-t", "tmpfs", "tmpfs", layers.toString()), "mounting needs root");
        try {
            for (String layer : List.of("lower", "upper", "work")) {
                Files.createDirectory(layers.resolve(layer));
            }
            String options = "lowerdir=%1$s/lower,upperdir=%1$s/upper,workdir=%1$s/work".formatted(layers.toString());
            assumeTrue(system("mount", "-t", "overlay", "-o", options, "overlay", disk.toString()), "no overlays here");
            assertThatAHeldDatabaseIsRefused();
        } finally {
            system("umount", disk.toString());
            system("umount", layers.toString());
        }
    }

    private void assertThatAHeldDatabaseIsRefused() throws Exception {
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/000001.sst"), "differs");
        try (LockHolder holder = LockHolder.start(target.resolve("db/full/LOCK"))) {
            script.run(demo.url(), target).refusedWith(4, "target in use: process " + holder.pid(), "db/full/LOCK");

            assertThat(target.resolve("db/full/000001.sst")).hasContent("differs");
            SyncScript.end(blind(script.process(demo.url(), target)))
                    .refusedWith(
                            4, "target in use: process " + holder.pid() + " seems to hold the lock of db/full/LOCK");
        }
        script.run(demo.url(), target).done();
        assertThat(target.resolve("db/full/000001.sst")).hasBinaryContent(Trees.bytes(2500, 1));
    }

    @Test
    void whoHoldsAFileOfTheSameNumberOnAnotherDiskIsInNobodysWay() throws Exception {
        Path other = Files.createDirectory(demo.directory().resolve("other"));
        assumeTrue(system("mount", "-t", "tmpfs", "tmpfs", disk.toString()), "mounting needs root");
        try {
            assumeTrue(system("mount", "-t", "tmpfs", "tmpfs", other.toString()), "mounting needs root");
            script.run(demo.url(), target).done();
            Files.writeString(target.resolve("db/full/000001.sst"), "differs");
            long number = number(Files.createFile(target.resolve("db/full/LOCK")));
            Path same = Files.createFile(other.resolve("0"));
            for (int file = 1; number(same) < number; file++) {
                same = Files.createFile(other.resolve(Integer.toString(file)));
            }
            assumeTrue(number(same) == number, "files are numbered in another way here");
            try (LockHolder holder = LockHolder.start(same)) {
                SyncScript.end(blind(script.process(demo.url(), target))).done();
                assertThat(holder.pid()).isPositive();
            }
            Files.delete(target.resolve("db/full/LOCK"));
            Trees.assertExact(target, tree);
        } finally {
            system("umount", other.toString());
            system("umount", disk.toString());
        }
    }

    @Test
    void aLockWhoseTakerHasEndedIsSeenAndWaitedForAMoment() throws Exception {
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/000001.sst"), "differs");
        Path lock = Files.createFile(target.resolve("db/full/lock"));
        Process holder = inherited(lock, "cat");
        script.run(demo.url(), target).refusedWith(4, "target in use: a process holds the lock of db/full/lock");
        holder.destroy();
        holder.waitFor();

        inherited(lock, "sleep 1");
        script.run(demo.url(), target).done();

        Files.delete(lock);
        Trees.assertExact(target, tree);
    }

    @Test
    void whereTheDatabaseIsTheDirectoryItselfOurOwnLockIsInNobodysWay() throws Exception {
        String url = demo.url(2);
        script.run(url, target).done();
        Files.writeString(target.resolve("000001.sst"), "differs");

        script.run(url, target).done();

        Trees.assertExact(target, flat);
    }

    @Test
    void theNumberOfAKilledRunThatAnotherProcessHasNowIsNoRun() throws Exception {
        SyncScript alone = withoutFlock();
        Path own = Files.createDirectories(target.resolveSibling("data.caravan-incomplete/.caravan"));
        long self = ProcessHandle.current().pid();
        Files.writeString(own.resolve("lock.pid"), self + "\n");

        alone.run(demo.url(), target).refusedWith(4, "another fetch is at work");
        Files.writeString(own.resolve("lock.began"), self + " " + began() + "\n");
        alone.run(demo.url(), target).refusedWith(4, "another fetch is at work");

        Files.writeString(own.resolve("lock.began"), self + " 1" + began() + "\n");
        alone.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    /** The tools of this system, but not flock(1). */
    private SyncScript withoutFlock() throws Exception {
        Path programs = Files.createDirectory(demo.directory().resolve("programs"));
        for (String tool : SyncScriptToolsTest.TOOLS) {
            Files.createSymbolicLink(programs.resolve(tool), Tools.find(tool).orElseThrow());
        }
        for (String tool : List.of("bash", "openssl")) {
            Files.createSymbolicLink(programs.resolve(tool), Tools.find(tool).orElseThrow());
        }
        return script.with("PATH", programs.toString());
    }

    /** In ticks since this machine began, as the system tells it. */
    private static String began() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
    }

    /** A process that has a lock which flock(1) took before it ended. */
    private static Process inherited(Path lock, String command) throws IOException {
        Process process = new ProcessBuilder(
                        "sh", "-c", "exec 9<\"$0\"; flock -n 9 && echo + && exec " + command, lock.toString())
                .start();
        assertThat(process.getInputStream().read()).isEqualTo('+');
        return process;
    }

    /** The same, not permitted to look at other processes. */
    private static ProcessBuilder blind(ProcessBuilder plain) {
        assumeTrue(Tools.has("setpriv"), "setpriv is not here");
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--inh-caps=-sys_ptrace", "--bounding-set=-sys_ptrace"));
        command.addAll(plain.command());
        return plain.command(command);
    }

    private static long number(Path file) throws IOException {
        return (Long) Files.getAttribute(file, "unix:ino");
    }

    private static boolean system(String... command) throws Exception {
        return SyncScript.end(new ProcessBuilder(command)).status() == 0;
    }
}
