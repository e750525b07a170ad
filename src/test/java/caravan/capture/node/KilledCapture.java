package caravan.capture.node;

import caravan.capture.CaptureMode;
import caravan.capture.CaptureRequest;
import caravan.capture.FreezeCapture;
import caravan.capture.StopCapture;
import caravan.snapshot.DatabaseName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * A process that captures and stands still at one step of the pause, for ever, after saying so; somebody kills it there.
 * Arguments: database root, step, log, longest pause in milliseconds, and, for a node that is stopped, how.
 */
public final class KilledCapture {

    private KilledCapture() {}

    /** Captures. */
    public static void main(String[] arguments) throws Exception {
        PauseSteps steps = new StandingStill(arguments[1]);
        Path log = Path.of(arguments[2]);
        Duration longest = Duration.ofMillis(Long.parseLong(arguments[3]));
        CaptureMode mode = arguments.length == 4
                ? new FreezeCapture(new FreezeNode(longest, log).with(steps))
                : new StopCapture(
                        new StopNode(arguments[4], arguments[5], longest, Duration.ofMinutes(1), log).with(steps));
        mode.capture(CaptureRequest.of(new DatabaseName("killed"), Path.of(arguments[0])))
                .close();
    }

    private record StandingStill(String step) implements PauseSteps {

        @Override
        public void armed() throws IOException {
            at("armed");
        }

        @Override
        public void ordered() throws IOException {
            at("ordered");
        }

        @Override
        public void still() throws IOException {
            at("still");
        }

        @Override
        public void taken() throws IOException {
            at("taken");
        }

        @Override
        public void released() throws IOException {
            at("released");
        }

        @SuppressWarnings("SystemOut")
        private void at(String reached) throws IOException {
            if (reached.equals(step)) {
                System.out.println("at " + step);
                System.out.flush();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }
}
