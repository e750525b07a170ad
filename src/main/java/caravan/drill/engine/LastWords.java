package caravan.drill.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a process says about what goes wrong with itself. It comes through a pipe, because on a disk that is full
 * nothing could be written. The first words say what happened; the rest is read, so that the process need not wait, and
 * dropped. Safe for many threads.
 */
final class LastWords {

    private static final int MOST = 4096;

    private final ByteArrayOutputStream first = new ByteArrayOutputStream();

    private final Thread reader;

    private LastWords(InputStream from, String name) {
        reader = new Thread(() -> read(from), name);
        reader.setDaemon(true);
    }

    /** Begins to read {@code from}, by a thread called {@code name}, until it ends. */
    static LastWords readFrom(InputStream from, String name) {
        LastWords words = new LastWords(from, name);
        words.reader.start();
        return words;
    }

    /** The beginning of all that was said, after the process is gone; what is still missing {@code millis} later is. */
    String text(long millis) throws InterruptedException {
        reader.join(millis);
        synchronized (first) {
            return first.toString(UTF_8);
        }
    }

    private void read(InputStream from) {
        byte[] part = new byte[MOST];
        try (from) {
            for (int count = from.read(part); count >= 0; count = from.read(part)) {
                synchronized (first) {
                    first.write(part, 0, Math.min(count, MOST - first.size()));
                }
            }
        } catch (IOException e) {
            // Its end was closed: it says no more.
            return;
        }
    }
}
