package caravan.drill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.Status.Code;
import org.rocksdb.Status.SubCode;

/** What a complaint of RocksDB says about a database. */
class ComplaintTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Corruption | None | block checksum mismatch: stored = 1, computed = 2 in /copy/000012.sst | DAMAGE",
                "Corruption | None | Permission denied | DAMAGE",
                "NotFound | None | /copy/CURRENT | DAMAGE",
                "IOError | Undefined | While open a file: /copy/000012.sst: No such file or directory | DAMAGE",
                "IOError | None | While pread offset 0 len 4096: /copy/000012.sst: Input/output error | DAMAGE",
                "IOError | None | | DAMAGE",
                "IOError | None | While open a file: /copy/000012.sst: Permission denied | NO_JUDGEMENT",
                "IOError | None | While open a file: /copy/000012.sst: Operation not permitted | NO_JUDGEMENT",
                "IOError | None | While open a file: /copy/000012.sst: Too many open files | NO_JUDGEMENT",
                "IOError | None | While open a file: /copy/1.sst: Too many open files in system | NO_JUDGEMENT",
                "IOError | NoSpace | While appending to file: /copy/LOG | NO_JUDGEMENT",
                "IOError | None | While appending to file: /copy/LOG: No space left on device | NO_JUDGEMENT",
                "IOError | None | While appending to file: /copy/LOG: Disk quota exceeded | NO_JUDGEMENT",
                "IOError | None | While mkdir if missing: /copy/tmp: Read-only file system | NO_JUDGEMENT",
                "IOError | None | While mmap: /copy/000012.sst: Cannot allocate memory | NO_JUDGEMENT",
                "IOError | MemoryLimit | Failed to allocate | NO_JUDGEMENT",
                "IOError | StaleFile | While pread: /copy/000012.sst | NO_JUDGEMENT",
                "IOError | None | While pread: /copy/000012.sst: Stale file handle | NO_JUDGEMENT",
                "NotSupported | None | Compression type not supported or compiled in: ZSTD | NO_JUDGEMENT",
                "InvalidArgument | None | Unknown table format version 9 | NO_JUDGEMENT",
                "Aborted | MemoryLimit | Memory limit reached | NO_JUDGEMENT",
                "Incomplete | None | no_io | NO_JUDGEMENT",
            })
    void complaintIsJudgedByItsStatusAndThenByWhatTheSystemSaid(
            Code code, SubCode sub, String said, Complaint expected) {
        assertThat(Complaint.of(new RocksDBException(new Status(code, sub, said))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void onlyThreeStatusesCanMeanDamage(Code code) {
        Set<Code> damage = EnumSet.of(Code.Corruption, Code.NotFound, Code.IOError);
        assertThat(Complaint.of(new RocksDBException(new Status(code, SubCode.None, "text"))) == Complaint.DAMAGE)
                .isEqualTo(damage.contains(code));
    }

    @Test
    void complaintWithoutAStatusIsOfTheProgramAndNotOfTheDatabase() {
        assertThat(Complaint.of(new RocksDBException("block checksum mismatch")))
                .isEqualTo(Complaint.NO_JUDGEMENT);
    }
}
