package caravan.restore.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SystemLimitsTest {

    private static final List<String> LIMITS = List.of(
            "Limit                     Soft Limit           Hard Limit           Units     ",
            "Max file size             unlimited            unlimited            bytes     ",
            "Max open files            1024                 524288               files     ");

    @Test
    void readsSoftLimits() {
        assertThat(SystemLimits.find(LIMITS, "Max open files")).hasValue(1024);
        assertThat(SystemLimits.find(LIMITS, "Max file size")).isEmpty();
        assertThat(SystemLimits.find(List.of(), "Max open files")).isEmpty();
    }

    @Test
    void aFileSystemThatCountsNoInodesHasNoLimit() {
        assertThat(SystemLimits.parseInodes("16331660 16777216")).hasValue(16331660);
        assertThat(SystemLimits.parseInodes("0 16777216")).hasValue(0);
        assertThat(SystemLimits.parseInodes("0 0")).isEmpty();
        assertThat(SystemLimits.parseInodes("? ?")).isEmpty();
    }

    @Test
    void thisMachineSaysHowManyFilesMayBeOpen() throws Exception {
        assertThat(SystemLimits.of(Path.of("/tmp")).openFiles()).isPresent();
    }
}
