package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The process that opens databases, so that the one that started it never does. It needs the JDK and RocksDB alone.
 *
 * <p>On its input each line is a question, {@code table PATH} for one table file, {@code open PATH} or {@code check
 * PATH} for a whole store without or with the checksums of its tables. On its output each line is an answer: the number
 * of the question, counted from 0, then {@code good} and what was found, or {@code damaged} or {@code failed} and why.
 * Answers come as they are found. When the input ends, the process does: whoever asked has all answers, or is gone.
 */
final class EngineReader {

    /** Of all processes of this machine, the system shall end this one first when memory runs out. */
    private static final String FIRST_TO_GO = "1000";

    private final PrintStream answers;

    private final ExecutorService threads;

    private EngineReader(PrintStream answers, int threads) {
        this.answers = answers;
        this.threads = Executors.newFixedThreadPool(threads);
    }

    /** Usage: {@code THREADS}. */
    public static void main(String[] arguments) throws IOException {
        volunteer();
        RocksDB.loadLibrary();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        EngineReader reader = new EngineReader(out, Integer.parseInt(arguments[0]));
        try (BufferedReader questions =
                new BufferedReader(new InputStreamReader(new FileInputStream(FileDescriptor.in), UTF_8))) {
            long number = 0;
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                reader.take(number, line);
                number++;
            }
        }
        // What is still being read is read for nobody.
        Runtime.getRuntime().halt(0);
    }

    private void take(long number, String question) {
        threads.execute(() -> answer(number + " " + answerTo(question)));
    }

    private synchronized void answer(String line) {
        answers.println(line);
    }

    private static String answerTo(String question) {
        int space = question.indexOf(' ');
        Path path = Path.of(question.substring(space + 1));
        try {
            return switch (question.substring(0, space)) {
                case "table" -> "good " + TableReading.of(path);
                case "open" -> "good " + StoreReading.of(path, false).toLine();
                case "check" -> "good " + StoreReading.of(path, true).toLine();
                default -> "failed nobody knows the question " + question;
            };
        } catch (RocksDBException e) {
            String verdict = Complaint.of(e) == Complaint.DAMAGE ? "damaged " : "failed ";
            return Files.exists(path) ? verdict + oneLine(e.getMessage()) : "failed " + path + " is not there";
        } catch (RuntimeException | OutOfMemoryError e) {
            return "failed " + oneLine(e.toString());
        }
    }

    private static String oneLine(String text) {
        return String.valueOf(text).replaceAll("\\s+", " ");
    }

    private static void volunteer() {
        Path score = Path.of("/proc/self/oom_score_adj");
        if (Files.isWritable(score)) {
            try {
                Files.writeString(score, FIRST_TO_GO);
            } catch (IOException e) {
                // Then the system chooses as it would anyway; the bound that our parent watches holds all the same.
                return;
            }
        }
    }
}
