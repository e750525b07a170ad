package caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.command.PlanCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What {@code plan} prints. */
class PlanOutputTest {

    private static final int CHUNK = 20_000;

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(Bucket.twoStores(CHUNK));

    private final Bucket.Tree tree = Trees.version(2, 3, CHUNK).directory("db/full/empty");

    @Test
    void theCommandSaysItToPeopleAndToMachines() throws Exception {
        demo.publishLatest(tree, 2);

        String people = run(demo.url(), demo.target().toString(), "--probe", "1");
        String machines = run(demo.url(), "--probe", "0", "--json");

        assertThat(people)
                .contains("to fetch  ")
                .contains("files     11 new, 0 changed, 0 kept")
                .containsPattern("room      .* free")
                .containsPattern("time      about \\d+ s at .*/s, which is what came in ");
        assertThat(machines.lines().reduce((first, second) -> second).orElseThrow())
                .startsWith("{\"event\":\"planned\"")
                .contains("\"bytesToFetch\":" + Trees.distinctBytes(tree, CHUNK))
                .contains("\"bytesPerSecond\":0");
    }

    private String run(String... arguments) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            int status = new CommandLine(new PlanCommand(setting -> "")).execute(withOptions(arguments));
            assertThat(status).isZero();
        } finally {
            System.setOut(before);
        }
        return written.toString(StandardCharsets.UTF_8);
    }

    private String[] withOptions(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--key", demo.key().fingerprint(), "--state", demo.state().toString()));
        return all.toArray(String[]::new);
    }
}
