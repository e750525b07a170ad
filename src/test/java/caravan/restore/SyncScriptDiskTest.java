package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code sync.sh} makes of a disk that takes bytes and does not keep them. */
@Timeout(120)
class SyncScriptDiskTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();
    private final Bucket.Tree tree = new Bucket.Tree()
            .file("db/full/CURRENT", "MANIFEST-000004\n")
            .file("db/full/000001.sst", Trees.bytes(4500, 1))
            .file("db/full/000002.sst", Trees.bytes(800, 2));
    private final Path programs = demo.directory().resolve("programs");
    private final SyncScript script = demo.script().with("PATH", programs + ":" + System.getenv("PATH"));

    @BeforeEach
    void publish() throws Exception {
        demo.publishLatest(tree, 1);
        Files.createDirectory(programs);
    }

    @Test
    void whatTheFileSystemCouldNotWriteIsNeverSealed() throws Exception {
        sync("""
                case $PWD,$1 in
                    */disk/*,-f) echo "sync: error syncing '.': Input/output error" >&2; exit 1 ;;
                esac
                """);
        script.run(demo.url(), target).refusedWith(1, "syncing ", "Input/output error");
        assertThat(target).doesNotExist();
        assertThat(target.resolveSibling("data.caravan-incomplete/db/full/CURRENT"))
                .doesNotExist();

        Files.delete(programs.resolve("sync"));
        script.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void aFileThatCouldNotBeWrittenKeepsTheDatabaseFromBeingSealed() throws Exception {
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/000001.sst"), "differs");
        sync("""
                for file do
                    case $file in
                        */000001.sst) echo "sync: error syncing '$file': No space left on device" >&2; exit 1 ;;
                    esac
                done
                """);
        script.run(demo.url(), target).refusedWith(1, "syncing ", "no space left");
        assertThat(target.resolve("db/full/CURRENT")).hasContent("caravan: restore incomplete\n");

        Files.delete(programs.resolve("sync"));
        script.run(demo.url(), target).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void whatAKilledRunWroteIsAskedForTooThoughNothingIsFetched() throws Exception {
        script.run(demo.url(), target).done();
        Files.move(target, target.resolveSibling("data.caravan-incomplete"));
        sync("""
                for file do
                    case $file in
                        */000001.sst) echo "sync: error syncing '$file': Input/output error" >&2; exit 1 ;;
                    esac
                done
                """);

        script.run(demo.url(), target).refusedWith(1, "syncing ", "Input/output error");

        assertThat(target).doesNotExist();
    }

    @Test
    void overAnOldCopyThereIsRoomForOneChunkOfEachTransferAndNoMoreIsNeeded() throws Exception {
        int chunk = 1 << 20;
        byte[] content = Trees.bytes(12 * chunk, 5);
        Bucket.Tree large =
                new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("000001.sst", content);
        bucket.publish(large, snapshot(2), false, store("", Engine.ROCKSDB, chunk));
        String url = demo.url(2);
        Path disk = demo.disk();
        assumeTrue(system("mount", "-t", "tmpfs", "-o", "size=15m", "tmpfs", disk.toString()), "mounting needs root");
        try {
            Files.createDirectory(target);
            Files.writeString(target.resolve("CURRENT"), "MANIFEST-000001\n");
            Files.write(target.resolve("000001.sst"), Trees.bytes(12 * chunk, 6));

            script.run(url, target, "--parallel", "4")
                    .refusedWith(4, "no space left for " + target, "4194304 bytes", "nothing was written");
            assertThat(Trees.list(target)).containsExactly("000001.sst", "CURRENT");
            script.run(url, target, "--parallel", "2").done();

            Trees.assertExact(target, large);
        } finally {
            system("umount", disk.toString());
        }
    }

    @Test
    void aFileThatSomebodyElseHasTooNeedsItsRoomOnceMore() throws Exception {
        script.run(demo.url(), target).done();
        byte[] old = Trees.bytes(3 << 20, 6);
        Bucket.Tree large = new Bucket.Tree()
                .file("db/full/CURRENT", "MANIFEST-000004\n")
                .file("db/full/000001.sst", Trees.bytes(3 << 20, 5));
        bucket.publish(large, snapshot(2), false, Bucket.oneStore(1 << 20));
        Path disk = demo.disk();
        assumeTrue(system("mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", disk.toString()), "mounting needs root");
        try {
            Files.createDirectories(target.resolve("db/full"));
            Files.writeString(target.resolve("db/full/CURRENT"), "MANIFEST-000001\n");
            Files.write(target.resolve("db/full/000001.sst"), old);
            Files.createLink(disk.resolve("checkpoint"), target.resolve("db/full/000001.sst"));

            script.run(demo.url(2), target, "--parallel", "1")
                    .refusedWith(4, "no space left for " + target, "nothing was written");
            assertThat(target.resolve("db/full/CURRENT")).hasContent("MANIFEST-000001\n");

            assertThat(system("mount", "-o", "remount,size=8m", disk.toString()))
                    .isTrue();
            script.run(demo.url(2), target, "--parallel", "1").done();
            Trees.assertExact(target, large);
            assertThat(disk.resolve("checkpoint")).hasBinaryContent(old);
        } finally {
            system("umount", disk.toString());
        }
    }

    @Test
    void whatThisUserMayNotWriteToIsSaidBeforeAnythingChanges() throws Exception {
        script.run(demo.url(), target).done();
        Files.writeString(target.resolve("db/full/000001.sst"), "differs");
        Files.writeString(target.resolve("db/full/000003.sst"), "old");
        Path copy = Files.copy(SyncScript.FILE, demo.directory().resolve("sync.sh"));
        assumeTrue(system("chown", "-R", "65534", demo.directory().toString()), "giving files away needs root");
        ProcessBuilder asAnother = script.process(demo.url(), target);
        asAnother.command().set(1, copy.toString());
        asAnother.command().addAll(0, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        assertThat(system("chown", "0", target.resolve("db/full/000001.sst").toString()))
                .isTrue();
        List<String> before = Trees.print(target);

        SyncScript.end(asAnother)
                .refusedWith(4, "db/full/000001.sst may not be written to by this user", "nothing was written");
        assertThat(Trees.print(target)).isEqualTo(before);
        assertThat(system("chown", "65534", target.resolve("db/full/000001.sst").toString()))
                .isTrue();
        assertThat(system("chown", "0", target.resolve("db/full").toString())).isTrue();
        SyncScript.end(asAnother).refusedWith(4, "db/full may not be written to by this user");
        assertThat(Trees.print(target)).isEqualTo(before);

        assertThat(system("chown", "-R", "65534", target.toString())).isTrue();
        SyncScript.end(asAnother).done();
        Trees.assertExact(target, tree);
    }

    @Test
    void aLimitOfTheSizeOfFilesIsSaidBeforeTheFirstByte() throws Exception {
        ProcessBuilder limited = script.process(demo.url(), target);
        limited.command().addAll(0, List.of("bash", "-c", "ulimit -f 4; exec \"$@\"", "bash"));

        SyncScript.end(limited)
                .refusedWith(4, "a file of the snapshot has 4500 bytes, and here none may have more than 4096");

        assertThat(target).doesNotExist();
    }

    private static boolean system(String... command) throws Exception {
        return SyncScript.end(new ProcessBuilder(command)).status() == 0;
    }

    /** A sync(1) that fails as the text says, and else is the one of this system. */
    private void sync(String text) throws IOException {
        Path program = Files.writeString(
                programs.resolve("sync"),
                "#!/bin/sh\n" + text + "exec " + Tools.find("sync").orElseThrow() + " \"$@\"\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }
}
