package caravan.drill.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the end of a reading process says about what it was reading. */
class EngineEndTest {

    /** Status, crash report, errors; whether it crashed, and whether memory ran out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "139 | # A fatal error has been detected by the Java Runtime Environment: | \"\" | true | false",
                "134 | # A fatal error has been detected by the Java Runtime Environment: | \"\" | true | false",
                "1 | # A fatal error has been detected | \"\" | true | false",
                "134 | \"\" | rocksdb: db/version_set.cc: Assertion failed | true | false",
                "135 | \"\" | \"\" | true | false",
                "136 | \"\" | \"\" | true | false",
                "1 | # There is insufficient memory for the Java Runtime Environment to continue. | \"\" | false | true",
                "134 | # There is insufficient memory for the Java Runtime Environment to continue. | \"\" | false | true",
                "134 | \"\" | terminate called after throwing an instance of 'std::bad_alloc' | false | true",
                "3 | \"\" | Terminating due to java.lang.OutOfMemoryError: Java heap space | false | true",
                "1 | \"\" | library initialization failed - Cannot allocate memory | false | true",
                "137 | \"\" | \"\" | false | false",
                "143 | \"\" | \"\" | false | false",
                "1 | \"\" | Exception in thread main java.lang.UnsatisfiedLinkError: no rocksdbjni | false | false",
                "0 | \"\" | \"\" | false | false",
                "1 | \"\" | Caused by: java.io.IOException: No space left on device | false | false",
                "135 | # A fatal error | java.io.IOException: No space left on device | false | false",
            })
    void crashIsDamageAndMemoryThatRunsOutIsNot(
            int status, String report, String said, boolean crash, boolean outOfMemory) {
        EngineEnd end = new EngineEnd(status, report, said);
        assertThat(end.isCrash()).isEqualTo(crash);
        assertThat(end.isOutOfMemory()).isEqualTo(outOfMemory);
    }
}
