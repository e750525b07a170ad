package caravan.capture.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogReaderTest {

    private static final Random RANDOM = new Random(7);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 12, 32_753, 32_754, 32_755, 32_760, 32_761, 32_762, 65_536, 200_000})
    void recordsOfEverySizeAroundABlockComeBackWhole(int size) throws Exception {
        List<byte[]> records = List.of(randomBytes(3), randomBytes(size), randomBytes(5), randomBytes(size));
        LogBytes log = new LogBytes();
        records.forEach(log::record);

        ReadLog read = read(log.toBytes());

        assertThat(read.records()).containsExactlyElementsOf(records);
        assertThat(read.torn()).isFalse();
    }

    @Test
    void keepsOnlyTheBytesAskedForAndStillChecksTheOthers() throws Exception {
        byte[] log = new LogBytes().record(randomBytes(100_000)).toBytes();
        try (LogReader reader = new LogReader(new ByteArrayInputStream(log), 12)) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.record()).hasSize(12);
        }
        log[90_000] ^= 1;

        assertThatThrownBy(() -> read(log)).isInstanceOf(BadFormatException.class);
    }

    @Test
    void aLastRecordCutAtAnyByteIsTornAndTheOnesBeforeItStay() throws Exception {
        byte[] first = randomBytes(100);
        LogBytes log = new LogBytes().record(first);
        int end = log.size();
        byte[] whole = log.record(randomBytes(40_000)).toBytes();

        for (int length = end + 1; length < whole.length; length++) {
            ReadLog read = read(Arrays.copyOf(whole, length));
            assertThat(read.torn()).as("cut at %d", length).isTrue();
            assertThat(read.records()).as("cut at %d", length).containsExactly(first);
            assertThat(read.end()).isEqualTo(end);
        }
        assertThat(read(Arrays.copyOf(whole, end)).torn()).isFalse();
    }

    @Test
    void aFlippedBitAnywhereIsNeverTakenForTheSameLog() throws Exception {
        List<byte[]> records = List.of(randomBytes(40), randomBytes(60));
        LogBytes log = new LogBytes();
        records.forEach(log::record);
        byte[] whole = log.toBytes();

        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(readsAs(flipped, records)).as("bit %d", bit).isFalse();
        }
    }

    @Test
    void zerosAllocatedInAdvanceEndTheLog() throws Exception {
        byte[] record = randomBytes(50);
        for (int zeros : new int[] {1, 6, 7, 100, 100_000}) {
            ReadLog read =
                    read(new LogBytes().record(record).raw(new byte[zeros]).toBytes());
            assertThat(read.records()).containsExactly(record);
            assertThat(read.torn()).isFalse();
        }
    }

    @Test
    void dataAfterZerosIsDamage() {
        byte[] log = new LogBytes()
                .record(randomBytes(50))
                .raw(new byte[70_000])
                .raw((byte) 1)
                .toBytes();

        assertThatThrownBy(() -> read(log))
                .isInstanceOf(BadFormatException.class)
                .hasMessageContaining("zeros");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8, 11, 34, 131})
    void aRecycledLogIsNotSupported(int type) {
        // Four bytes of log number come before the payload; the checksum covers them.
        byte[] log = recycled(type, 20);

        assertThatThrownBy(() -> read(log))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("recycled");
    }

    @Test
    void recordsThatAreNotDataAreChecked() throws Exception {
        byte[] record = randomBytes(20);
        byte[] log = new LogBytes()
                .fragment(10, randomBytes(4))
                .fragment(33, randomBytes(24))
                .fragment(130, randomBytes(24))
                .fragment(128 + 12, randomBytes(24))
                .record(record)
                .toBytes();

        assertThat(read(log).records()).containsExactly(record);
        log[LogBytes.HEADER + 1] ^= 1;
        assertThatThrownBy(() -> read(log)).isInstanceOf(BadFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 40})
    void anUnknownRecordTypeIsNotSupported(int type) {
        byte[] log = new LogBytes().fragment(type, randomBytes(4)).toBytes();

        assertThatThrownBy(() -> read(log))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining(Integer.toString(type));
    }

    @Test
    void tellsWhetherPayloadsAreCompressed() throws Exception {
        byte[] zstd = {7, 0, 0, 0};
        byte[] none = {0, 0, 0, 0};

        assertThat(read(new LogBytes().fragment(9, zstd).toBytes()).compressed())
                .isTrue();
        assertThat(read(new LogBytes().fragment(9, none).toBytes()).compressed())
                .isFalse();
    }

    @Test
    void fragmentsInTheWrongOrderAreDamage() {
        byte[] lastAlone = new LogBytes().fragment(4, randomBytes(5)).toBytes();
        byte[] middleAlone = new LogBytes().fragment(3, randomBytes(5)).toBytes();
        byte[] fullInside = new LogBytes()
                .fragment(2, randomBytes(5))
                .fragment(1, randomBytes(5))
                .toBytes();

        for (byte[] log : List.of(lastAlone, middleAlone, fullInside)) {
            assertThatThrownBy(() -> read(log)).isInstanceOf(BadFormatException.class);
        }
    }

    @Test
    void aLengthBeyondTheBlockIsDamageAndNotATornEnd() {
        byte[] log = new LogBytes().record(randomBytes(50)).toBytes();
        log[5] = (byte) 0xFF;

        assertThatThrownBy(() -> read(log))
                .isInstanceOf(BadFormatException.class)
                .hasMessageContaining("block");
    }

    private record ReadLog(List<byte[]> records, boolean torn, boolean compressed, long end) {}

    private static ReadLog read(byte[] log) throws IOException, BadFormatException, UnsupportedFormatException {
        List<byte[]> records = new ArrayList<>();
        try (LogReader reader = new LogReader(new ByteArrayInputStream(log), LogReader.WHOLE_RECORDS)) {
            while (reader.next()) {
                records.add(reader.record());
            }
            return new ReadLog(records, reader.isTorn(), reader.isCompressed(), reader.endOfLastRecord());
        }
    }

    private static boolean readsAs(byte[] log, List<byte[]> records) throws IOException {
        try {
            ReadLog read = read(log);
            return !read.torn() && Arrays.deepEquals(read.records().toArray(), records.toArray());
        } catch (BadFormatException | UnsupportedFormatException e) {
            return false;
        }
    }

    private static byte[] recycled(int type, int payload) {
        byte[] log = new LogBytes().fragment(type, randomBytes(payload + 4)).toBytes();
        log[4] = (byte) payload;
        return log;
    }

    private static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
