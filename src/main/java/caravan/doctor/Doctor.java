package caravan.doctor;

import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes examinations, all at the same time, each within its limit, and whatever becomes of the others. */
public final class Doctor {

    private static final Logger LOG = LoggerFactory.getLogger(Doctor.class);

    private Doctor() {}

    /**
     * Makes all of {@code examinations}; {@code listener} hears of the findings in that order, as soon as they and all
     * before them are known. What does not end within its limit is left to itself: it runs in a daemon thread.
     */
    public static Diagnosis examine(List<? extends Examination> examinations, Consumer<Finding> listener)
            throws InterruptedException {
        List<Running> all = new ArrayList<>();
        examinations.forEach(examination -> all.add(Running.start(examination)));
        List<Finding> findings = new ArrayList<>();
        for (Running running : all) {
            for (Finding finding : running.end()) {
                findings.add(finding);
                listener.accept(finding);
            }
        }
        return new Diagnosis(findings);
    }

    /** An examination that is under way, or has ended. */
    private record Running(Examination examination, Findings findings, CountDownLatch ended, long begunAt) {

        static Running start(Examination examination) {
            Running running = new Running(
                    examination,
                    new Findings(examination.subject(), examination.about()),
                    new CountDownLatch(1),
                    System.nanoTime());
            Thread thread = new Thread(running::run, "doctor-" + examination.subject());
            thread.setDaemon(true);
            thread.start();
            return running;
        }

        private void run() {
            try {
                examination.examine(findings);
            } catch (CaravanException e) {
                findings.wrong(e);
            } catch (IOException e) {
                findings.wrong(DiskFailures.of("looking at " + examination.subject(), e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                LOG.debug("the examination of {} failed itself", examination.subject(), e);
                findings.wrong(
                        Findings.FAILED,
                        "this could not be looked at: the examination failed itself (" + e + ")",
                        FailedException.REPORT);
            } finally {
                ended.countDown();
            }
        }

        List<Finding> end() throws InterruptedException {
            Duration limit = examination.limit();
            long left = limit.toNanos() - (System.nanoTime() - begunAt);
            if (!ended.await(Math.max(0, left), TimeUnit.NANOSECONDS)) {
                findings.wrong(
                        Findings.PASSING,
                        "no answer within " + limit.toSeconds() + " s",
                        "what is looked at here hangs: a server that does not answer, or a disk; run it again, and look at it"
                                + " by hand if that stays");
            }
            return findings.end();
        }
    }
}
