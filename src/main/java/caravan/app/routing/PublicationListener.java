package caravan.app.routing;

import caravan.publish.Publication;
import caravan.snapshot.Pointer;
import java.util.Optional;

/** Hears of publications. Called by many threads, in the thread of the publication; it must neither wait nor fail. */
public interface PublicationListener {

    /**
     * A publication has ended.
     *
     * @param failure what it ended with; nothing if it is published
     */
    void ended(Publication publication, Optional<Throwable> failure);

    /** A publication of {@code database} could not even begin. */
    void failedToBegin(String database, Throwable failure);

    /** The bucket's {@code latest} was read, or moved. */
    void latest(Pointer pointer);
}
