package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.warming.EdgeFront;
import caravan.warm.RegionReport;
import caravan.warm.RegionState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many objects through five regions, in a process with little memory. */
@Timeout(600)
final class WarmScaleTest {

    private static final int OBJECTS = "long".equals(System.getProperty("caravan.test.form")) ? 5_000 : 1_000;

    private static final int REGIONS = 5;

    @TempDir
    Path directory;

    @Test
    void thousandsOfObjectsInFiveRegionsNeedLittleMemory() throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dcaravan.test.form=" + System.getProperty("caravan.test.form", "ci"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WarmScaleTest.class.getName(),
                        directory.resolve("bench").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(580, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(output)).contains(REGIONS * OBJECTS + " objects in ");
    }

    /** What runs in the process: the argument is its directory. */
    public static void main(String[] arguments) throws Exception {
        long begin = System.nanoTime();
        List<EdgeFront> fronts = new ArrayList<>();
        try (WarmBench bench = new WarmBench(Path.of(arguments[0]), URI.create("http://127.0.0.1:1"))) {
            for (int region = 0; region < REGIONS; region++) {
                EdgeFront front = EdgeFront.start("POP" + region);
                // One set of objects for all: it is not the fronts that are measured.
                front.sharing(fronts.isEmpty() ? front : fronts.get(0));
                bench.region("region-" + region, front.vantage() + ",expect=POP" + region);
                fronts.add(front);
            }
            WarmBench.fill(fronts.get(0), OBJECTS);
            long came = 0;
            for (RegionReport report : bench.warm(OBJECTS)) {
                if (report.state() != RegionState.OK) {
                    throw new IOException(report.toString());
                }
                came += report.cold().objects();
            }
            System.out.printf("%d objects in %d ms%n", came, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        } finally {
            fronts.forEach(EdgeFront::close);
        }
        System.exit(0);
    }
}
