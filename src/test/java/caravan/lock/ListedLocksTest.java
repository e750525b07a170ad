package caravan.lock;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.lock.ListedLocks.Listed;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListedLocksTest {

    @Test
    void readsTheSystemsListOfLocks() {
        ListedLocks locks = ListedLocks.parse(List.of(
                "1: POSIX  ADVISORY  WRITE 1234 08:01:131 0 EOF",
                "2: FLOCK  ADVISORY  WRITE 77 00:2a:131 0 EOF",
                "2: -> FLOCK  ADVISORY  WRITE 78 00:2a:131 0 EOF",
                "3: OFDLCK ADVISORY  WRITE -1 08:01:131 0 EOF",
                "4: POSIX  ADVISORY  READ  1235 08:01:1131 0 EOF",
                "5: POSIX  ADVISORY  READ  1236 08:01:18446744073709551615 0 EOF",
                "6: POSIX  ADVISORY  READ  nobody 08:01:131 0 EOF",
                ""));

        assertThat(locks.on(131))
                .containsExactly(new Listed(1234, "08:01"), new Listed(77, "00:2a"), new Listed(-1, "08:01"));
        assertThat(locks.on(-1)).containsExactly(new Listed(1236, "08:01"));
        assertThat(locks.on(31)).isEmpty();
    }
}
