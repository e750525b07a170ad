package caravan.app.operating;

import caravan.app.routing.PublicationListener;
import caravan.publish.Publication;
import caravan.snapshot.Pointer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which databases' last publication came to nothing. Safe for many threads. */
final class LastOutcomes implements PublicationListener {

    private final Map<String, Boolean> failed = new TreeMap<>();

    @Override
    public synchronized void ended(Publication publication, Optional<Throwable> failure) {
        failed.put(publication.database().name().value(), failure.isPresent() && !publication.isStopped());
    }

    @Override
    public synchronized void failedToBegin(String database, Throwable failure) {
        failed.put(database, true);
    }

    @Override
    public void latest(Pointer pointer) {}

    /** Names them, if there are any. */
    synchronized Optional<String> fault() {
        String names =
                String.join(", ", failed.keySet().stream().filter(failed::get).toList());
        return names.isEmpty() ? Optional.empty() : Optional.of("the last publication failed: " + names);
    }
}
