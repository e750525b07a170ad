package caravan.drill.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import caravan.pace.IoPriority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** RocksDB's own code, unpacked once. */
@Timeout(60)
final class EngineLibraryTest {

    private static final EngineLimits LIMITS = new EngineLimits(2L << 30, Duration.ofSeconds(60), 1);

    @TempDir
    Path directory;

    @Test
    void libraryIsTakenOnlyFromTheDirectoryOfItsOwnVersion() throws Exception {
        Path unpacked = directory.resolve("lib/engine/rocksdb-1");

        Path library = EngineLibrary.unpack(unpacked);

        assertThat(library).isRegularFile();
        assertThat(unpacked)
                .isDirectoryContaining(library::equals)
                .isDirectoryNotContaining(file -> !file.equals(library));
        assertThat(EngineLibrary.unpackedFrom(directory.resolve("lib/rocksdb-1.jar")))
                .contains(unpacked);
        assertThat(EngineLibrary.unpackedFrom(directory.resolve("lib/rocksdb-2.jar")))
                .isEmpty();
    }

    @Test
    void unpackingAgainReplacesWhatIsThere() throws Exception {
        Path library = EngineLibrary.unpack(directory);
        long size = Files.size(library);
        Files.writeString(library, "half");

        EngineLibrary.unpack(directory);

        assertThat(Files.size(library)).isEqualTo(size);
    }

    @Test
    void processThatReadsDatabasesUsesTheUnpackedLibraryAndUnpacksNone() throws Exception {
        Path library = EngineLibrary.unpack(directory.resolve("engine"));
        Path table = Files.createFile(directory.resolve("none.sst"));

        try (EngineProcess process = EngineProcess.start(
                directory.resolve("temporary"), LIMITS, IoPriority.NORMAL, Optional.of(library.getParent()))) {
            // It answers, so its library is loaded; that the table is none, it says too.
            assertThat(catchThrowable(() -> process.ask("table", table))).hasMessageContaining(table.toString());
            if (Files.isDirectory(Path.of("/proc/self"))) {
                assertThat(Files.readString(Path.of("/proc", Long.toString(process.pid()), "maps")))
                        .contains(library.toRealPath().toString())
                        .doesNotContain(directory.resolve("temporary").toString());
            }
        }
    }
}
