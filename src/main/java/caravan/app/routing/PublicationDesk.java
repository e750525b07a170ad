package caravan.app.routing;

import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.pace.Undisturbed;
import caravan.publish.Publication;
import caravan.publish.Publications;
import caravan.publish.PublishedHistory;
import caravan.snapshot.Pointer;
import caravan.watch.NodeInterview;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the routes ask of a publication between the stages. It sees to it that every publication that begins is closed
 * when its exchange ends, however it ends. Bean {@code publicationDesk}.
 */
public final class PublicationDesk {

    /** Variable of the exchange that holds the publication. */
    static final String PUBLICATION = "publication";

    private static final Logger LOG = LoggerFactory.getLogger(PublicationDesk.class);

    private static final int SESSION_ATTEMPTS = 3;

    private final Publications publications;

    private final PublishedHistory sessions;

    private final Clock clock;

    private final AtomicReference<Publication> current = new AtomicReference<>();

    private final Set<Publication> open = ConcurrentHashMap.newKeySet();

    private volatile boolean stopped;

    private final List<PublicationListener> listeners = new CopyOnWriteArrayList<>();

    /**
     * A desk for {@code publications}.
     *
     * @param sessions ends their sessions; its store waits for nothing, since a program that stops lets nobody wait
     */
    public PublicationDesk(Publications publications, PublishedHistory sessions, Clock clock) {
        this.publications = publications;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Tells whoever listens what {@code latest} is. */
    public Consumer<Pointer> latest() {
        return pointer -> listeners.forEach(each -> each.latest(pointer));
    }

    /** Lets {@code hears} hear of every publication from now on. */
    public void tell(PublicationListener hears) {
        listeners.add(hears);
    }

    /** Begins the publication of the database that the body names. Called by route {@code begin-publication}. */
    public Publication begin(@Body String database, Exchange exchange) throws CaravanException, InterruptedException {
        Publication publication;
        try {
            publication = publications.begin(database);
        } catch (CaravanException e) {
            listeners.forEach(each -> each.failedToBegin(database, e));
            throw e;
        }
        open.add(publication);
        if (stopped) {
            // It began while the others were told.
            publication.stop();
        }
        current.set(publication);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                Optional<Throwable> failure = Optional.ofNullable(done.getException());
                if (failure.isEmpty()) {
                    failure = missed(publication);
                }
                Optional<Throwable> outcome = failure;
                listeners.forEach(each -> each.ended(publication, outcome));
                close(publication);
            }
        });
        return publication;
    }

    /**
     * Ends what is under way, because the program was told to stop: no publication begins any more, and those that have
     * nothing visible yet end as soon as their chunks under way have.
     */
    public void stop() {
        stopped = true;
        publications.stop();
        open.forEach(Publication::stop);
    }

    /**
     * Cleans up after publications that could not be ended in time, as if they had. What is on this machine comes first,
     * of all of them: a store that does not answer takes the time that is left.
     */
    public void abandon() {
        List<Publication> abandoned = new ArrayList<>();
        for (Publication publication : List.copyOf(open)) {
            if (open.remove(publication)) {
                abandoned.add(publication);
                giveBack(publication);
            }
        }
        abandoned.forEach(this::endSession);
    }

    /** Takes the node's answer to the question last asked. Called by route {@code ask-node}. */
    public void takeAnswer(@Body Map<String, Object> answer, @Variable("interview") NodeInterview interview)
            throws CaravanException {
        interview.answer(answer);
    }

    /** Keeps what the node said. Called by route {@code check-node}. */
    public void hearNode(@Body Publication publication, @Variable("interview") NodeInterview interview)
            throws CaravanException {
        publication.hear(interview);
    }

    /** Raises the first failure of a chunk, if there is one. Called by route {@code upload-chunks}. */
    public void requireEveryChunkStored(@Body Publication publication) throws Exception {
        publication.requireEveryChunkStored();
    }

    /** The publication that began last, which may have ended; for showing progress. */
    public Optional<Publication> current() {
        return Optional.ofNullable(current.get());
    }

    private static Optional<Throwable> missed(Publication publication) {
        try {
            publication.requireVisible();
            return Optional.empty();
        } catch (FailedException e) {
            LOG.error("{} HINT: {}", e.getMessage(), e.hint());
            return Optional.of(e);
        }
    }

    private void close(Publication publication) {
        if (!open.remove(publication)) {
            return;
        }
        // Cleaning up must not be cut off by what ended the work.
        Undisturbed.run(() -> {
            giveBack(publication);
            endSession(publication);
        });
    }

    private static void giveBack(Publication publication) {
        try {
            publication.close();
        } catch (IOException e) {
            LOG.warn("cannot clean up after publication {}; the next one will: {}", publication.runId(), e.toString());
        }
    }

    /**
     * Tried again at once, since the program may be ending: a connection that an upload was broken off on may be the
     * one that the first attempt is given. An attempt that is interrupted does not end the others.
     */
    private void endSession(Publication publication) {
        boolean interrupted = false;
        for (int attempt = 1; attempt <= SESSION_ATTEMPTS; attempt++) {
            interrupted |= Thread.interrupted();
            if (isEnded(publication, attempt)) {
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is, or nothing can be done about it. */
    private boolean isEnded(Publication publication, int attempt) {
        try {
            sessions.end(publication, clock.instant());
            return true;
        } catch (CaravanException e) {
            boolean isLast = attempt == SESSION_ATTEMPTS || !(e instanceof TransientException);
            if (isLast) {
                LOG.info(
                        "session {} could not be ended; the next run ends it, or it expires: {}",
                        publication.runId(),
                        e.getMessage());
            }
            return isLast;
        }
    }
}
