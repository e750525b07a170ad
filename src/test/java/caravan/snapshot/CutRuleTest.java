package caravan.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CutRuleTest {

    @ParameterizedTest
    @CsvSource({
        "10, 0, 0, 0",
        "10, 1, 1, 1",
        "10, 9, 1, 9",
        "10, 10, 1, 10",
        "10, 11, 1, 11",
        "10, 20, 1, 20",
        "10, 21, 3, 1",
        "10, 29, 3, 9",
        "10, 30, 3, 10",
        "10, 31, 4, 1",
        "10, 1000, 100, 10",
        "1, 1, 1, 1",
        "1, 2, 1, 2",
        "1, 3, 3, 1",
        "67108864, 134217728, 1, 134217728",
        "67108864, 134217729, 3, 1",
        "9223372036854775807, 9223372036854775807, 1, 9223372036854775807",
        "4611686018427387904, 9223372036854775807, 1, 9223372036854775807",
        "4611686018427387903, 9223372036854775807, 3, 1"
    })
    void fileIsCutLikeThis(long chunkSize, long fileSize, long count, long last) {
        CutRule cut = new CutRule(chunkSize);

        assertThat(cut.count(fileSize)).isEqualTo(count);
        if (count > 0) {
            assertThat(cut.size(fileSize, count - 1)).isEqualTo(last);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 64})
    void chunksCoverTheFileWithoutGapOrOverlap(long chunkSize) {
        CutRule cut = new CutRule(chunkSize);

        for (long fileSize = 0; fileSize < 10 * chunkSize; fileSize++) {
            long end = 0;
            for (long index = 0; index < cut.count(fileSize); index++) {
                assertThat(cut.offset(index)).isEqualTo(end);
                assertThat(cut.size(fileSize, index)).isPositive();
                end += cut.size(fileSize, index);
            }
            assertThat(end).isEqualTo(fileSize);
        }
    }

    @Test
    void chunkSizeIsAtLeastOne() {
        assertThatThrownBy(() -> new CutRule(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new CutRule(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
