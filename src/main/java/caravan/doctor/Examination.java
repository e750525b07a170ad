package caravan.doctor;

import caravan.failure.CaravanException;
import java.io.IOException;
import java.time.Duration;

/**
 * Looks at one thing and changes nothing. What it throws is a finding, too: the thing that failed, or that could not be
 * looked at.
 */
public interface Examination {

    /** One word for what is looked at. */
    String subject();

    /** Which of several; empty if there is but one. */
    default String about() {
        return "";
    }

    /** Tells {@code findings} all that was found, good and bad; at least one thing. */
    void examine(Findings findings) throws CaravanException, IOException, InterruptedException;

    /** How long it may take; what it has told until then counts. */
    default Duration limit() {
        return Duration.ofSeconds(20);
    }

    /** What is looked at by a few lines. */
    @FunctionalInterface
    interface Look {
        void examine(Findings findings) throws CaravanException, IOException, InterruptedException;
    }

    /** An examination by {@code look}. */
    static Examination of(String subject, String about, Look look) {
        return new Examination() {
            @Override
            public String subject() {
                return subject;
            }

            @Override
            public String about() {
                return about;
            }

            @Override
            public void examine(Findings findings) throws CaravanException, IOException, InterruptedException {
                look.examine(findings);
            }
        };
    }
}
