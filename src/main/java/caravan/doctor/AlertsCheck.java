package caravan.doctor;

import caravan.alert.Alert;
import caravan.alert.AlertsSight;
import caravan.alert.AlertsSight.Trouble;
import caravan.alert.AlertsSight.Waiting;
import caravan.alert.Severity;
import caravan.failure.FailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What people were told, or should have been: troubles that go on, and alerts that no channel took. */
public final class AlertsCheck implements Examination {

    private static final Duration TAKEN_WITHIN = Duration.ofMinutes(10);

    private final AlertsSight alerts;

    private final List<String> channels;

    private final String summary;

    private final Clock clock;

    /**
     * What is written down in {@code state}.
     *
     * @param channels that are set
     * @param summary where alerts go, for people
     */
    public AlertsCheck(Path state, List<String> channels, String summary, Clock clock) {
        this.alerts = new AlertsSight(state);
        this.channels = List.copyOf(channels);
        this.summary = summary;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "alerts";
    }

    @Override
    public void examine(Findings findings) throws IOException {
        if (channels.isEmpty()) {
            findings.note(
                    "nobody is told when something goes wrong: no channel is set, and alerts go into the log alone",
                    "set caravan.alert.slack.webhook, or caravan.alert.email.to, .from and .smtp");
        } else {
            findings.ok(summary);
        }
        for (Trouble trouble : alerts.troubles()) {
            Alert last = trouble.last();
            String what = last.event() + (last.database().isEmpty() ? "" : " of " + last.database()) + ", since "
                    + trouble.since() + (trouble.times() > 1 ? ", " + trouble.times() + " times" : "") + ": "
                    + last.what();
            String hint = last.hint().isEmpty() ? FailedException.REPORT : last.hint();
            if (last.severity().compareTo(Severity.WARNING) < 0) {
                findings.note(what, hint);
            } else {
                findings.wrong(Findings.FAILED, what, hint);
            }
        }
        for (String channel : channels) {
            Optional<Waiting> waiting = alerts.waitingFor(channel);
            if (waiting.isPresent()) {
                say(channel, waiting.get(), findings);
            }
        }
    }

    private void say(String channel, Waiting waiting, Findings findings) {
        Duration waits = Duration.between(waiting.since(), clock.instant());
        String what = waiting.count() + " alerts wait for " + channel + ", the oldest for " + Span.of(waits);
        if (waits.compareTo(TAKEN_WITHIN) > 0) {
            findings.wrong(
                    Findings.FAILED,
                    what,
                    "caravan run sends them, or the next caravan publish: if one is at work, its log says what "
                            + channel + " answers");
        } else {
            findings.note(what, "nothing yet; they are tried again and again");
        }
    }
}
