package caravan.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;

/** Reads what a process prints, so that it never waits for a reader, and keeps the beginning of it for a message. */
final class FirstWords {

    /** Something that the process left running may hold its output open for ever. */
    private static final long MILLIS_AFTER_ITS_END = 200;

    private final int most;
    private final StringBuilder said = new StringBuilder();
    private final Thread reader;

    /** Begins to read {@code process} on a thread of its own, and keeps {@code most} bytes. */
    FirstWords(Process process, int most) {
        this.most = most;
        this.reader = new Thread(() -> read(process.getInputStream()), "output-" + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** On one line; for after the end of the process. */
    String text() throws InterruptedException {
        reader.join(MILLIS_AFTER_ITS_END);
        synchronized (said) {
            return said.toString().strip().replaceAll("\\s*\\R\\s*", "; ");
        }
    }

    private void read(InputStream in) {
        byte[] buffer = new byte[8192];
        try (in) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (said) {
                    int room = Math.min(count, most - said.length());
                    if (room > 0) {
                        said.append(new String(buffer, 0, room, UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            // The process is gone; what it said so far is what there is.
            return;
        }
    }
}
