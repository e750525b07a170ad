package caravan.warm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The jobs of one region that workers have and have not done: makes them of a round, takes their results, and knows
 * when the last one is back. What comes twice, or for a job that is not known here, is passed over, as queues deliver
 * at least once. Two dozen bytes in memory for each object that is under way. Safe for many threads.
 *
 * <p>A job cannot be called back once it is in a queue. So not more than {@value #MOST_OPEN} are out at a time, none
 * that cannot be paid for, and each says until when somebody waits for it.
 */
public final class HandedOut {

    /** Enough for a hundred workers, each with one job in hand and one ahead. */
    static final int MOST_OPEN = 200;

    private static final long SLICE_MILLIS = 100;

    private final RegionWarming region;

    private final String publisher;

    private final int jobSize;

    private final Duration patience;

    private final Clock clock;

    private final Map<String, Job> open = new HashMap<>();

    private long heardAt = System.nanoTime();

    private record Job(List<Long> indexes, long bytes, boolean again, long wave) {}

    /**
     * Nothing is handed out yet.
     *
     * @param publisher eight hexadecimal digits with which the names of its jobs begin
     * @param jobSize objects of one job
     * @param patience how long no result may come before what is still out counts as not done
     */
    public HandedOut(RegionWarming region, String publisher, int jobSize, Duration patience, Clock clock) {
        this.region = region;
        this.publisher = publisher;
        this.jobSize = Math.min(jobSize, WarmJob.MAX_ITEMS);
        this.patience = patience;
        this.clock = clock;
    }

    /** What the jobs of the region's next round are to be made of; nothing is handed out yet. Asked by one thread. */
    public Iterator<Batch> nextRound() {
        Iterator<WarmTask> tasks = region.nextRound();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return tasks.hasNext();
            }

            @Override
            public Batch next() {
                List<WarmTask> some = new ArrayList<>();
                while (some.size() < jobSize && (some.isEmpty() || tasks.hasNext())) {
                    some.add(tasks.next());
                }
                return new Batch(some);
            }
        };
    }

    /** The job that is made of {@code batch}, when there is room for it; none if the region's time is over before. */
    public Optional<WarmJob> handOut(Batch batch) throws InterruptedException {
        String id = publisher + UUID.randomUUID().toString().substring(publisher.length());
        WarmRun run = region.run();
        boolean again = batch.tasks().get(0).again();
        List<WarmJob.Item> items = new ArrayList<>();
        try {
            for (WarmTask task : batch.tasks()) {
                items.add(new WarmJob.Item(task.index(), run.plan().chunkAt(task.index())));
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        synchronized (this) {
            boolean room = hasRoomFor(batch);
            while (!room && region.isGoing()) {
                wait(SLICE_MILLIS);
                giveUpWhatIsLost();
                room = hasRoomFor(batch);
            }
            if (!room) {
                return Optional.empty();
            }
            heardAt = System.nanoTime();
            List<Long> indexes = batch.tasks().stream().map(WarmTask::index).toList();
            open.put(id, new Job(indexes, batch.bytes(), again, region.wave()));
        }
        return Optional.of(new WarmJob(
                id,
                run.database(),
                run.snapshot(),
                region.region().name(),
                run.publicUrl(),
                again,
                Optional.of(notAfter()),
                items));
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

    /** Returns when every job is back, or counts as not done, or the region's time is over. */
    public synchronized void await() throws InterruptedException {
        giveUpWhatIsLost();
        while (!open.isEmpty() && region.isGoing()) {
            wait(SLICE_MILLIS);
            giveUpWhatIsLost();
        }
        open.values().forEach(job -> region.giveBack(job.indexes().size(), job.bytes()));
        open.clear();
    }

    /** What is out counts as not done if nothing was heard for too long. */
    private void giveUpWhatIsLost() {
        if (!open.isEmpty() && System.nanoTime() - heardAt > patience.toNanos()) {
            List<Job> lost = List.copyOf(open.values());
            open.clear();
            lost.forEach(job -> note(job, Map.of(), "no worker answered in time"));
        }
    }

    private void note(Job job, Map<Long, Object> answers, String otherwise) {
        region.giveBack(job.indexes().size(), job.bytes());
        for (long index : job.indexes()) {
            WarmTask task = taskOf(index, job.again());
            Object answer = answers.get(index);
            if (answer instanceof WarmResult.Came came) {
                region.moved(task, task.object().size());
                region.seen(task, new Observation(task.object().size(), came.answer(), came.firstByteMicros() * 1000));
            } else if (answer instanceof WarmResult.Missed missed) {
                region.moved(task, missed.bytes());
                region.failed(task, job.wave(), new WarmFault(task.object().path(), missed.pop(), missed.what()));
            } else {
                region.failed(task, job.wave(), new WarmFault(task.object().path(), "", otherwise));
            }
        }
    }

    private WarmTask taskOf(long index, boolean again) {
        try {
            return new WarmTask(region, index, region.run().plan().read(index), again);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private UncheckedIOException unreadable(IOException e) {
        return new UncheckedIOException(
                "cannot read the plan of " + region.run().snapshot(), e);
    }

    private boolean hasRoomFor(Batch batch) {
        return region.isGoing()
                && open.size() < MOST_OPEN
                && region.setAside(batch.tasks().size(), batch.bytes());
    }

    /** In whole seconds, as messages have it, and not too early. */
    private Instant notAfter() {
        return clock.instant()
                .plus(region.left())
                .truncatedTo(ChronoUnit.SECONDS)
                .plusSeconds(1);
    }

    /** Objects that one job is to be made of. */
    public static final class Batch {

        private final List<WarmTask> tasks;

        private Batch(List<WarmTask> tasks) {
            this.tasks = tasks;
        }

        private List<WarmTask> tasks() {
            return tasks;
        }

        private long bytes() {
            return tasks.stream().mapToLong(task -> task.object().size()).sum();
        }
    }
}
