package caravan.app.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.restore.ClientSettings;
import caravan.restore.Expectations;
import caravan.restore.Fetch;
import caravan.restore.FetchOutcome;
import caravan.restore.Progress;
import caravan.restore.SnapshotLocation;
import caravan.samplenode.SampleDatabaseCheck;
import caravan.samplenode.SampleDatabaseState;
import caravan.signature.TrustedKeys;
import caravan.snapshot.SnapshotRecord;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Somebody who restores the copy in both ways that there are, and opens it. */
final class DemoUser {

    private static final List<String> TOOLS = List.of("bash", "curl", "ssh-keygen");

    private static final List<String> STORES = List.of("db/full", "db/full/parachains/db");

    private static final long SCRIPT_LIMIT_SECONDS = 120;

    private final DemoSite site;

    private final Path script;

    private final DemoTable table;

    /**
     * A user of {@code site}.
     *
     * @param script the fast-sync script
     */
    DemoUser(DemoSite site, Path script, DemoTable table) {
        this.site = site;
        this.script = script;
        this.table = table;
    }

    /** Restores with {@code caravan fetch} and with sync.sh, and checks both copies. */
    void restoreAndOpen() throws CaravanException, InterruptedException {
        Instant begin = Instant.now();
        FetchOutcome outcome = fetch(site.restored("caravan"));
        table.restored(
                "restored by caravan",
                outcome.record().snapshot(),
                Duration.between(begin, Instant.now()),
                outcome.bytesFetched());
        Optional<Path> byScript = runScript(outcome.record());
        open(outcome.directory(), outcome.record());
        if (byScript.isPresent()) {
            open(byScript.get(), outcome.record());
        }
    }

    private FetchOutcome fetch(Path directory) throws CaravanException, InterruptedException {
        ClientSettings client = ClientSettings.of(TrustedKeys.of(site.key().publicKey()), site.clientState());
        return new Fetch(client, Clock.systemUTC(), new Progress(), found -> {})
                .run(location(), directory, Expectations.NONE);
    }

    private SnapshotLocation location() throws CaravanException {
        return SnapshotLocation.parse(site.publicUrl() + "/" + DemoCommand.DATABASE);
    }

    /** Empty, with the reason said, if this machine lacks what the script needs. */
    private Optional<Path> runScript(SnapshotRecord record) throws CaravanException, InterruptedException {
        List<String> missing = TOOLS.stream().filter(tool -> !isInstalled(tool)).toList();
        if (!missing.isEmpty()) {
            table.say("sync.sh was not tried: this machine has no %s", String.join(", ", missing));
            return Optional.empty();
        }
        Path directory = site.restored("sync");
        Instant begin = Instant.now();
        run(List.of(
                "bash",
                script.toString(),
                site.publicUrl() + "/" + DemoCommand.DATABASE + "/" + record.snapshot(),
                directory.toString(),
                "--key",
                site.publicKeyFile().toString(),
                "--state",
                site.clientState() + "-sync"));
        table.restored(
                "restored by sync.sh",
                record.snapshot(),
                Duration.between(begin, Instant.now()),
                bytesBelow(directory));
        return Optional.of(directory);
    }

    private static void run(List<String> command) throws CaravanException, InterruptedException {
        try {
            Path said = Files.createTempFile("caravan-sync-", ".log");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
                boolean ended = process.waitFor(SCRIPT_LIMIT_SECONDS, TimeUnit.SECONDS);
                if (!ended || process.exitValue() != 0) {
                    process.destroyForcibly();
                    throw new FailedException(
                            "sync.sh " + (ended ? "ended with status " + process.exitValue() : "does not end") + ": "
                                    + Files.readString(said, UTF_8).strip().replaceAll("\\s+", " "),
                            "this is a fault of the program; please report it");
                }
            } finally {
                Files.deleteIfExists(said);
            }
        } catch (IOException e) {
            throw new FailedException("cannot run sync.sh: " + e, "is there space in the temporary directory?", e);
        }
    }

    private static long bytesBelow(Path directory) throws FailedException {
        try (Stream<Path> all = Files.walk(directory)) {
            long bytes = 0;
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw DiskFailures.of("looking at " + directory, e);
        }
    }

    private static boolean isInstalled(String tool) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }

    private void open(Path directory, SnapshotRecord record) throws CaravanException {
        table.say("");
        try (SampleDatabaseCheck check = new SampleDatabaseCheck(SampleDatabaseCheck.OpenMode.READ_ONLY)) {
            for (String store : STORES) {
                SampleDatabaseState state = check.check(directory.resolve(store));
                table.say(
                        "RocksDB opens %s/%s: block %,d, %,d keys, all right",
                        directory.getFileName(), store, state.head(), state.keys());
                if (store.equals(STORES.get(0)) && state.head() < record.height()) {
                    throw new DamagedException(
                            "the restored database is at block " + state.head() + ", its record says at least "
                                    + record.height(),
                            "this is a fault of the program; please report it");
                }
            }
        }
    }
}
