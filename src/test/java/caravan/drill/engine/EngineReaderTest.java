package caravan.drill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a complaint of RocksDB says about a database. */
class EngineReaderTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "While open a file for random read: /copy/000012.sst: Permission denied",
                "While open a file for random read: /copy/000012.sst: Too many open files",
                "While appending to file: /copy/LOG: No space left on device",
                "Cannot allocate memory"
            })
    void troubleOfThisMachineIsNoDamage(String complaint) {
        assertThat(EngineReader.verdictOn(complaint)).isEqualTo("failed " + complaint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "block checksum mismatch: stored = 1, computed = 2 in /copy/000012.sst offset 0 size 4096",
                "While open a file for random read: /copy/000012.sst: No such file or directory",
                "While pread offset 0 len 4096: /copy/000012.sst: Input/output error"
            })
    void whatIsWrongWithTheFilesIs(String complaint) {
        assertThat(EngineReader.verdictOn(complaint)).isEqualTo("damaged " + complaint);
    }
}
