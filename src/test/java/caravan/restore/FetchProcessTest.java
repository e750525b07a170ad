package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.restore.target.FlockHolder;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** {@code fetch} as a process: exit status, what it prints, and what only the system around it can do to it. */
class FetchProcessTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("", Engine.ROCKSDB, 100_000));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();

    @Test
    void saysWhatItDidInOneLineAndThatNothingWasLeftToDo() throws Exception {
        demo.publishLatest(
                new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("1.sst", Trees.bytes(5000, 1)), 1);

        Ended first = run(Map.of(), "--expect", "chain=testnet");
        Ended second = run(Map.of());

        assertThat(first.status).isZero();
        assertThat(first.output)
                .contains("snapshot 20261122T080001Z-1 of demo, testnet full, 2 files")
                .contains("signed by " + demo.key().fingerprint())
                .contains(target + " now is snapshot 20261122T080001Z-1 of demo: 2 files, 4.9 KiB; fetched 4.9 KiB");
        assertThat(second.status).isZero();
        assertThat(second.output).contains(target + " already is snapshot");
    }

    @Test
    void saysThatThePublisherMayHaveStoppedOnceHalfOfThePointersLifeIsOver() throws Exception {
        SnapshotRecord record = demo.publish(new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n"), 1);
        Instant expires = Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.ofHours(23));
        bucket.point(record, 1, expires);

        Ended half = run(Map.of());
        Ended listed = client(
                Map.of(), List.of("list", demo.url(), "--key", demo.keyFile().toString(), "--json"));
        bucket.point(record, 2, expires.plus(Duration.ofHours(2)));
        Ended early = run(Map.of());

        assertThat(half.status).isZero();
        assertThat(half.output)
                .contains("note: latest was to be signed again by " + expires.minus(Duration.ofDays(1))
                        + ", and will be refused from " + expires + " on; has its publisher stopped?");
        assertThat(listed.output).contains("\"overdue\":true");
        assertThat(early.output).doesNotContain("note:");
    }

    @Test
    void listsWhatIsPublishedAndVerifiesBothEnds() throws Exception {
        demo.publishLatest(
                new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("1.sst", Trees.bytes(5000, 1)), 1);
        run(Map.of());
        String fingerprint = demo.key().fingerprint();

        Ended listed = client(Map.of(), List.of("list", demo.url(), "--key", fingerprint));
        Ended published = client(Map.of(), List.of("verify", demo.url(), "--key", fingerprint));
        Ended intact = client(Map.of(), List.of("verify", target.toString()));
        Files.writeString(target.resolve("1.sst"), "short");
        Ended damaged = client(Map.of(), List.of("verify", target.toString()));
        Ended untrusted = client(Map.of(), List.of("list", demo.url()));

        assertThat(listed.status).isZero();
        assertThat(listed.output)
                .containsPattern("snapshot +20261122T080001Z-1\n")
                .containsPattern("sequence +1\n")
                .containsPattern("height +at least 1\n")
                .containsPattern("size +4.9 KiB in 2 files, 2 chunks\n")
                .containsPattern("signed by +" + Pattern.quote(fingerprint));
        assertThat(published.status).isZero();
        assertThat(published.output).contains("every byte is right");
        assertThat(intact.status).isZero();
        assertThat(damaged.status).isEqualTo(3);
        assertThat(damaged.output).contains("1.sst has 5 bytes instead of 5000").contains("1 fault, listed above");
        assertThat(untrusted.status).isEqualTo(2);
        assertThat(untrusted.output).contains("no key is trusted");
    }

    @Test
    void listsEverythingThatTheCatalogSays() throws Exception {
        Path base = demo.directory().resolve("catalog");
        Files.createDirectories(base);
        Path golden = Path.of("src", "test", "resources", "golden", "v1");
        Files.copy(golden.resolve("bucket/catalog.json"), base.resolve("catalog.json"));
        String signers = golden.resolve("allowed_signers").toAbsolutePath().toString();

        Ended people = client(Map.of(), List.of("list", "--all", base.toString(), "--key", signers));
        Ended machines = client(Map.of(), List.of("list", "--all", base + "/", "--key", signers, "--json"));
        Ended stranger = client(
                Map.of(),
                List.of("list", "--all", base.toString(), "--key", demo.key().fingerprint()));
        Ended nowhere = client(Map.of(), List.of("list", "--all", "ftp://example.org", "--key", signers));

        assertThat(people.status).isZero();
        assertThat(people.output)
                .containsPattern("another +20261120T000000Z-0 +1.0 MiB +kusama +2026-12-22T00:00:00Z +SHA256:47DEQ")
                .containsPattern("demo +20261122T083300Z-23456789 ")
                .containsPattern("demo +20261121T083300Z-23442389 ");
        assertThat(machines.status).isZero();
        assertThat(machines.output.strip().split("\n", -1)).hasSize(3).allMatch(line -> line.startsWith("{"));
        assertThat(machines.output).contains("\"snapshot\":\"20261120T000000Z-0\"");
        assertThat(stranger.status).isEqualTo(3);
        assertThat(stranger.output).contains("no trusted key has signed it");
        assertThat(nowhere.status).isEqualTo(2);
    }

    @Test
    void writesEventsForMachines() throws Exception {
        demo.publishLatest(new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n"), 1);

        Ended ended = run(Map.of(), "--json");

        assertThat(ended.status).isZero();
        assertThat(ended.output.lines().filter(line -> line.startsWith("{\"event\":\"found\",\"database\":\"demo\"")))
                .hasSize(1);
        assertThat(ended.output.lines().filter(line -> line.startsWith("{\"event\":\"fetched\"") && line.endsWith("}")))
                .hasSize(1);
        assertThat(ended.output.lines()).allMatch(line -> line.startsWith("{"));
    }

    @Test
    void refusesInOneLineWithAHint() throws Exception {
        demo.publishLatest(new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n"), 1);

        Ended ended = run(Map.of(), "--expect", "chain=polkadot");

        assertThat(ended.status).isEqualTo(4);
        assertThat(ended.output.lines())
                .anyMatch(line -> line.contains("has chain \"testnet\", expected \"polkadot\""))
                .anyMatch(line -> line.startsWith("HINT: "));
        assertThat(ended.output).doesNotContain("\tat ");
    }

    @Test
    void aDirectoryToVerifyThatIsNotThereIsNotTakenForAUrl() throws Exception {
        Ended ended = client(Map.of(), List.of("verify", target + "-not-there"));

        assertThat(ended.status).isEqualTo(2);
        assertThat(ended.output).contains("there is no directory " + target + "-not-there");
    }

    @Test
    void saysPlainlyWhenTheLocaleCannotNameAFile() throws Exception {
        demo.publishLatest(
                new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("Zoë.sst", "x"), 1);

        Ended ended = run(Map.of("LC_ALL", "C"));

        assertThat(ended.status).isEqualTo(4);
        assertThat(ended.output)
                .contains("cannot make in the locale it runs in")
                .contains("LC_ALL=C.UTF-8");
        assertThat(Trees.list(demo.disk())).isEmpty();
        assertThat(run(Map.of("LC_ALL", "C.UTF-8")).status).isZero();
    }

    @Test
    void noSpaceLeftIsRefusedBeforeTheFirstByteAndEndsCleanlyLater() throws Exception {
        Bucket.Tree tree = new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n");
        for (int file = 10; file < 18; file++) {
            tree.file(file + ".sst", Trees.bytes(200_000, file));
        }
        demo.publishLatest(tree, 1);
        Path disk = demo.disk();
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()).status == 0,
                "mounting needs root");
        try {
            Ended before = run(Map.of());
            assertThat(before.status).isEqualTo(4);
            assertThat(before.output)
                    .contains("no space left for " + disk + ": 1600016 bytes")
                    .contains("free");
            assertThat(Trees.list(disk)).isEmpty();

            // A hole that an earlier run left looks like bytes that are there.
            Path hole = Files.createDirectory(disk.resolve("data.caravan-incomplete"))
                    .resolve("17.sst");
            try (FileChannel sparse = FileChannel.open(hole, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                sparse.write(ByteBuffer.allocate(1), 1_600_000);
            }
            Ended within = run(Map.of());
            assertThat(within.status).isEqualTo(1);
            assertThat(within.output).contains("no space left").contains("goes on from here");
            assertThat(target).doesNotExist();

            assertThat(run("mount", "-o", "remount,size=3m", disk.toString()).status)
                    .isZero();
            assertThat(run(Map.of()).status).isZero();
            Trees.assertExact(target, tree);
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void restoresIntoTheRootOfAnEmptyFileSystem() throws Exception {
        Bucket.Tree tree =
                new Bucket.Tree().file("CURRENT", "MANIFEST-000004\n").file("1.sst", Trees.bytes(5000, 1));
        demo.publishLatest(tree, 1);
        Files.createDirectory(target);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", target.toString()).status == 0,
                "mounting needs root");
        try {
            assertThat(run(Map.of()).status).isZero();
            Trees.assertExact(target, tree);

            Files.writeString(target.resolve("9.log"), "old");
            assertThat(run(Map.of()).status).isZero();
            assertThat(Trees.list(target)).hasSize(3).anyMatch(name -> name.startsWith(".caravan-replaced-"));
        } finally {
            run("umount", target.toString());
        }
    }

    @Test
    void aStoreThatAnEngineHoldsWithFlockIsRefused() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock(1) is not here");
        Bucket.Tree tree = new Bucket.Tree().file("metadata", "version=8\n").file("table_00", "rows");
        bucket.point(bucket.publish(tree, snapshot(1), false, store("", Engine.PARITYDB, 1000)), 1);
        assertThat(run(Map.of()).status).isZero();
        Files.writeString(target.resolve("table_00"), "rowz");
        Process holder = new ProcessBuilder("flock", target.resolve("lock").toString(), "cat").start();
        try {
            Awaitility.await()
                    .until(() ->
                            Files.readString(Path.of("/proc/locks")).contains("FLOCK") && run(Map.of()).status == 4);

            Ended ended = run(Map.of());

            assertThat(ended.output).contains("target in use");
            assertThat(target.resolve("metadata")).hasContent("version=8\n");
        } finally {
            holder.getOutputStream().close();
            holder.waitFor();
        }
        assertThat(run(Map.of()).status).isZero();
        assertThat(target.resolve("table_00")).hasContent("rows");
    }

    @Test
    void aStoreThatAnEngineHoldsOutsideOurContainerIsRefusedThoughTheSystemDoesNotListIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock(1) is not here");
        List<String> contained = List.of("unshare", "--pid", "--fork", "--mount-proc");
        assumeTrue("root".equals(System.getProperty("user.name")), "a container needs root");
        assumeTrue(run(concat(contained, List.of("true"))).status == 0, "this machine makes no containers");
        Bucket.Tree tree = new Bucket.Tree().file("metadata", "version=8\n").file("table_00", "rows");
        bucket.point(bucket.publish(tree, snapshot(1), false, store("", Engine.PARITYDB, 1000)), 1);
        assertThat(run(Map.of()).status).isZero();
        Files.writeString(target.resolve("table_00"), "rowz");
        ProcessBuilder fetch = demo.fetching(demo.url(), target, demo.state());
        fetch.command(List.of(concat(contained, fetch.command())));

        try (FlockHolder holder = FlockHolder.of(target.resolve("lock"))) {
            assertThat(run(concat(contained, List.of("cat", "/proc/locks"))).output)
                    .doesNotContain(" " + holder.pid() + " ");
            Ended ended = end(fetch);

            assertThat(ended.status).as(ended.output).isEqualTo(4);
            assertThat(ended.output).contains("target in use: a process holds the lock of lock");
        }
        assertThat(target.resolve("metadata")).hasContent("version=8\n");
        assertThat(end(fetch).status).isZero();
        assertThat(target.resolve("table_00")).hasContent("rows");
    }

    private static String[] concat(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).toArray(String[]::new);
    }

    private Ended run(Map<String, String> environment, String... options) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "fetch", demo.url(), target.toString(), "--key", demo.keyFile().toString()));
        arguments.addAll(List.of(options));
        return client(environment, arguments);
    }

    private Ended client(Map<String, String> environment, List<String> line) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(line);
        arguments.addAll(List.of("--state", demo.state().toString()));
        ProcessBuilder builder = JavaProcess.of(ClientMain.class, arguments.toArray(String[]::new));
        builder.environment().putAll(environment);
        return end(builder);
    }

    private static Ended run(String... command) throws IOException, InterruptedException {
        return end(new ProcessBuilder(command));
    }

    private static Ended end(ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    private record Ended(int status, String output) {}
}
