package caravan.capture.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The program that holds the locks of stores while their node is down, in a process of its own: a POSIX lock goes only
 * when the process that has it closes the file or ends, and Caravan may hang. Whoever kills this process frees the
 * locks.
 *
 * <p>Arguments: the longest time in milliseconds, and the lock files. Orders are lines: {@code take} is answered with
 * {@code held} or {@code busy}, {@code still} with {@code yes} or {@code no}. At the end of the input, and after the
 * longest time, it ends.
 */
public final class LockKeeper {

    private final List<Path> files;
    private final long longestMillis;
    private final Thread ending;
    private List<HeldLock> held = List.of();

    private LockKeeper(List<Path> files, long longestMillis) {
        this.files = files;
        this.longestMillis = longestMillis;
        this.ending = new Thread(this::endInTime, "longest");
        this.ending.setDaemon(true);
    }

    /** Holds locks as it is told. */
    public static void main(String[] arguments) throws IOException {
        List<Path> files = new ArrayList<>();
        for (int at = 1; at < arguments.length; at++) {
            files.add(Path.of(arguments[at]));
        }
        LockKeeper keeper = new LockKeeper(files, Long.parseLong(arguments[0]));
        // What it says is for the process that started it, and never for a person.
        PrintStream answers = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        answers.println("ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            answers.println(order.equals("take") ? keeper.take() : keeper.still());
        }
        keeper.release();
    }

    /** All of them, or none if somebody has one. */
    private String take() throws IOException {
        if (!ending.isAlive()) {
            ending.start();
        }
        List<HeldLock> taken = new ArrayList<>();
        held = taken;
        for (Path file : files) {
            Optional<HeldLock> lock = HeldLock.take(file);
            if (lock.isEmpty()) {
                release();
                return "busy";
            }
            taken.add(lock.get());
        }
        return "held";
    }

    private String still() {
        return held.stream().allMatch(HeldLock::isHeld) ? "yes" : "no";
    }

    private void release() throws IOException {
        for (HeldLock lock : held) {
            lock.close();
        }
        held = List.of();
    }

    /** The system frees what an ended process held. */
    private void endInTime() {
        try {
            TimeUnit.MILLISECONDS.sleep(longestMillis);
        } catch (InterruptedException e) {
            // Nobody interrupts it; if somebody does, the locks go early rather than never.
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
