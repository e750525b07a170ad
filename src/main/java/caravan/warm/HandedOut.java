package caravan.warm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The jobs of one region that workers have and have not done: makes them of a round, takes their results, and knows when
 * the last one is back. What comes twice, or for a job that is not known here, is passed over, as queues deliver at least
 * once. Two dozen bytes in memory for each object that is under way. Safe for many threads.
 */
public final class HandedOut {

    private static final long SLICE_MILLIS = 100;

    private final RegionWarming region;

    private final int jobSize;

    private final Map<String, Job> open = new HashMap<>();

    private long heardAt;

    private record Job(List<Long> indexes, boolean again, long wave) {}

    /**
     * Nothing is handed out yet.
     *
     * @param jobSize objects of one job
     */
    public HandedOut(RegionWarming region, int jobSize) {
        this.region = region;
        this.jobSize = Math.min(jobSize, WarmJob.MAX_ITEMS);
    }

    /** The jobs of the region's next round; each counts as handed out once it was asked for. */
    public Iterator<WarmJob> nextRound() {
        Iterator<WarmTask> tasks = region.nextRound();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return tasks.hasNext();
            }

            @Override
            public WarmJob next() {
                List<WarmTask> some = new ArrayList<>();
                while (some.size() < jobSize && (some.isEmpty() || tasks.hasNext())) {
                    some.add(tasks.next());
                }
                return handOut(some);
            }
        };
    }

    /** Whether a job is still open. */
    public synchronized boolean isWaiting() {
        return !open.isEmpty();
    }

    /** Takes a result; says whether it was that of a job which is open here. */
    public synchronized boolean take(WarmResult result) {
        Job job = open.remove(result.job());
        if (job == null) {
            return false;
        }
        Map<Long, Object> answers = new HashMap<>();
        result.missed().forEach(missed -> answers.put(missed.index(), missed));
        result.came().forEach(came -> answers.put(came.index(), came));
        note(job, answers, "no worker asked for it");
        heardAt = System.nanoTime();
        notifyAll();
        return true;
    }

    /**
     * Returns when every job is back, or the region's time is over.
     *
     * @param patience how long no result may come before what is still out counts as not done
     */
    public synchronized void await(Duration patience) throws InterruptedException {
        while (!open.isEmpty() && region.isGoing()) {
            if (System.nanoTime() - heardAt > patience.toNanos()) {
                List<Job> lost = List.copyOf(open.values());
                open.clear();
                lost.forEach(job -> note(job, Map.of(), "no worker answered in time"));
                return;
            }
            wait(SLICE_MILLIS);
        }
        open.clear();
    }

    private void note(Job job, Map<Long, Object> answers, String otherwise) {
        for (long index : job.indexes()) {
            WarmTask task = taskOf(index, job.again());
            Object answer = answers.get(index);
            if (answer instanceof WarmResult.Came came) {
                region.seen(task, new Observation(task.object().size(), came.answer(), came.firstByteMicros() * 1000));
            } else if (answer instanceof WarmResult.Missed missed) {
                region.failed(task, job.wave(), new WarmFault(task.object().path(), missed.pop(), missed.what()));
            } else {
                region.failed(task, job.wave(), new WarmFault(task.object().path(), "", otherwise));
            }
        }
    }

    private WarmJob handOut(List<WarmTask> tasks) {
        String id = UUID.randomUUID().toString();
        boolean again = tasks.get(0).again();
        List<WarmJob.Item> items = new ArrayList<>();
        try {
            for (WarmTask task : tasks) {
                items.add(new WarmJob.Item(task.index(), region.run().plan().chunkAt(task.index())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the plan of " + region.run().snapshot(), e);
        }
        synchronized (this) {
            heardAt = System.nanoTime();
            open.put(id, new Job(tasks.stream().map(WarmTask::index).toList(), again, region.wave()));
        }
        WarmRun run = region.run();
        return new WarmJob(id, run.database(), run.snapshot(), region.region().name(), run.publicUrl(), again, items);
    }

    private WarmTask taskOf(long index, boolean again) {
        try {
            return new WarmTask(region, index, region.run().plan().read(index), again);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot read the plan of " + region.run().snapshot(), e);
        }
    }
}
