package caravan.capture.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockHoldersTest {

    @TempDir
    Path base;

    @Test
    void findsTheHolderOfEachKindOfLock() throws Exception {
        try (LockedProcess node = LockedProcess.on(base)) {
            assertThat(LockHolders.of(base.resolve("lock")))
                    .extracting(NodeProcess::pid)
                    .containsExactly(node.pid());
        }
        Path lock = Files.createFile(base.resolve("LOCK"));
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThat(LockHolders.of(lock))
                    .extracting(NodeProcess::pid)
                    .containsExactly(ProcessHandle.current().pid());
        }
        assertThat(LockHolders.of(lock)).isEmpty();
        assertThat(LockHolders.of(base.resolve("nowhere"))).isEmpty();
    }

    @Test
    void aProcessIsKnownByNumberAndStart() throws Exception {
        NodeProcess process;
        try (LockedProcess node = LockedProcess.on(base)) {
            process = node.identity();

            assertThat(process.isAlive()).isTrue();
            assertThat(new NodeProcess(process.pid(), process.start() + "1").isAlive())
                    .isFalse();
        }
        assertThat(process.isAlive()).isFalse();
    }
}
