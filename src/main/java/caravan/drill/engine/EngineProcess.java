package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.disk.ClassPlaces;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.pace.IoPriority;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rocksdb.RocksDB;

/**
 * A process that reads databases with their own engine, of the same Java as this one. Closing it ends it, whatever it
 * is doing, and removes what it unpacked; it ends, too, when this process does.
 *
 * <p>Its memory is watched, not reserved: one that takes more than it may is ended within a second. Safe for many
 * threads.
 */
final class EngineProcess implements AutoCloseable {

    /** Native code may print something else. */
    private static final Pattern ANSWER = Pattern.compile("(\\d{1,18}) ((?:good|damaged|failed) .*)");

    private static final long LOOK_MILLIS = 200;

    private final Temporary temporary;

    private final EngineLimits limits;

    private final Process process;

    private final Thread answers;

    private final LastWords lastWords;

    private final Map<Long, Question> open = new TreeMap<>();

    private final List<String> unanswered = new ArrayList<>();

    private long asked;

    private boolean gone;

    private volatile boolean tooLarge;

    /** A question that has no answer yet. */
    private record Question(Path path, CompletableFuture<String> answer) {}

    private EngineProcess(Temporary temporary, EngineLimits limits, Process process) {
        this.temporary = temporary;
        this.limits = limits;
        this.process = process;
        this.lastWords = LastWords.readFrom(process.getErrorStream(), "engine-errors-" + process.pid());
        this.answers = start("engine-answers-" + process.pid(), this::readAnswers);
        start("engine-memory-" + process.pid(), this::watchMemory);
    }

    /**
     * Starts one.
     *
     * @param directory for what it unpacks, in a directory of its own
     */
    static EngineProcess start(Path directory, EngineLimits limits, IoPriority priority) throws FailedException {
        try {
            return start(directory, limits, priority, EngineLibrary.unpackedFrom(ClassPlaces.of(RocksDB.class)));
        } catch (FileSystemException e) {
            throw DiskFailures.of("starting the process that reads databases, in " + directory, e);
        } catch (IOException e) {
            throw new FailedException(
                    "cannot start the process that reads databases, in " + directory + ": " + e, "is there space?", e);
        }
    }

    /** The same with the directory of a library that is unpacked already, if there is one. */
    static EngineProcess start(Path directory, EngineLimits limits, IoPriority priority, Optional<Path> library)
            throws IOException {
        Temporary temporary = Temporary.below(directory);
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(priority.command(command(temporary, limits.threads(), library)));
            keepWhatItNeeds(builder.environment());
            builder.directory(temporary.path().toFile());
            return new EngineProcess(temporary, limits, builder.start());
        } catch (IOException e) {
            temporary.close();
            throw e;
        }
    }

    /**
     * Asks, and waits for the answer.
     *
     * @param question {@code table}, {@code open} or {@code check}
     * @return what was found, if {@code path} is whole
     * @throws DamagedException if it is not, or makes the engine crash
     * @throws FailedException if that could not be found out
     */
    String ask(String question, Path path) throws CaravanException, InterruptedException {
        CompletableFuture<String> answer = send(question, path);
        try {
            return foundIn(answer.get(limits.deadline().toMillis(), TimeUnit.MILLISECONDS), path);
        } catch (ExecutionException e) {
            throw gone(path);
        } catch (TimeoutException e) {
            process.destroyForcibly();
            throw new FailedException(
                    "reading " + path + " with its engine took longer than "
                            + limits.deadline().toSeconds() + " s",
                    "a larger caravan.drill.deadline may do, or a faster disk",
                    e);
        }
    }

    /** None of our secrets. Names of files are in the language of this process, complaints in one that can be told. */
    private static void keepWhatItNeeds(Map<String, String> environment) {
        String all = environment.getOrDefault("LC_ALL", "");
        environment.keySet().retainAll(List.of("PATH", "LANG", "LC_CTYPE"));
        if (!all.isEmpty()) {
            environment.put("LC_CTYPE", all);
        }
        environment.put("LC_MESSAGES", "C");
    }

    long pid() {
        return process.pid();
    }

    /** Whether it was asked about {@code path} and has not answered. */
    synchronized boolean isAskedAbout(Path path) {
        return open.values().stream().anyMatch(question -> question.path().equals(path));
    }

    @Override
    public void close() {
        process.destroyForcibly();
        boolean interrupted = false;
        while (true) {
            try {
                process.waitFor();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        temporary.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized CompletableFuture<String> send(String question, Path path) {
        String line = question + " " + path + "\n";
        if (line.indexOf('\n') < line.length() - 1) {
            throw new IllegalArgumentException("a path has no line breaks");
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        open.put(asked, new Question(path, answer));
        asked++;
        try {
            process.getOutputStream().write(line.getBytes(UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
        if (gone) {
            answer.completeExceptionally(new IOException("the process is gone"));
        }
        return answer;
    }

    private static String foundIn(String answer, Path path) throws CaravanException {
        int space = answer.indexOf(' ');
        String found = answer.substring(space + 1);
        switch (answer.substring(0, space)) {
            case "good" -> {
                return found;
            }
            case "damaged" ->
                throw new DamagedException(
                        path + " is damaged: " + found,
                        "look at the disk that it is on; its source may be damaged, too");
            default ->
                throw new FailedException(
                        path + " could not be judged by its engine: " + found,
                        "nothing is known against it; rights, space, memory, or a format that this RocksDB does not read: put"
                                + " that right and try again");
        }
    }

    /** The process ended by itself, or was ended. */
    private CaravanException gone(Path path) throws InterruptedException {
        int status = process.waitFor();
        EngineEnd end = temporary.end(status, lastWords.text(limits.deadline().toMillis()));
        // Who could not even ask is here before it is known what was being read.
        answers.join(limits.deadline().toMillis());
        if (tooLarge) {
            return new FailedException(
                    "reading " + path + " with its engine took more than " + limits.memory() + " bytes of memory",
                    "a larger caravan.drill.memory may do; a database takes as much as its logs are long");
        }
        if (end.isOutOfMemory()) {
            return new FailedException(
                    "this machine had no memory left to read " + path + " with its engine" + end.lastWords(),
                    "nothing is known against it; a database takes as much memory as its logs are long");
        }
        if (end.isOutOfSpace()) {
            return new FailedException(
                    "reading " + path + " with its engine: no space left in "
                            + temporary.path().getParent(),
                    "nothing is known against it; free some space there, and run it again");
        }
        if (end.isCrash()) {
            return new DamagedException(
                    "its engine crashes (status " + end.status() + ") while it reads " + lost(path),
                    "what it reads is damaged, unless another version of the engine reads it");
        }
        return new FailedException(
                "the process that reads " + path + " ended with status " + end.status() + end.lastWords(),
                "RocksDB's own library must be usable here: glibc, and either bin/caravan-prepare was run or the state"
                        + " directory is not mounted noexec; without it, set caravan.read.check-tables=false, and no drills");
    }

    /** What was being read when the process ended; nobody knows which of it was too much. */
    private synchronized String lost(Path path) {
        return unanswered.isEmpty() ? path.toString() : String.join(", or ", unanswered);
    }

    private void readAnswers() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher answer = ANSWER.matcher(line);
                if (answer.matches()) {
                    answered(Long.parseLong(answer.group(1)), answer.group(2));
                }
            }
        } catch (IOException e) {
            // Its end was closed: it is gone.
            allGone();
            return;
        }
        allGone();
    }

    private synchronized void answered(long number, String answer) {
        Question question = open.remove(number);
        if (question != null) {
            question.answer().complete(answer);
        }
    }

    private synchronized void allGone() {
        gone = true;
        // Any of them may have ended it.
        open.values().forEach(question -> unanswered.add(question.path().toString()));
        open.values()
                .forEach(question -> question.answer().completeExceptionally(new IOException("the process is gone")));
        open.clear();
    }

    private void watchMemory() {
        try {
            while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                if (residentBytes() > limits.memory()) {
                    tooLarge = true;
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** 0 where the system does not tell. */
    private long residentBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static List<String> command(Temporary temporary, int threads, Optional<Path> library) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx64m",
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                // Its answers must not be mixed with what it says when it crashes.
                "-XX:+DisplayVMOutputToStderr",
                "-XX:ErrorFile=" + temporary.crashReport(),
                // Where the native library is not there, RocksDB unpacks it, and leaves it when the process is killed.
                "-Djava.io.tmpdir=" + temporary.path()));
        library.ifPresent(directory -> command.add("-Djava.library.path=" + directory));
        command.addAll(List.of(
                "-cp",
                ClassPlaces.of(EngineReader.class) + File.pathSeparator + ClassPlaces.of(RocksDB.class),
                EngineReader.class.getName(),
                Integer.toString(threads)));
        return command;
    }
}
