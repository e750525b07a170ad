package caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import caravan.app.pipeline.PublishedBucket;
import caravan.app.pipeline.Publisher;
import caravan.app.pipeline.SampleDatabase;
import caravan.disk.TreeRemoval;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.samplenode.Profile;
import caravan.samplenode.ScriptedNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Publishers that are told to stop at random moments while the store has random troubles, with every capture mode,
 * warm-ups and drills: each ends in time, leaves nothing behind, harms neither node nor {@code latest}, and the next
 * one needs no help. {@link StopIT} has the moments that are known.
 */
@Timeout(14_400)
@Tag("long")
final class StopTortureIT {

    private static final int ROUNDS = Integer.getInteger("test.rounds", 150);

    private static final long IN_TIME_SECONDS = 45;

    private static final int DONE = 0;

    private static final int TRY_AGAIN = 75;

    /** By the second signal, or by one that came before the program was ready for any. */
    private static final List<Integer> KILLED = List.of(128 + 15, 128 + 2);

    private static final String UNORDERLY = "could not stop in order";

    private static final String CONTROL = "/_control/";

    private static final List<String> PLACES = List.of(
            "/chunks/",
            "/chunks/",
            "/manifest.jsonl",
            "/record",
            "/demo/latest",
            "/catalog.json",
            "/_control/sessions/",
            "/_control/pending/",
            "/regions.json",
            "/");

    @TempDir
    Path directory;

    private final Installed caravan = Installed.here();

    private Random random;

    private LocalS3 server;

    private FaultProxy proxy;

    private FaultProxy edge;

    private ScriptedNode node;

    private Publisher publisher;

    private PublishedBucket bucket;

    private long sequence;

    private final List<String> problems = new ArrayList<>();

    private final Map<String, Integer> ends = new TreeMap<>();

    @BeforeEach
    void start() throws Exception {
        server = LocalS3.start(directory.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY);
        proxy = FaultProxy.before(server.endpoint());
        edge = FaultProxy.before(server.publicUrl());
        node = ScriptedNode.start(
                directory.resolve("node"), Profile.DEMO, "--initial-bytes", "2MB", "--batches-per-second", "8");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        publisher = new Publisher(
                        directory.resolve("publisher"),
                        SampleDatabase.at(directory.resolve("node")),
                        proxy.endpoint(),
                        "")
                .set("caravan.public-url", edge.endpoint() + server.publicUrl().getPath())
                .set("caravan.http.port", String.valueOf(port))
                .set("caravan.drill.directory", directory.resolve("drill").toString())
                .set("caravan.database.demo.stop-command", node.stopCommand())
                .set("caravan.database.demo.start-command", node.startCommand());
        bucket = new PublishedBucket(directory.resolve("s3").resolve(Publisher.BUCKET), publisher.trusted());
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        edge.close();
        proxy.close();
        server.close();
    }

    @Test
    void whoeverIsStoppedAtAnyMomentAmongAnyTroublesLeavesNothingBehind() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        for (int number = 0; number < ROUNDS; number++) {
            random = new Random(seed + number);
            round("round " + number + ", -Dtest.seed=" + (seed + number) + " -Dtest.rounds=1: ");
        }
        System.out.println("StopTortureIT: " + ROUNDS + " rounds ended with " + ends);
        assertThat(problems).isEmpty();
    }

    private void round(String name) throws Exception {
        TreeMap<String, String> settings = new TreeMap<>(publisher.environment());
        StringBuilder what = new StringBuilder(name);
        boolean isDaemon = random.nextInt(5) < 2;
        String command = isDaemon ? "run" : "publish";
        what.append(command);
        choose(settings, what);
        chooseFaults(what);
        Map<Path, String> before = tables();
        AtomicInteger seen = new AtomicInteger();
        int at = 1 + random.nextInt(20);
        int kind = random.nextInt(14);
        String place = kind < PLACES.size() ? PLACES.get(kind) : "";
        int number = place.equals("/chunks/") || place.equals("/") ? at : 1;
        long millis = 500L + random.nextInt(9_000);
        what.append(place.isEmpty() ? ", stopped after " + millis + " ms" : ", stopped at " + place + " " + number);
        if (!place.isEmpty()) {
            proxy.always(request -> request.target().contains(place) && seen.incrementAndGet() < 0, Fault.none());
        }
        if (isDaemon) {
            Path triggers = Files.createDirectories(publisher.state().resolve("trigger"));
            Files.write(triggers.resolve("demo"), new byte[0]);
        }
        Installed.Running running = caravan.start(settings, command);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(place.isEmpty() ? millis : 25_000);
        while (running.process().isAlive()
                && System.nanoTime() < deadline
                && (place.isEmpty() || seen.get() < number)) {
            TimeUnit.MILLISECONDS.sleep(2);
        }
        boolean byItself = !running.process().isAlive();
        long stopped = System.nanoTime();
        signal(running.process(), what);
        boolean ended = running.process().waitFor(IN_TIME_SECONDS, TimeUnit.SECONDS);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - stopped);
        String said = textOf(running.err());
        if (!ended) {
            problem(what, "it did not end in time", said + stackOf(running.process()));
            running.process().destroyForcibly().waitFor();
        }
        proxy.clear();
        edge.clear();
        int status = running.process().exitValue();
        what.append(": status ").append(status).append(" in ").append(seconds).append(" s");
        System.out.println(what);
        ends.merge(
                command
                        + (byItself ? " by itself " : " stopped ")
                        + status
                        + (said.contains(UNORDERLY) ? " unorderly" : ""),
                1,
                Integer::sum);
        boolean killed = KILLED.contains(status) || !ended || said.contains(UNORDERLY);
        if (!byItself && !killed && status != DONE && status != TRY_AGAIN) {
            problem(what, "its status", said);
        }
        boolean isReady = said.contains("running with 1 databases");
        if (isDaemon && isReady && !byItself && !killed && status != DONE) {
            problem(what, "its status", said);
        }
        List<String> open = openSessions();
        requireState(what, before, killed, said, open);
        if (killed || !open.isEmpty() || random.nextInt(4) == 0) {
            requireHealed(what);
        }
        Files.delete(running.out());
        Files.delete(running.err());
        Files.deleteIfExists(publisher.state().resolve("trigger").resolve("demo"));
    }

    private void choose(Map<String, String> settings, StringBuilder what) {
        List<String> modes = List.of("live", "live", "freeze", "stop");
        set(settings, what, "caravan.database.demo.capture", oneOf(modes));
        set(settings, what, "caravan.s3.idle-timeout", oneOf(List.of("2s", "30s", "10m")));
        if (random.nextBoolean()) {
            set(settings, what, "caravan.retry.delay", "20s");
            settings.put("CARAVAN_RETRY_MAX_DELAY", "40s");
            settings.put("CARAVAN_RETRY_ATTEMPTS", "20");
        }
        if (random.nextInt(3) == 0) {
            set(settings, what, "caravan.read.check-tables", "true");
        }
        if (random.nextInt(3) == 0) {
            set(settings, what, "caravan.database.demo.drill", "gate");
            if (random.nextBoolean()) {
                set(settings, what, "caravan.database.demo.canary", "sleep 7");
            }
        }
        int warming = random.nextInt(4);
        if (warming < 2) {
            set(settings, what, "caravan.warm.regions", "here");
            set(settings, what, "caravan.warm.region.here.via", warming == 0 ? "direct" : "queue:far");
            set(settings, what, "caravan.warm.hold", oneOf(List.of("1s", "10m")));
        }
    }

    private static void set(Map<String, String> settings, StringBuilder what, String key, String value) {
        settings.put(key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value);
        what.append(", ")
                .append(key.substring(key.lastIndexOf('.') + 1))
                .append('=')
                .append(value);
    }

    private void chooseFaults(StringBuilder what) {
        for (int left = random.nextInt(4); left > 0; left--) {
            String place = oneOf(PLACES);
            Fault fault = oneOf(List.of(
                    Fault.answer(503),
                    Fault.answer(503, "Retry-After: 600"),
                    Fault.answer(503, "Retry-After: 3"),
                    Fault.withholdAnswer(),
                    Fault.loseAnswer(),
                    Fault.delay(Duration.ofMillis(1_500)),
                    Fault.body(Fault.Side.REQUEST, Fault.Harm.CUT, 40),
                    Fault.body(Fault.Side.ANSWER, Fault.Harm.STALL, 20)));
            int skip = random.nextInt(3) == 0 ? 1 + random.nextInt(12) : 1;
            int count = oneOf(List.of(1, 3, 1_000_000));
            AtomicInteger met = new AtomicInteger();
            Predicate<FaultProxy.Request> which =
                    request -> request.target().contains(place) && met.incrementAndGet() >= skip;
            boolean atEdge = !place.startsWith(CONTROL) && random.nextInt(4) == 0;
            (atEdge ? edge : proxy).first(count, which, fault);
            what.append("; ")
                    .append(atEdge ? "edge " : "")
                    .append(place)
                    .append(" from ")
                    .append(skip)
                    .append(" on, ")
                    .append(count)
                    .append(" times ")
                    .append(fault);
        }
    }

    private void signal(Process process, StringBuilder what) throws Exception {
        int kind = random.nextInt(10);
        String first = (kind == 0 || kind == 5) && !isInterruptIgnored() ? "INT" : "TERM";
        send(process, first);
        if (kind == 1) {
            send(process, "TERM");
            what.append(", twice at once");
        }
        if (kind == 2 || kind == 5) {
            if (!process.waitFor(1_200L + random.nextInt(3_000), TimeUnit.MILLISECONDS)) {
                send(process, "TERM");
                what.append(", ").append(first).append(" and TERM");
            }
        }
    }

    /** As in a shell's background: whoever was started there ignores it for good, and so does what it starts. */
    private static boolean isInterruptIgnored() throws IOException {
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 2) != 0;
    }

    private static void send(Process process, String signal) throws Exception {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    private void requireState(
            StringBuilder what, Map<Path, String> before, boolean killed, String said, List<String> open)
            throws Exception {
        requireNodeGoesOn(what, said);
        requireNoProcesses(what, said);
        Path stage = node.databaseRoot().resolveSibling(".caravan-demo");
        if (!killed && Files.exists(stage, LinkOption.NOFOLLOW_LINKS)) {
            problem(what, "the stage is left: " + filesIn(stage), said);
        }
        if (!killed) {
            for (Path left : List.of(
                    publisher.state().resolve("publish/demo/work"),
                    publisher.state().resolve("engine"),
                    directory.resolve("drill/caravan-drill-demo"))) {
                if (!filesIn(left).isEmpty()) {
                    problem(what, "something is left in " + left + ": " + filesIn(left), said);
                }
            }
            requireSource(what, before, said);
        }
        requireSessions(what, open, said);
        long now = bucket.latest().map(latest -> latest.pointer().sequence()).orElse(0L);
        if (now < sequence || now > sequence + 2) {
            problem(what, "latest went from " + sequence + " to " + now, said);
        }
        sequence = now;
    }

    private void requireSessions(StringBuilder what, List<String> open, String said) throws IOException {
        Path own = publisher.state().resolve("publish/demo/session");
        String note = Files.exists(own) ? Files.readString(own) : "";
        for (String session : open) {
            if (!note.contains(session.substring(session.lastIndexOf('/') + 1))) {
                problem(what, "nobody will end " + session, said);
            } else if (!what.toString().contains("/_control/sessions/ from")
                    && !what.toString().contains("; / from")
                    && !said.contains(UNORDERLY)
                    && !what.toString().contains("status 143")) {
                problem(what, session + " was not ended, although nothing kept it", said);
            }
        }
    }

    private void requireSource(StringBuilder what, Map<Path, String> before, String said) throws IOException {
        for (Map.Entry<Path, String> table : tables().entrySet()) {
            if (!table.getValue().equals(before.getOrDefault(table.getKey(), table.getValue()))) {
                problem(what, table.getKey() + " was " + before.get(table.getKey()) + ", is " + table.getValue(), said);
            }
            if (!table.getValue().endsWith(" 1")) {
                problem(what, table.getKey() + " has links: " + table.getValue(), said);
            }
        }
    }

    private void requireNodeGoesOn(StringBuilder what, String said) throws IOException {
        long height = node.acknowledgedHead();
        try {
            node.awaitHeadAbove(height);
        } catch (RuntimeException e) {
            problem(what, "the node does not go on", said);
            throw e;
        }
    }

    /** Watchdogs may have something to do when their publisher is gone. */
    private void requireNoProcesses(StringBuilder what, String said) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        List<String> left = processes();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(200);
            left = processes();
        }
        if (!left.isEmpty()) {
            problem(what, "processes are left: " + left, said);
        }
    }

    private void requireHealed(StringBuilder what) throws Exception {
        Installed.Outcome outcome = caravan.run(publisher.environment(), "publish");
        if (outcome.status() != 0) {
            problem(what, "the next run fails", outcome.err());
            return;
        }
        PublishedBucket.Snapshot latest = bucket.latest().orElseThrow();
        sequence = latest.pointer().sequence();
        if (!openSessions().isEmpty()) {
            problem(what, "sessions that the next run does not end: " + openSessions(), outcome.err());
        }
        Path stage = node.databaseRoot().resolveSibling(".caravan-demo");
        if (Files.exists(stage)) {
            problem(what, "the next run leaves the stage", outcome.err());
        }
        Path restored = bucket.restore(latest, directory.resolve("restored"));
        SampleDatabase.heightOf(restored);
        TreeRemoval.of(restored);
        bucket.requireKnownNamesOnly();
    }

    private void problem(StringBuilder what, String problem, String said) throws IOException {
        Path log = Files.createTempFile("stop-torture-", ".log");
        Files.writeString(log, what + "\n" + problem + "\n" + said);
        System.out.println("PROBLEM " + what + ": " + problem + " (" + log + ")");
        problems.add(what + ": " + problem + " (" + log + ")");
    }

    private List<String> openSessions() throws IOException {
        List<String> sessions = new ArrayList<>();
        for (String name : bucket.names()) {
            if (name.startsWith("_control/sessions/")
                    && !new String(bucket.read(name), StandardCharsets.UTF_8).contains("\"ended\":true")) {
                sessions.add(name);
            }
        }
        return sessions;
    }

    /** Size, time, inode, mode and number of links of what a node never changes, once it is written. */
    private Map<Path, String> tables() throws IOException {
        Instant written = Instant.now().minusSeconds(2);
        Map<Path, String> tables = new TreeMap<>();
        for (Path file : filesIn(node.databaseRoot())) {
            if (file.toString().endsWith(".sst")) {
                try {
                    Map<String, Object> facts = Files.readAttributes(file, "unix:ino,mode,size,nlink,lastModifiedTime");
                    Instant time = ((FileTime) facts.get("lastModifiedTime")).toInstant();
                    if (time.isBefore(written)) {
                        tables.put(
                                file,
                                facts.get("size") + " " + time + " " + facts.get("ino") + " " + facts.get("mode") + " "
                                        + facts.get("nlink"));
                    }
                } catch (NoSuchFileException e) {
                    tables.remove(file); // the node has deleted it meanwhile
                }
            }
        }
        return tables;
    }

    private static List<Path> filesIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        while (true) {
            try (Stream<Path> all = Files.walk(directory)) {
                return all.filter(path -> !path.equals(directory)).toList();
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) {
                    throw e;
                }
            }
        }
    }

    /** What works for a publisher of ours: it names our directory, or writes into it. */
    private List<String> processes() {
        return ProcessHandle.allProcesses()
                .map(process -> Path.of("/proc", Long.toString(process.pid())))
                .flatMap(process -> commandOf(process).stream())
                .toList();
    }

    private Optional<String> commandOf(Path process) {
        try {
            String command = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8)
                    .replace('\0', ' ');
            boolean isNode = command.contains("SampleNode");
            boolean isWatchdog = command.contains("caravan-watchdog")
                    && Files.readSymbolicLink(process.resolve("fd/2")).startsWith(directory);
            return !isNode && (isWatchdog || command.contains(directory.toString()))
                    ? Optional.of(process.getFileName() + " " + command.substring(0, Math.min(200, command.length())))
                    : Optional.empty();
        } catch (IOException e) {
            // It is gone.
            return Optional.empty();
        }
    }

    private static String stackOf(Process process) throws Exception {
        Process jstack = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jstack")
                                .toString(),
                        Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start();
        return new String(jstack.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String textOf(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
