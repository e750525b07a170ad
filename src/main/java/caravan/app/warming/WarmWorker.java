package caravan.app.warming;

import caravan.alert.Alert;
import caravan.alert.Severity;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.WarmJobFormat;
import caravan.pace.Waiting;
import caravan.warm.Region;
import caravan.warm.WarmJob;
import caravan.warm.WarmPlan;
import caravan.warm.WarmResult;
import caravan.warm.WarmRules;
import caravan.warm.WarmRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does warm-up jobs that come through a queue, for publishers that are elsewhere. Bean {@code warmWorker}; safe for
 * many threads.
 *
 * <p>A queue delivers at least once: a job that was done a moment ago is answered again and not done again. One that
 * nobody waits for any more is dropped, and one that takes longer than somebody waits is ended. What is no job, is one
 * of another public URL, or was delivered too often goes to the dead letters, and people hear of it once.
 */
public final class WarmWorker {

    /** Event of an alert: a message of a queue went to the dead letters. */
    public static final String JOB_BURIED = "warm-job-buried";

    /** Name under which a worker fetches. */
    public static final String REGION = "worker";

    private static final Logger LOG = LoggerFactory.getLogger(WarmWorker.class);

    private static final int REMEMBERED = 200;

    private static final String STOPPED = "the worker was stopped";

    private final URI publicUrl;

    private final Region region;

    private final VantageClient client;

    private final WarmRules rules;

    private final Path plans;

    private final int maxDeliveries;

    private final Clock clock;

    private final Map<String, WarmResult> done = new LinkedHashMap<>();

    private final Set<JobWork> underWay = ConcurrentHashMap.newKeySet();

    private volatile JobListener listener = (outcome, came, missed, bytes) -> {};

    private volatile boolean stopping;

    /**
     * A worker that fetches from {@code publicUrl} alone.
     *
     * @param region how it is reached
     * @param plans directory for lists of objects, which have no name
     * @param maxDeliveries beyond them a job counts as one that nobody can do
     */
    public WarmWorker(
            URI publicUrl,
            Region region,
            VantageClient client,
            WarmRules rules,
            Path plans,
            int maxDeliveries,
            Clock clock) {
        this.publicUrl = publicUrl;
        this.region = region;
        this.client = client;
        this.rules = rules;
        this.plans = plans;
        this.maxDeliveries = maxDeliveries;
        this.clock = clock;
    }

    /** Lets {@code hearer} hear what becomes of jobs from now on, in place of another one. */
    public void tell(JobListener hearer) {
        listener = hearer;
    }

    /** Looks at a message, and begins the job if it is one. Called by route {@code do-job}. */
    public JobWork open(@Body String message, @Header("ApproximateReceiveCount") Integer deliveries)
            throws CaravanException {
        if (stopping) {
            throw new TransientException(
                    "take a warm-up job: the worker was stopped", "the queue gives it to another one");
        }
        WarmJob job;
        try {
            job = WarmJobFormat.job(message);
        } catch (DamagedException e) {
            return JobWork.forTheDead(message, Optional.empty(), e.getMessage());
        }
        if (!withSlash(job.publicUrl()).equals(withSlash(publicUrl))) {
            return JobWork.forTheDead(
                    message, Optional.of(job), "it is about " + job.publicUrl() + ", this worker fetches " + publicUrl);
        }
        Optional<WarmResult> known = known(job.id());
        if (known.isPresent()) {
            listener.over(JobListener.Outcome.REPEATED, 0, 0, 0);
            return JobWork.of(message, job).knownAs(known.get());
        }
        if (job.isOver(clock.instant())) {
            LOG.warn(
                    "job {} for {}: dropped, nobody waits for it since {}",
                    job.id(),
                    job.database(),
                    job.notAfter().orElseThrow());
            listener.over(JobListener.Outcome.LATE, 0, 0, 0);
            return JobWork.of(message, job).knownAs(JobWork.noneOf(job, "a worker took it when its time was over"));
        }
        if (deliveries != null && deliveries > maxDeliveries) {
            return JobWork.forTheDead(
                    message, Optional.of(job), (deliveries - 1) + " workers took it, and none came to its end");
        }
        return begin(message, job);
    }

    /**
     * Ends the job and gives the message for the publisher; {@code null} if there is none. Called by route {@code
     * do-job}.
     */
    public String finish(@Variable("job") JobWork work) throws CaravanException {
        underWay.remove(work);
        work.run().ifPresent(run -> run.finish(run.regions().get(0)));
        if (stopping && work.run().isPresent()) {
            throw new TransientException(
                    "warm-up job " + work.job().orElseThrow().id() + ": the worker was stopped",
                    "the queue gives it to another one");
        }
        Optional<WarmResult> result = work.result();
        if (result.isEmpty()) {
            return null;
        }
        if (work.run().isPresent()) {
            remember(result.get());
            listener.over(
                    JobListener.Outcome.DONE,
                    result.get().came().size(),
                    result.get().missed().size(),
                    work.bytes());
            LOG.info(
                    "job {} for {}: {} of {} objects came",
                    result.get().job(),
                    work.job().orElseThrow().database(),
                    result.get().came().size(),
                    work.job().orElseThrow().items().size());
        }
        return WarmJobFormat.write(result.get());
    }

    /** What people are told of a message that went to the dead letters. Called by route {@code do-job}. */
    public Alert describe(@Variable("job") JobWork work) {
        LOG.warn("a message went to the dead letters: {}", work.refusal());
        listener.over(JobListener.Outcome.BURIED, 0, 0, 0);
        return new Alert(
                JOB_BURIED,
                Severity.WARNING,
                Alert.Lasts.NOT,
                work.job().map(job -> job.database().value()).orElse(""),
                "warm-up worker",
                "a message went to the dead letters: " + work.refusal(),
                "look at the queue of dead letters; what is right in it may be moved back",
                "",
                clock.instant());
    }

    /** Ends what is under way soon; the queue gives it to other workers. */
    public void stop() {
        stopping = true;
        underWay.forEach(work -> work.run().ifPresent(run -> run.end(STOPPED)));
        client.close();
    }

    private JobWork begin(String message, WarmJob job) throws CaravanException {
        WarmPlan plan;
        try {
            plan = plan(job);
        } catch (IOException e) {
            throw new FailedException(
                    "write the list of objects of a job in " + plans + ": " + e,
                    "the state directory must be writable and have space",
                    e);
        }
        if (plan.size() != job.items().size()) {
            return JobWork.forTheDead(message, Optional.of(job), "it names an object twice");
        }
        JobWork work = JobWork.of(message, job);
        WarmRun run = new WarmRun(
                job.database(),
                job.snapshot(),
                publicUrl,
                plan,
                List.of(region),
                rules.once(job.again(), timeFor(job)),
                0,
                Waiting.REAL,
                work);
        client.renew();
        JobWork begun = work.by(run);
        underWay.add(begun);
        if (stopping) {
            // It came when the others were ended already.
            run.end(STOPPED);
        }
        return begun;
    }

    private Duration timeFor(WarmJob job) {
        return job.notAfter().map(end -> Duration.between(clock.instant(), end)).orElse(rules.deadline());
    }

    private WarmPlan plan(WarmJob job) throws IOException {
        Files.createDirectories(plans);
        WarmPlan plan = WarmPlan.create(plans);
        for (WarmJob.Item item : job.items()) {
            plan.add(item.chunk());
        }
        return plan.complete();
    }

    private Optional<WarmResult> known(String id) {
        synchronized (done) {
            return Optional.ofNullable(done.get(id));
        }
    }

    private void remember(WarmResult result) {
        synchronized (done) {
            done.put(result.job(), result);
            if (done.size() > REMEMBERED) {
                done.remove(done.keySet().iterator().next());
            }
        }
    }

    private static String withSlash(URI url) {
        return url.toString().endsWith("/") ? url.toString() : url + "/";
    }
}
