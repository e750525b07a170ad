package caravan.publish;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one publication did. Safe for use by many threads. */
public final class PublicationReport {

    private final AtomicLong bytesRead = new AtomicLong();

    private final AtomicLong chunksSent = new AtomicLong();

    private final AtomicLong bytesSent = new AtomicLong();

    private final AtomicLong chunksReused = new AtomicLong();

    private final AtomicLong bytesReused = new AtomicLong();

    private final AtomicLong bytesNew = new AtomicLong();

    private final AtomicLong bytesUnchanged = new AtomicLong();

    private final AtomicLong capturesDiscarded = new AtomicLong();

    private final Map<Milestone, Instant> milestones = new ConcurrentHashMap<>();

    /** Notes that the publication has come to {@code milestone}; gives the time since the one before. */
    Duration reached(Milestone milestone, Instant now) {
        milestones.put(milestone, now);
        return durationUntil(milestone).orElse(Duration.ZERO);
    }

    /** How long each stage took that is over, by the milestone at its end. */
    public Map<Milestone, Duration> durations() {
        Map<Milestone, Duration> durations = new EnumMap<>(Milestone.class);
        for (Milestone milestone : Milestone.values()) {
            durationUntil(milestone).ifPresent(time -> durations.put(milestone, time));
        }
        return durations;
    }

    private Optional<Duration> durationUntil(Milestone milestone) {
        Instant end = milestones.get(milestone);
        Optional<Instant> begin = milestone.before().map(milestones::get);
        return end == null || begin.isEmpty() ? Optional.empty() : Optional.of(Duration.between(begin.get(), end));
    }

    void read(long bytes) {
        bytesRead.addAndGet(bytes);
    }

    void count(NamedChunk chunk, boolean inPredecessor) {
        (inPredecessor ? bytesUnchanged : bytesNew).addAndGet(chunk.slice().size());
        boolean sent = chunk.state() == NamedChunk.State.SENT;
        (sent ? chunksSent : chunksReused).incrementAndGet();
        (sent ? bytesSent : bytesReused).addAndGet(chunk.storedSize());
    }

    /** What is new in a snapshot is counted for one capture alone. */
    void discardCapture() {
        capturesDiscarded.incrementAndGet();
        bytesNew.set(0);
        bytesUnchanged.set(0);
    }

    /** Captures that were held for too long, and taken anew. */
    public long capturesDiscarded() {
        return capturesDiscarded.get();
    }

    /** Bytes read from the capture to hash them. */
    public long bytesRead() {
        return bytesRead.get();
    }

    /** Chunks that this run stored. */
    public long chunksSent() {
        return chunksSent.get();
    }

    /** Bytes that this run stored for them. */
    public long bytesSent() {
        return bytesSent.get();
    }

    /** Chunks that were stored before. */
    public long chunksReused() {
        return chunksReused.get();
    }

    /** Bytes that were stored for them. */
    public long bytesReused() {
        return bytesReused.get();
    }

    /** Bytes of the chunks that the snapshot before does not have, whoever stored them. */
    public long bytesNew() {
        return bytesNew.get();
    }

    /** Bytes of the chunks that the snapshot before has. */
    public long bytesUnchanged() {
        return bytesUnchanged.get();
    }
}
