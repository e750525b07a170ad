package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.manifest.PointerFormat;
import caravan.publish.PublishedDatabase;
import caravan.publish.PublisherSight;
import caravan.publish.Refusals;
import caravan.publish.RefusedSnapshot;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.snapshot.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a publisher remembers of a database: what it published last, what was killed, what a drill found bad. */
public final class HistoryCheck implements Examination {

    private final PublishedDatabase database;

    private final Path state;

    private final TrustedKeys trusted;

    private final Clock clock;

    /** Of {@code database}, below {@code state}. */
    public HistoryCheck(PublishedDatabase database, Path state, TrustedKeys trusted, Clock clock) {
        this.database = database;
        this.state = state;
        this.trusted = trusted;
        this.clock = clock;
    }

    @Override
    public String subject() {
        return "history";
    }

    @Override
    public String about() {
        return database.name().value();
    }

    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        PublisherSight sight = PublisherSight.of(state, database.name());
        Optional<String> publisher = DaemonCheck.holderOf(sight.lock());
        if (sight.pointer().length == 0) {
            findings.note("nothing was published from here yet", "caravan publish " + database.name());
        } else {
            last(sight, findings);
        }
        if (publisher.isPresent()) {
            findings.ok("a publication is under way: " + publisher.get());
        } else if (sight.left().isPresent() && isStillLeft(sight)) {
            findings.note(
                    "publication " + sight.left().get().runId() + ", which began at "
                            + sight.left().get().startedAt()
                            + ", did not end its session: it was killed, or lost the bucket; until it is ended, caravan retain"
                            + " deletes no chunk",
                    "the next publication ends it: caravan publish " + database.name());
        }
        if (sight.isDoubted()) {
            findings.note(
                    "a drill found a published snapshot bad, so the next publication reads and proves every file anew",
                    "docs/operations.md, \"When one fails\"");
        }
        if (sight.suspected() > 0) {
            findings.note(
                    "a drill found " + sight.suspected() + " chunks bad or missing as they are stored or served",
                    "the next publication looks at them: caravan publish " + database.name());
        }
        List<RefusedSnapshot> refused = new Refusals(state, clock).of(database.name());
        if (!refused.isEmpty()) {
            RefusedSnapshot newest = refused.get(refused.size() - 1);
            findings.note(
                    refused.size() + " snapshots were found bad, the last, " + newest.snapshot() + ", at " + newest.at()
                            + ": " + newest.why(),
                    "docs/operations.md, \"When one fails\"");
        }
    }

    /** A publication may have ended between the look at its session and that at its lock. */
    private boolean isStillLeft(PublisherSight sight) throws IOException {
        return PublisherSight.of(state, database.name()).left().equals(sight.left());
    }

    private void last(PublisherSight sight, Findings findings) throws CaravanException {
        String what = "what was published last from here";
        Pointer pointer = PointerFormat.read(
                SignedNote.verify(sight.pointer(), NoteKind.POINTER, trusted, what)
                        .line(),
                what);
        findings.ok("last published from here: " + pointer.snapshot() + ", sequence " + pointer.sequence() + ", "
                + Span.of(Duration.between(pointer.publishedAt(), clock.instant())) + " ago");
    }
}
