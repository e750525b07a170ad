package caravan.restore.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Several sources of the same objects, used as one. None has to be trusted: who asks checks what comes.
 *
 * <p>Each object is asked of the source that has least to do for what it delivers, measured while it delivers. If an
 * attempt fails, in the middle of a transfer or because the bytes are wrong, the next one goes to a source that was not
 * asked for this object yet, at once; only when all have failed is it a failure that counts. A source that sends wrong
 * bytes again and again, or is far slower than another, is dropped, unless it is the last. A source that does not
 * answer rests for a while.
 */
public final class SourcePool implements ObjectSource {

    /** A transfer is given up if another source is this much faster. */
    private static final double FAR_FASTER = 10;

    /** Transfers at a time from a source of which nothing is known, beside one that is known. */
    private static final int UNKNOWN_AT_A_TIME = 2;

    private final List<PooledSource> members;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final Map<String, Round> rounds = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * A source and its name.
     *
     * @param name its base, for people
     */
    public record Named(String name, ObjectSource source) {}

    /** Which sources were asked for one object, and what they said. */
    private static final class Round {

        private final List<PooledSource> asked = new ArrayList<>();
        private final List<AttemptFailure> failures = new ArrayList<>();
    }

    /**
     * These sources; they are closed with it.
     *
     * @param patience how long a transfer may go on before it is compared with what others deliver
     */
    public SourcePool(List<Named> sources, Duration patience) {
        this(sources, patience, System::nanoTime);
    }

    SourcePool(List<Named> sources, Duration patience, LongSupplier nanoTime) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("at least one source");
        }
        this.members = sources.stream()
                .map(source -> new PooledSource(source.source(), source.name(), nanoTime))
                .toList();
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /** Number of sources, dropped ones included. */
    public int size() {
        return members.size();
    }

    /** The source with this number alone, for what each of them has to say for itself. It is closed with the pool. */
    public ObjectSource member(int index) {
        return members.get(index).source();
    }

    /** Base of the source with this number, for people. */
    public String name(int index) {
        return members.get(index).name();
    }

    /** Asks this source no more, if another is left. */
    public void drop(int index, String reason) {
        PooledSource member = members.get(index);
        if (hasOthers(member)) {
            member.drop(reason);
        } else {
            member.remark(reason);
        }
    }

    /** Asks this source for a while only what no other has. */
    public void rest(int index, String reason) {
        members.get(index).rest(reason);
    }

    /** Says something about a source that does not keep it from being asked. */
    public void remark(int index, String text) {
        members.get(index).remark(text);
    }

    /** What each source has delivered so far. */
    public List<SourceReport> reports() {
        return members.stream().map(PooledSource::report).toList();
    }

    /** Where the first source has the object. */
    @Override
    public String locate(String path) {
        return members.get(0).source().locate(path);
    }

    @Override
    public ObjectStream open(ObjectRequest request) throws AttemptFailure {
        PooledSource member = choose(request.path());
        member.begin();
        long begin = nanoTime.getAsLong();
        try {
            ObjectStream stream = member.source().open(request);
            return new PooledStream(this, member, request, stream, nanoTime.getAsLong() - begin);
        } catch (AttemptFailure e) {
            member.end();
            throw failed(member, request.path(), e);
        }
    }

    @Override
    public long sizeOf(String path) throws AttemptFailure {
        PooledSource member = choose(path);
        member.begin();
        try {
            long size = member.source().sizeOf(path);
            rounds.remove(path);
            return size;
        } catch (AttemptFailure e) {
            throw failed(member, path, e);
        } finally {
            member.end();
        }
    }

    @Override
    public void close() {
        closed = true;
        members.forEach(member -> member.source().close());
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** All of the object came from {@code member}, and nobody complained. */
    void succeeded(PooledSource member, String path) {
        member.succeeded();
        rounds.remove(path);
    }

    /** The failure to report: one after which another source is asked, or what all of them said. */
    AttemptFailure failed(PooledSource member, String path, AttemptFailure failure) {
        member.failed(failure, hasOthers(member));
        Round round = rounds.computeIfAbsent(path, key -> new Round());
        synchronized (round) {
            round.asked.add(member);
            round.failures.add(failure);
            if (!closed && !candidates(round).isEmpty()) {
                return failure.another();
            }
            rounds.remove(path, round);
            return worst(round.failures);
        }
    }

    /** What waiting longest for may help, with what the others said. */
    private static AttemptFailure worst(List<AttemptFailure> failures) {
        AttemptFailure worst = failures.stream()
                .min((one, other) -> one.kind().compareTo(other.kind()))
                .orElseThrow();
        StringBuilder message = new StringBuilder(worst.getMessage());
        failures.stream().filter(failure -> failure != worst).forEach(failure -> message.append("; and ")
                .append(failure.getMessage()));
        return failures.size() == 1 ? worst : worst.saying(message.toString());
    }

    private PooledSource choose(String path) {
        Round round = rounds.getOrDefault(path, new Round());
        List<PooledSource> candidates;
        synchronized (round) {
            candidates = candidates(round);
        }
        List<PooledSource> choice = candidates.isEmpty() ? usable() : candidates;
        List<PooledSource> awake =
                choice.stream().filter(member -> !member.isResting()).toList();
        return leastBusy(awake.isEmpty() ? choice : awake);
    }

    /** The one whose next transfer ends first, as far as can be told. */
    private PooledSource leastBusy(List<PooledSource> choice) {
        double best = choice.stream().mapToDouble(PooledSource::rate).max().orElse(0);
        PooledSource chosen = choice.get(0);
        double least = Double.MAX_VALUE;
        for (PooledSource member : choice) {
            boolean unknown = member.rate() == 0;
            boolean enough = unknown && best > 0 && member.underWay() >= UNKNOWN_AT_A_TIME;
            double rate = unknown ? Math.max(1, best) : member.rate();
            double busy = enough ? Double.MAX_VALUE : (member.underWay() + 1) / rate;
            boolean worthATry = busy == least && unknown && chosen.rate() > 0;
            if (busy < least || worthATry) {
                least = busy;
                chosen = member;
            }
        }
        return chosen;
    }

    private List<PooledSource> candidates(Round round) {
        return usable().stream().filter(member -> !round.asked.contains(member)).toList();
    }

    private List<PooledSource> usable() {
        List<PooledSource> usable =
                members.stream().filter(member -> !member.isDropped()).toList();
        return usable.isEmpty() ? members : usable;
    }

    private boolean hasOthers(PooledSource member) {
        return members.stream().anyMatch(other -> other != member && !other.isDropped());
    }

    /**
     * Fails a transfer that has gone on for long, if another source would have delivered it long ago.
     *
     * @param read bytes so far
     * @param nanos in which we waited for them
     */
    void requireSpeed(PooledSource member, String name, long read, long nanos) throws AttemptFailure {
        if (nanos < patience.toNanos() || members.size() == 1) {
            return;
        }
        double rate = read * 1e9 / nanos;
        for (PooledSource other : usable()) {
            if (other != member && !other.isResting() && other.rate() > FAR_FASTER * rate) {
                String comparison = String.format(
                        Locale.ROOT, "slow: %,d bytes a second, where %s gives %,d", (long) rate, other.name(), (long)
                                other.rate());
                member.wasSlow(comparison, true);
                throw new AttemptFailure(
                        AttemptFailure.Kind.UNAVAILABLE, name + " was given up: " + comparison, "", null);
            }
        }
    }
}
