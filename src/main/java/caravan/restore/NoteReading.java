package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.restore.source.Retries;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.TrustedKeys;
import caravan.signature.VerifiedNote;
import java.io.IOException;
import java.time.Clock;

/**
 * Fetches signed notes, and gives out what they say only when their signature is found good.
 *
 * <p>A note that is not what it should be may be what a cache on the way keeps, old or damaged. It is asked for once
 * more, past the caches, and what comes then is judged in earnest.
 */
final class NoteReading {

    private final ObjectSource source;
    private final Retries retries;
    private final TrustedKeys trusted;
    private final Clock clock;

    NoteReading(ObjectSource source, Retries retries, TrustedKeys trusted, Clock clock) {
        this.source = source;
        this.retries = retries;
        this.trusted = trusted;
        this.clock = clock;
    }

    /** What to make of a note whose signature is good; may be asked twice. */
    @FunctionalInterface
    interface Judgement<T> {
        T of(VerifiedNote note) throws CaravanException;
    }

    /**
     * What {@code judgement} makes of the note at {@code path}, from wherever it comes, or else from past the caches.
     *
     * @throws DamagedException if no trusted key has signed it as a note of that kind
     * @throws CaravanException what {@code judgement} throws
     */
    <T> T read(String path, NoteKind kind, Judgement<T> judgement) throws CaravanException, InterruptedException {
        byte[] note = fetch(path, 0);
        try {
            return judged(note, path, kind, judgement);
        } catch (DamagedException | RefusedException first) {
            return judged(fetchAgain(path, first), path, kind, judgement);
        }
    }

    /** The same, at once from past the caches. */
    <T> T readPastCaches(String path, NoteKind kind, Judgement<T> judgement)
            throws CaravanException, InterruptedException {
        return judged(fetch(path, numberOfNow()), path, kind, judgement);
    }

    private byte[] fetchAgain(String path, CaravanException first) throws CaravanException, InterruptedException {
        try {
            return fetch(path, numberOfNow());
        } catch (CaravanException e) {
            // what did come says more than what does not
            first.addSuppressed(e);
            throw first;
        }
    }

    /** With which nobody has asked before, as far as caches keep such notes. */
    private int numberOfNow() {
        return 1 + (int) Math.floorMod(clock.instant().getEpochSecond(), 1_000_000_000L);
    }

    private <T> T judged(byte[] note, String path, NoteKind kind, Judgement<T> judgement) throws CaravanException {
        if (note.length > 0 && note[0] == '<') {
            throw new DamagedException(
                    source.locate(path) + " is not a signed note: a web page came back",
                    "check the URL; a login page or an error page of a proxy looks like this");
        }
        return judgement.of(SignedNote.verify(note, kind, trusted, source.locate(path), clock.instant()));
    }

    /**
     * Fetches it.
     *
     * @param number 0, or what makes caches see a new object
     */
    private byte[] fetch(String path, int number) throws CaravanException, InterruptedException {
        return retries.run(bypass -> {
            ObjectRequest request = ObjectRequest.atMost(path, SignedNote.MAX_BYTES)
                    .bypassingCaches(number == 0 ? bypass : number + bypass);
            try (ObjectStream stream = source.open(request)) {
                return stream.readAllBytes();
            } catch (AttemptFailure e) {
                throw e.about(path);
            } catch (IOException e) {
                throw new IllegalStateException("an object stream fails in one way only", e);
            }
        });
    }
}
