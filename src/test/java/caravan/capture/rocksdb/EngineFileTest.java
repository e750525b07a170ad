package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.capture.rocksdb.EngineFile.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineFileTest {

    @ParameterizedTest
    @CsvSource({
        "000012.sst, TABLE, 12",
        "1234567.sst, TABLE, 1234567",
        "000013.blob, BLOB, 13",
        "000014.log, WAL, 14",
        "MANIFEST-000015, MANIFEST, 15",
        "OPTIONS-000016, OPTIONS, 16",
        "CURRENT, CURRENT, 0",
        "IDENTITY, IDENTITY, 0",
        "db_version, NODE_VERSION, 0",
        "parachain_db_version, NODE_VERSION, 0",
        "LOCK, NOT_PART, 0",
        "LOG, NOT_PART, 0",
        "LOG.old.1668000000, NOT_PART, 0",
        "OPTIONS-000016.dbtmp, NOT_PART, 0",
        "000017.dbtmp, NOT_PART, 0",
        "000012.sst.trash, NOT_PART, 0",
        "COMPACTION_PROGRESS-123, NOT_PART, 0",
        "12.sst, UNKNOWN_ENGINE, 0",
        "0000012.sst, UNKNOWN_ENGINE, 0",
        "000012.ldb, UNKNOWN_ENGINE, 0",
        "000012.vlog, UNKNOWN_ENGINE, 0",
        "METADB-1, UNKNOWN_ENGINE, 0",
        "MANIFEST-12, UNKNOWN_ENGINE, 0",
        "SOMETHING_NEW, UNKNOWN_ENGINE, 0",
        "archive.log, UNKNOWN_ENGINE, 0",
        "notes.txt, FOREIGN, 0",
        ".hidden, FOREIGN, 0",
        "parachains, FOREIGN, 0",
    })
    void aNameTellsWhatTheFileIs(String name, Kind kind, long number) {
        assertThat(EngineFile.of(name)).isEqualTo(new EngineFile(name, kind, number));
    }

    @Test
    void namesAreWrittenAsTheEngineWritesThem() {
        assertThat(EngineFile.tableName(12)).isEqualTo("000012.sst");
        assertThat(EngineFile.blobName(1_234_567)).isEqualTo("1234567.blob");
        assertThat(EngineFile.logName(3)).isEqualTo("000003.log");
    }
}
