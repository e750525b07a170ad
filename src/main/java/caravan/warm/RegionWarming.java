package caravan.warm;

import caravan.failure.TransientException;
import caravan.pace.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The warm-up of one region: which object is next, what is known of those that were fetched, and when it is over. It
 * goes in rounds: all objects of the plan in an order of its own, then those that failed, a few times, then a sample of
 * those that came once more. Route {@code warm-region} does one round after the other while it {@link #isUnfinished};
 * objects of one round are fetched by many threads.
 *
 * <p>It takes the same memory for any number of objects.
 */
public final class RegionWarming {

    private static final Logger LOG = LoggerFactory.getLogger(RegionWarming.class);

    private static final long PAUSE_SLICE = TimeUnit.MILLISECONDS.toNanos(100);

    private final Region region;

    private final WarmRun run;

    private final WarmRules rules;

    private final Waiting time;

    private final TaskListener listener;

    private final Rounds rounds;

    private final Circuit circuit;

    private final FaultLog faults = new FaultLog();

    private final PassTally cold = new PassTally();

    private final PassTally warm = new PassTally();

    private final RegionOutcome outcome;

    private final AtomicReference<String> stopped = new AtomicReference<>("");

    private long deadline = Long.MAX_VALUE;

    private volatile boolean finished;

    private volatile boolean calledOff;

    private volatile boolean givenUp;

    RegionWarming(Region region, WarmRun run, WarmRules rules, long seed, Waiting time, TaskListener listener) {
        this.region = region;
        this.run = run;
        this.rules = rules;
        this.time = time;
        this.listener = listener;
        this.rounds = new Rounds(run.plan().size(), rules, seed);
        this.outcome = new RegionOutcome(region, run, rounds, faults, cold, warm);
        this.circuit = new Circuit(rules.giveUpAfter(), rules.firstPause(), rules.longestPause());
    }

    /** Which region it is. */
    public Region region() {
        return region;
    }

    /** The run that it is part of. */
    public WarmRun run() {
        return run;
    }

    /** Address of the route that warms this region. Called by route {@code warm-new-chunks}. */
    public String address() {
        return "seda:warm-" + region.name() + "?waitForTaskToComplete=Never";
    }

    /** Whether there is another round. Called by route {@code warm-region} between two of them. */
    public synchronized boolean isUnfinished() {
        return !rounds.isOver() && isGoing();
    }

    /** The objects of the next round. Called by route {@code warm-region}. */
    public synchronized Iterator<WarmTask> nextRound() {
        long now = time.nanoTime();
        Rounds.Round round = rounds.next();
        if (round.isFirst()) {
            deadline = now + rules.deadline().toNanos();
            cold.begin(now);
        }
        if (round.again()) {
            cold.pause(now);
            warm.begin(now);
        }
        return new RoundTasks(this, round);
    }

    /**
     * Returns when the next fetch may begin, and says which wave it belongs to. It waits while the region fails.
     *
     * @throws WarmStoppedException if the region's time is over
     */
    public long awaitTurn() throws InterruptedException, WarmStoppedException {
        long pause = circuit.pauseNanos(time.nanoTime());
        while (pause > 0) {
            requireGoing();
            time.sleep(Math.min(pause, PAUSE_SLICE));
            pause = circuit.pauseNanos(time.nanoTime());
        }
        requireGoing();
        return circuit.wave();
    }

    /**
     * Ends a fetch whose region's time is over.
     *
     * @throws WarmStoppedException if it is
     */
    public void requireGoing() throws WarmStoppedException {
        if (!isGoing()) {
            throw new WarmStoppedException(region.name(), stopped.get());
        }
    }

    /** Notes an object that did not come. */
    public void failed(WarmTask task, long wave, Throwable failure) {
        if (failure instanceof WarmStoppedException || !isGoing()) {
            return;
        }
        LOG.debug("{}: {} failed", region.name(), task.object().path(), failure);
        if (failure instanceof EdgeFaultException edge) {
            failed(task, wave, edge.fault(), edge.isElsewhere());
        } else {
            failed(task, wave, new WarmFault(task.object().path(), "", FaultLog.wordsFor(failure)), false);
        }
    }

    /** Notes an object that a worker did not get. */
    void failed(WarmTask task, long wave, WarmFault fault) {
        if (isGoing()) {
            failed(task, wave, fault, fault.isElsewhere());
        }
    }

    private void failed(WarmTask task, long wave, WarmFault fault, boolean elsewhere) {
        faults.add(fault, elsewhere);
        listener.missed(task, fault);
        if (!task.again()) {
            rounds.failed(task.index());
        }
        circuit.failed(wave, time.nanoTime());
        if (circuit.isGivenUp()) {
            stop("given up after " + rules.giveUpAfter() + " failures in a row: " + faults.last());
        }
    }

    /** Notes bytes that were read for {@code task}, whatever becomes of it. */
    void moved(WarmTask task, long bytes) {
        if (bytes > 0) {
            listener.moved(task, bytes);
        }
    }

    /** See {@link TaskListener#setAside}. */
    boolean setAside(long objects, long bytes) {
        return listener.setAside(this, objects, bytes);
    }

    /** See {@link TaskListener#giveBack}. */
    void giveBack(long objects, long bytes) {
        listener.giveBack(this, objects, bytes);
    }

    /** How much of its time is left. */
    synchronized Duration left() {
        return Duration.ofNanos(deadline - time.nanoTime());
    }

    /** Number of the wave that an attempt belongs to which begins now. */
    long wave() {
        return circuit.wave();
    }

    /** Ends it soon, which is nobody's fault. */
    void callOff(String reason) {
        calledOff = true;
        stop(reason);
    }

    /** Ends it soon, with what has come so far, because its objects cannot be asked for at all. */
    public void giveUp(String reason) {
        givenUp = true;
        stop(reason);
    }

    /** Ends it soon, with what has come so far. */
    private void stop(String reason) {
        stopped.compareAndSet("", reason);
    }

    /** Notes that it is over. Called when no fetch is under way any more. */
    void finish() {
        long now = time.nanoTime();
        cold.pause(now);
        warm.pause(now);
        finished = true;
    }

    /** Whether it ended before its time, which was nobody's fault. */
    public boolean isCalledOff() {
        return calledOff;
    }

    /** Some of the objects that came, as a job that looks at them again; empty if none came. */
    public Optional<WarmJob> sample() throws IOException {
        List<WarmJob.Item> items = new ArrayList<>();
        for (long index : rounds.sample(WarmJob.MAX_ITEMS)) {
            items.add(new WarmJob.Item(index, run.plan().chunkAt(index)));
        }
        return items.isEmpty()
                ? Optional.empty()
                : Optional.of(new WarmJob(
                        UUID.randomUUID().toString(),
                        run.database(),
                        run.snapshot(),
                        region.name(),
                        run.publicUrl(),
                        true,
                        Optional.empty(),
                        items));
    }

    boolean isFinished() {
        return finished;
    }

    /**
     * Lets pass what people need not hear of. Called by route {@code warm-region}.
     *
     * @throws TransientException with the whole story in one line if it did not go well
     */
    public void requireWarm() throws TransientException {
        if (!calledOff) {
            outcome.requireWarm(report());
        }
    }

    /** How it stands now. */
    public RegionReport report() {
        return outcome.report(time.nanoTime(), finished, stopped.get(), givenUp);
    }

    /** Notes an object that came whole. */
    void seen(WarmTask task, Observation observation) {
        circuit.succeeded();
        faults.answeredBy(observation.answer().pop());
        listener.came(task, observation);
        if (task.again()) {
            warm.add(observation);
            return;
        }
        cold.add(observation);
        rounds.came(task.index());
    }

    boolean isGoing() {
        if (stopped.get().isEmpty() && time.nanoTime() - deadline > 0) {
            stop("its deadline was over");
        }
        return stopped.get().isEmpty();
    }
}
