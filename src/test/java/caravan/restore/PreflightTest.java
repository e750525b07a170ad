package caravan.restore;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.restore.target.SystemLimits;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {

    @TempDir
    Path directory;

    private Preflight needs;

    /** Needs 3 directories and 2 files, of which one directory is there. */
    @BeforeEach
    void describe() throws IOException {
        Files.createDirectory(directory.resolve("db"));
        needs = Preflight.in(directory);
        needs.file(file("db/full/1.sst", 1000));
        needs.file(file("db/full/2.sst", 5000));
        needs.directory(new SnapshotPath("db/full/empty"));
    }

    @Test
    void enoughIsEnough() {
        assertThatCode(() -> compare(limits(1024, 5000, 4))).doesNotThrowAnyException();
    }

    @Test
    void whatIsNotKnownIsNotRefused() {
        SystemLimits unknown = new SystemLimits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
        assertThatCode(() -> compare(unknown)).doesNotThrowAnyException();
    }

    @Test
    void tooFewInodesAreRefused() {
        assertThatThrownBy(() -> compare(limits(1024, 5000, 3)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no inodes left")
                .hasMessageContaining("4 files and directories")
                .hasMessageContaining("room for 3");
    }

    @Test
    void aFileThatMayNotBeSoLargeIsRefused() {
        assertThatThrownBy(() -> compare(limits(1024, 4999, 100)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("db/full/2.sst has 5000 bytes");
    }

    @Test
    void tooFewOpenFilesAreRefused() {
        assertThatThrownBy(() -> compare(limits(256, 5000, 100)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("32 chunks at a time")
                .hasMessageContaining("may have 256");
    }

    private void compare(SystemLimits limits) throws RefusedException {
        needs.compare(limits, directory, 32);
    }

    private static SystemLimits limits(long openFiles, long fileSize, long inodes) {
        return new SystemLimits(OptionalLong.of(openFiles), OptionalLong.of(fileSize), OptionalLong.of(inodes));
    }

    private static FileEntry file(String path, long size) {
        return new FileEntry(new SnapshotPath(path), size, List.of(ChunkRef.plain(Digest.OF_NOTHING, size)));
    }
}
