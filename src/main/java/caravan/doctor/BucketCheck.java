package caravan.doctor;

import caravan.failure.CaravanException;
import caravan.store.ObjectStore;
import caravan.store.StoreProbe;
import java.util.Optional;

/** Whether the bucket can be read at all. It is tried once, for all who ask. Safe for many threads. */
public final class BucketCheck implements Examination {

    private static final int MOST_MARK = 4096;

    private final ObjectStore store;

    private final String place;

    private Optional<Answer> answer = Optional.empty();

    /**
     * Of the bucket behind {@code store}.
     *
     * @param place where it is, for people
     */
    public BucketCheck(ObjectStore store, String place) {
        this.store = store;
        this.place = place;
    }

    private record Answer(Optional<CaravanException> failure) {}

    @Override
    public String subject() {
        return "bucket";
    }

    @Override
    public void examine(Findings findings) {
        ask().failure()
                .ifPresentOrElse(
                        findings::wrong, () -> findings.ok(place + " can be read; the right to write is not tried"));
    }

    /** Whether it can be; otherwise {@code findings} hear that something was not looked at for that. */
    boolean isReadable(Findings findings) {
        boolean readable = ask().failure().isEmpty();
        if (!readable) {
            findings.note("not looked at, because the bucket cannot be read", "see what is said of bucket");
        }
        return readable;
    }

    private synchronized Answer ask() {
        if (answer.isEmpty()) {
            answer = Optional.of(new Answer(failure()));
        }
        return answer.get();
    }

    private Optional<CaravanException> failure() {
        try {
            // Not by a HEAD: its answer has no body, which alone could say that it is the bucket that is missing.
            store.read(StoreProbe.MARK, MOST_MARK);
            return Optional.empty();
        } catch (CaravanException e) {
            return Optional.of(e);
        }
    }
}
