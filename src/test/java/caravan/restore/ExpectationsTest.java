package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.WrongUsageException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectationsTest {

    @Test
    void readsNamesAndValues() throws Exception {
        assertThat(Expectations.parse("chain=polkadot,pruning=archive").values())
                .isEqualTo(Map.of("chain", "polkadot", "pruning", "archive"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "chain", "chain=", "=x", "chain=a,", "chain=a,chain=b", "color=red"})
    void anythingElseIsWrongUsage(String text) {
        assertThatThrownBy(() -> Expectations.parse(text)).isInstanceOf(WrongUsageException.class);
    }
}
