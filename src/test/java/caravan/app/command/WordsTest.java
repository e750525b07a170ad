package caravan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {

    @Test
    void whatIsNotKnownLeavesNoEmptyPlace() {
        assertThat(Words.known("snapshot x of dot", "", " ", "35 files")).isEqualTo("snapshot x of dot, 35 files");
        assertThat(Words.known("", "")).isEmpty();
    }
}
