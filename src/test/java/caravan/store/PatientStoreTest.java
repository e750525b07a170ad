package caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.TransientException;
import caravan.pace.FakeTime;
import caravan.store.InMemoryObjectStore.Verdict;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PatientStoreTest {

    private static final Content CONTENT = Content.of(new byte[] {1}, Content.OCTETS, CachePolicy.MUTABLE);

    private final FakeTime time = new FakeTime();
    private final InMemoryObjectStore busy = new InMemoryObjectStore();
    private final AtomicInteger calls = new AtomicInteger();
    private final PatientStore store =
            new PatientStore(busy, new Brake(Duration.ofMillis(500), Duration.ofSeconds(30), time, new Random(1)), 6);

    @Test
    void callThatMayPassIsMadeAgain() throws Exception {
        busy.failing((operation, key) -> calls.incrementAndGet() <= 6 ? Verdict.FAIL : Verdict.PASS);
        assertThat(store.create("a", CONTENT)).isEqualTo(CreateOutcome.CREATED);
        assertThat(calls).hasValue(7);
        assertThat(time.sleptMillis()).isPositive();
    }

    @Test
    void callIsNotMadeForever() {
        busy.failing((operation, key) -> {
            calls.incrementAndGet();
            return Verdict.FAIL;
        });
        assertThatThrownBy(() -> store.head("a")).isInstanceOf(TransientException.class);
        assertThat(calls).hasValue(7);
    }
}
