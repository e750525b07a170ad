package caravan.app.warming;

import caravan.warm.BodyCheck;
import caravan.warm.EdgeAnswer;
import caravan.warm.EdgeFaultException;
import caravan.warm.RegionWarming;
import caravan.warm.WarmRun;
import caravan.warm.WarmStoppedException;
import caravan.warm.WarmTask;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works through a warm-up now, all regions at once, as a command does: without a publication that waits for it, and
 * without routes. What is fetched, in which order and how often, and what counts, is the same.
 */
public final class WarmNow {

    private static final Logger LOG = LoggerFactory.getLogger(WarmNow.class);

    private final Map<String, VantageClient> clients;

    private final BodyCheck check;

    private final int parallelism;

    /**
     * For any number of warm-ups, one after the other.
     *
     * @param clients the connections of each region, by its name
     * @param parallelism fetches of each region at once
     */
    public WarmNow(Map<String, VantageClient> clients, BodyCheck check, int parallelism) {
        this.clients = Map.copyOf(clients);
        this.check = check;
        this.parallelism = parallelism;
    }

    /** Returns when every region of {@code run} is finished, or soon after the thread is interrupted. */
    public void work(WarmRun run) throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Callable<Void>> regions = run.regions().stream()
                    .map(region -> (Callable<Void>) () -> work(region, threads))
                    .toList();
            for (Future<Void> region : threads.invokeAll(regions)) {
                region.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a warm-up broke off", e.getCause());
        } catch (InterruptedException e) {
            run.end("it was broken off");
            throw e;
        } finally {
            threads.shutdownNow();
        }
    }

    private Void work(RegionWarming region, ExecutorService threads)
            throws IOException, InterruptedException, ExecutionException {
        VantageClient connections = clients.get(region.region().name());
        connections.renew();
        HttpClientBuilder builder = HttpClientBuilder.create();
        connections.configureHttpClient(builder);
        try (CloseableHttpClient client = builder.build()) {
            while (region.isUnfinished()) {
                Iterator<WarmTask> round = region.nextRound();
                Callable<Void> fetcher = () -> fetchAll(round, client);
                for (Future<Void> ended : threads.invokeAll(Collections.nCopies(parallelism, fetcher))) {
                    ended.get();
                }
            }
        } finally {
            region.run().finish(region);
        }
        return null;
    }

    private Void fetchAll(Iterator<WarmTask> round, CloseableHttpClient client) throws InterruptedException {
        for (Optional<WarmTask> task = next(round); task.isPresent(); task = next(round)) {
            fetch(task.get(), client);
        }
        return null;
    }

    private static Optional<WarmTask> next(Iterator<WarmTask> round) {
        synchronized (round) {
            return round.hasNext() ? Optional.of(round.next()) : Optional.empty();
        }
    }

    private void fetch(WarmTask task, CloseableHttpClient client) throws InterruptedException {
        long wave = 0;
        try {
            wave = task.region().awaitTurn();
            long requestedAt = System.nanoTime();
            HttpGet request = new HttpGet(task.region().run().addressOf(task.object()));
            try (ClassicHttpResponse answer = client.executeOpen(null, request, null);
                    InputStream body = bodyOf(answer)) {
                EdgeAnswer edge = EdgeAnswer.of(name -> valueOf(answer, name));
                check.read(task, answer.getCode(), edge, body, requestedAt);
            }
        } catch (WarmStoppedException e) {
            LOG.debug("not fetched: {}", e.getMessage());
        } catch (IOException | EdgeFaultException e) {
            task.region().failed(task, wave, e);
        }
    }

    private static InputStream bodyOf(ClassicHttpResponse answer) throws IOException {
        HttpEntity entity = answer.getEntity();
        return entity == null ? InputStream.nullInputStream() : entity.getContent();
    }

    private static String valueOf(ClassicHttpResponse answer, String name) {
        Header header = answer.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
