package caravan.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShuffleTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000, 65_537})
    void everyNumberComesOnce(long size) {
        Shuffle shuffle = new Shuffle(size, 42);

        assertThat(LongStream.range(0, size).map(shuffle::at).sorted().toArray())
                .isEqualTo(LongStream.range(0, size).toArray());
    }

    @Test
    void ordersOfTwoSeedsHaveHardlyAnythingInCommon() {
        Shuffle one = new Shuffle(10_000, 1);
        Shuffle other = new Shuffle(10_000, 2);

        assertThat(LongStream.range(0, 10_000)
                        .filter(at -> one.at(at) == other.at(at))
                        .count())
                .isLessThan(20);
        assertThat(LongStream.range(1, 10_000)
                        .filter(at -> one.at(at) == one.at(at - 1) + 1)
                        .count())
                .isLessThan(20);
    }

    @Test
    void placesOutsideAreRefused() {
        assertThatThrownBy(() -> new Shuffle(3, 0).at(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
