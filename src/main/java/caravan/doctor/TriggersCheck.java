package caravan.doctor;

import caravan.snapshot.DatabaseName;
import caravan.watch.StrayTriggers;
import caravan.watch.StrayTriggers.Stray;
import caravan.watch.Triggers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Trigger files that ask for nothing, or that nobody takes. */
public final class TriggersCheck implements Examination {

    private static final Duration TAKEN_WITHIN = Duration.ofMinutes(1);

    private final Triggers triggers;

    private final List<DatabaseName> databases;

    private final Path daemonLock;

    private final Clock clock;

    /** Triggers of {@code databases}, of which there is at least one, for the daemon that has {@code daemonLock}. */
    public TriggersCheck(Triggers triggers, List<DatabaseName> databases, Path daemonLock, Clock clock) {
        this.triggers = triggers;
        this.databases = List.copyOf(databases);
        this.daemonLock = daemonLock;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "triggers";
    }

    @Override
    public void examine(Findings findings) throws IOException {
        if (!Files.isDirectory(triggers.directory())) {
            findings.ok("none; the first caravan run makes " + triggers.directory());
            return;
        }
        List<Stray> strays = new StrayTriggers(triggers, databases).all();
        strays.forEach(stray -> findings.wrong(Findings.FAILED, stray.words(), stray.hint()));
        int waiting = 0;
        for (DatabaseName database : databases) {
            Path file = triggers.directory().resolve(database.value());
            if (Files.isRegularFile(file)) {
                waiting++;
                lookAt(file, findings);
            }
        }
        if (strays.isEmpty() && waiting == 0) {
            findings.ok("none waits");
        }
    }

    private void lookAt(Path file, Findings findings) throws IOException {
        Duration waits = Duration.between(Files.getLastModifiedTime(file).toInstant(), clock.instant());
        if (DaemonCheck.holderOf(daemonLock).isEmpty()) {
            findings.wrong(
                    Findings.FAILED,
                    "trigger file " + file + " waits for " + Span.of(waits)
                            + ", and no caravan run is there to take it",
                    "start caravan run; or delete it and publish by hand: caravan publish " + file.getFileName());
        } else if (waits.compareTo(TAKEN_WITHIN) > 0) {
            findings.note(
                    "trigger file " + file + " waits for " + Span.of(waits),
                    "nothing, if a publication is under way: it is taken after that. Else look whether caravan run can write"
                            + " there");
        } else {
            findings.ok(file.getFileName() + " waits to be taken");
        }
    }
}
