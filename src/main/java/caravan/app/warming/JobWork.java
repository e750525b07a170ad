package caravan.app.warming;

import caravan.snapshot.DatabaseName;
import caravan.warm.Observation;
import caravan.warm.RegionWarming;
import caravan.warm.TaskListener;
import caravan.warm.WarmFault;
import caravan.warm.WarmJob;
import caravan.warm.WarmResult;
import caravan.warm.WarmRun;
import caravan.warm.WarmTask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A message that a worker took from a queue, and what became of it. Routes ask it; safe for many threads. */
public final class JobWork implements TaskListener {

    private final String message;

    private final Optional<WarmJob> job;

    private final String refusal;

    private final List<WarmResult.Came> came = new ArrayList<>();

    private final List<WarmResult.Missed> missed = new ArrayList<>();

    /** Bytes of objects that were read, by their place in the job. */
    private final Map<Long, Long> moved = new HashMap<>();

    private Optional<WarmRun> run = Optional.empty();

    private Optional<WarmResult> before = Optional.empty();

    private JobWork(String message, Optional<WarmJob> job, String refusal) {
        this.message = message;
        this.job = job;
        this.refusal = refusal;
    }

    /** A job that is to be done. */
    static JobWork of(String message, WarmJob job) {
        return new JobWork(message, Optional.of(job), "");
    }

    /**
     * A message that nobody must try again, with the reason. Not named as {@link #isRefused}: Camel would take either.
     */
    static JobWork forTheDead(String message, Optional<WarmJob> job, String reason) {
        return new JobWork(message, job, reason);
    }

    /** Does it by {@code work}, whose only region fetches the job's objects in their order. */
    JobWork by(WarmRun work) {
        run = Optional.of(work);
        return this;
    }

    /** It was done before, and this came of it. */
    JobWork knownAs(WarmResult result) {
        before = Optional.of(result);
        return this;
    }

    /** The message as it came. */
    public String message() {
        return message;
    }

    /** Whether it belongs among the dead letters. Called by route {@code do-job}. */
    public boolean isRefused() {
        return !refusal.isEmpty();
    }

    /** Whether there is another round. Called by route {@code do-job} between two of them. */
    public boolean isUnfinished() {
        return run.isPresent() && region().isUnfinished();
    }

    /** The objects of the next round. Called by route {@code do-job}. */
    public Iterator<WarmTask> nextRound() {
        return run.isPresent() ? region().nextRound() : Collections.emptyIterator();
    }

    @Override
    public synchronized void came(WarmTask task, Observation seen) {
        came.add(new WarmResult.Came(indexOf(task), seen.answer(), seen.firstByteNanos() / 1000));
    }

    @Override
    public synchronized void moved(WarmTask task, long bytes) {
        moved.put(task.index(), bytes);
    }

    @Override
    public synchronized void missed(WarmTask task, WarmFault fault) {
        missed.add(
                new WarmResult.Missed(indexOf(task), fault.pop(), fault.what(), moved.getOrDefault(task.index(), 0L)));
    }

    /** That were read for it so far. */
    synchronized long bytes() {
        return moved.values().stream().mapToLong(Long::longValue).sum();
    }

    String refusal() {
        return refusal;
    }

    Optional<WarmJob> job() {
        return job;
    }

    /** Whose chunks it is about; nothing if the message was no job. */
    public Optional<DatabaseName> database() {
        return job.map(WarmJob::database);
    }

    Optional<WarmRun> run() {
        return run;
    }

    /** What came of it, for the publisher; nothing if the message was no job. */
    synchronized Optional<WarmResult> result() {
        if (before.isPresent() || job.isEmpty()) {
            return before;
        }
        if (isRefused()) {
            return Optional.of(noneOf(job.get(), "no worker could do it"));
        }
        return Optional.of(new WarmResult(job.get().id(), came, missed));
    }

    /** What is answered for a job of which nothing was asked for. */
    static WarmResult noneOf(WarmJob job, String why) {
        return new WarmResult(
                job.id(),
                List.of(),
                job.items().stream()
                        .map(item -> new WarmResult.Missed(item.index(), "", why, 0))
                        .toList());
    }

    private RegionWarming region() {
        return run.orElseThrow().regions().get(0);
    }

    private long indexOf(WarmTask task) {
        return job.orElseThrow().items().get((int) task.index()).index();
    }
}
