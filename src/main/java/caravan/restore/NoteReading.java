package caravan.restore;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
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

/** Fetches signed notes, and gives them out only when their signature is found good. */
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

    /**
     * The note at {@code path}.
     *
     * @throws DamagedException if no trusted key has signed it as a note of that kind
     */
    VerifiedNote read(String path, NoteKind kind) throws CaravanException, InterruptedException {
        return SignedNote.verify(fetch(path), kind, trusted, source.locate(path), clock.instant());
    }

    private byte[] fetch(String path) throws CaravanException, InterruptedException {
        byte[] note = retries.run(bypass -> {
            ObjectRequest request =
                    ObjectRequest.atMost(path, SignedNote.MAX_BYTES).bypassingCaches(bypass);
            try (ObjectStream stream = source.open(request)) {
                return stream.readAllBytes();
            } catch (AttemptFailure e) {
                throw e.about(path);
            } catch (IOException e) {
                throw new IllegalStateException("an object stream fails in one way only", e);
            }
        });
        if (note.length > 0 && note[0] == '<') {
            throw new DamagedException(
                    source.locate(path) + " is not a signed note: a web page came back",
                    "check the URL; a login page or an error page of a proxy looks like this");
        }
        return note;
    }
}
