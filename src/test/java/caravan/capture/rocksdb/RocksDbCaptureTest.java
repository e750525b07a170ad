package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbCaptureTest {

    @TempDir
    Path directory;

    @Test
    void copyOfARunningDatabaseOpensAndHasEveryAcknowledgedWrite() throws Exception {
        try (SmallDatabase database = SmallDatabase.open(directory.resolve("db"))) {
            database.write(500).flush().write(300).flush(1).write(200).compact().write(50);

            RocksDbCopy copy = capture(new RocksDbCapture());

            assertThat(copy.retries()).isZero();
            assertThat(copy.notes()).isEmpty();
            assertThat(copy.sequence()).isEqualTo(database.database().getLatestSequenceNumber());
            assertThat(copy.databaseIdentity()).hasSize(36);
            assertThat(StructureCheck.verify(directory.resolve("copy"))).isInstanceOf(Verdict.Sound.class);
            assertThat(SmallDatabase.verifiedHead(directory.resolve("copy"))).isEqualTo(1050);
        }
    }

    private RocksDbCopy capture(RocksDbCapture capture) throws Exception {
        Path copy = Files.createDirectory(directory.resolve("copy"));
        Path hold = Files.createDirectory(directory.resolve("hold"));
        return capture.capture(new RocksDbSource(directory.resolve("db").toRealPath(), Set.of()), copy, hold, 0);
    }
}
