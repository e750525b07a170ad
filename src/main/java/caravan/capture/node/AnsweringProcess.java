package caravan.capture.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that takes orders, one a line, and answers with lines. It ends some time after this end of its pipe is
 * closed, by us or because we were killed. Not for several threads.
 */
final class AnsweringProcess implements AutoCloseable {

    /** What {@link #ask} says for a process that is not there. */
    static final String GONE = "gone";

    private static final long MILLIS_FOR_LAST_WORDS = 200;

    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    AnsweringProcess(Process process, String name) {
        this.process = process;
        Thread reader = daemon(this::readAnswers, name + "-answers");
        daemon(() -> noteEnd(reader), name + "-end");
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** What it left running may hold its output open. */
    private void noteEnd(Thread reader) {
        try {
            process.waitFor();
            reader.join(MILLIS_FOR_LAST_WORDS);
        } catch (InterruptedException e) {
            // Nobody does that.
            Thread.currentThread().interrupt();
        }
        answers.add(GONE);
    }

    /** Gives an order that has no answer. */
    void tell(String order) throws IOException {
        if (order.indexOf('\n') >= 0 || order.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("an order is one line");
        }
        process.getOutputStream().write((order + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** Gives an order and waits for the answer; {@code gone} if it is not there or does not answer in time. */
    String ask(String order, Duration patience) {
        try {
            tell(order);
            return listen(patience);
        } catch (IOException e) {
            return GONE;
        }
    }

    /** The next line it says. A node that stands still must go on, so an interrupt waits until this is done. */
    String listen(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    String answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return answer == null ? GONE : answer;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    long pid() {
        return process.pid();
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone, so it reads the end of nothing.
            return;
        }
    }

    /** Closes it and waits for its end; kills it if that takes longer than {@code patience}. */
    void end(Duration patience) {
        close();
        process.onExit()
                .completeOnTimeout(process, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        if (process.isAlive()) {
            process.destroyForcibly()
                    .onExit()
                    .completeOnTimeout(process, patience.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    private void readAnswers() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = lines.readLine();
            while (line != null) {
                answers.add(line);
                line = lines.readLine();
            }
        } catch (IOException e) {
            // Its end was closed; what matters is that no answer will come.
            answers.add(GONE);
            return;
        }
        answers.add(GONE);
    }
}
