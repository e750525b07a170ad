package caravan.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.FailedException;
import caravan.failure.TransientException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

/** Which failure of many is told, and in what shape. */
final class FirstFailureTest {

    private final FirstFailure failure = new FirstFailure();

    @Test
    void nothingIsRaisedWhenNothingFailed() {
        assertThat(failure.isThere()).isFalse();
        assertThatCode(() -> failure.requireNone("publish demo")).doesNotThrowAnyException();
        assertThatCode(() -> failure.rethrow("publish demo")).doesNotThrowAnyException();
    }

    @Test
    void firstFailureIsToldAndNoneAfterIt() {
        TransientException first = new TransientException("the first", "wait");
        failure.note(first);
        failure.note(new FailedException("the second", "mend it"));
        assertThat(failure.isThere()).isTrue();
        assertThatThrownBy(() -> failure.requireNone("publish demo")).isSameAs(first);
        assertThatThrownBy(() -> failure.rethrow("publish demo")).isSameAs(first);
    }

    @Test
    void failureOfAnotherKindIsWrappedForStagesAndComesToTheRoutesAsItWas() {
        ConnectException refused = new ConnectException("refused");
        failure.note(refused);
        assertThatThrownBy(() -> failure.requireNone("publish demo"))
                .isInstanceOf(FailedException.class)
                .hasMessage("publish demo: " + refused)
                .hasCause(refused);
        assertThatThrownBy(() -> failure.rethrow("publish demo")).isSameAs(refused);
    }

    @Test
    void errorIsAlwaysWrapped() {
        StackOverflowError error = new StackOverflowError();
        failure.note(error);
        assertThatThrownBy(() -> failure.rethrow("storing the chunks of demo"))
                .isInstanceOf(FailedException.class)
                .hasMessageStartingWith("storing the chunks of demo: ")
                .hasCause(error);
    }
}
