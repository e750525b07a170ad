package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFilesTest {

    @TempDir
    Path directory;

    @Test
    void findsTheHolderOfBothKindsOfLocks() throws Exception {
        for (String kind : List.of("POSIX  ADVISORY  WRITE", "FLOCK  ADVISORY  WRITE")) {
            Path file = Files.writeString(directory.resolve("LOCK"), "");

            HeldFiles held = HeldFiles.parse(List.of("1: " + kind + " 1234 " + identity(file) + " 0 EOF"));

            assertThat(held.holderOf(file)).contains("1234");
        }
    }

    @Test
    void whoOnlyWaitsForALockDoesNotHoldIt() throws Exception {
        Path file = Files.writeString(directory.resolve("LOCK"), "");

        HeldFiles held =
                HeldFiles.parse(List.of("1: -> POSIX  ADVISORY  WRITE 1234 " + identity(file) + " 0 EOF", "rubbish"));

        assertThat(held.holderOf(file)).isEmpty();
    }

    @Test
    void ourOwnLocksAreNoObstacle() throws Exception {
        Path file = Files.writeString(directory.resolve("LOCK"), "");
        long self = ProcessHandle.current().pid();

        HeldFiles held =
                HeldFiles.parse(List.of("1: POSIX  ADVISORY  WRITE " + self + " " + identity(file) + " 0 EOF"));

        assertThat(held.holderOf(file)).isEmpty();
    }

    @Test
    void splitsDeviceNumbersAsTheKernelPrintsThem() {
        assertThat(HeldFiles.key(0xFE00, 131)).isEqualTo("fe:00:131");
        assertThat(HeldFiles.key(0x10302L, 5)).isEqualTo("103:02:5");
    }

    private static String identity(Path file) throws Exception {
        Map<String, Object> facts = Files.readAttributes(file, "unix:dev,ino");
        return HeldFiles.key((Long) facts.get("dev"), (Long) facts.get("ino"));
    }
}
