package caravan.aws;

import caravan.pace.RateLimit;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * An HTTP client that sends bodies no faster than a rate, and gives up a request whose body stops moving.
 *
 * <p>Java has a time limit for reading from a socket but none for writing to it: when the other side stops taking bytes
 * in the middle of an upload, the writing thread waits for as long as the connection stands. So one thread looks now
 * and then when each request was last asked for bytes, and closes the connection of one that was not for too long. It
 * has to know who waits for the rate: those move again by themselves.
 */
final class StallGuard implements SdkHttpClient {

    /** What is sent at once where there is a rate. */
    private static final int PIECE = 64 * 1024;

    private final SdkHttpClient client;
    private final long limitNanos;
    private final RateLimit rate;
    private final Set<Watched> underWay = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService watch;

    private StallGuard(SdkHttpClient client, Duration limit, RateLimit rate) {
        this.client = client;
        this.rate = rate;
        this.limitNanos = limit.toNanos();
        this.watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "s3-stall-guard");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(TimeUnit.MILLISECONDS.toNanos(20), limitNanos / 20);
        var unused = watch.scheduleWithFixedDelay(this::look, period, period, TimeUnit.NANOSECONDS);
    }

    /**
     * A builder as the SDK wants it, so that the client is closed with the S3 client it is built into.
     *
     * @param client builds the client that does the work; its own limit for reading should be a little below
     *     {@code limit}, as only that one can tell that the answer is late
     * @param rate of the bytes of all bodies together; what is sent again counts again
     */
    static SdkHttpClient.Builder<?> around(SdkHttpClient.Builder<?> client, Duration limit, RateLimit rate) {
        return new Builder(client, limit, rate);
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        Watched watched = new Watched(limitNanos, rate);
        HttpExecuteRequest.Builder counted = HttpExecuteRequest.builder().request(request.httpRequest());
        request.contentStreamProvider()
                .ifPresent(content -> counted.contentStreamProvider(() -> watched.count(content.newStream())));
        request.metricCollector().ifPresent(counted::metricCollector);
        watched.request = client.prepareRequest(counted.build());
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return run(watched);
            }

            @Override
            public void abort() {
                watched.request.abort();
            }
        };
    }

    private HttpExecuteResponse run(Watched watched) throws IOException {
        watched.moved();
        underWay.add(watched);
        try {
            return watched.request.call();
        } catch (IOException | RuntimeException e) {
            if (watched.stalled) {
                SocketTimeoutException stalled = new SocketTimeoutException(
                        "not a byte moved for " + TimeUnit.NANOSECONDS.toMillis(limitNanos) + " ms");
                stalled.initCause(e);
                throw stalled;
            }
            throw e;
        } finally {
            underWay.remove(watched);
        }
    }

    private void look() {
        for (Watched watched : underWay) {
            watched.giveUpIfStalled();
        }
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        watch.shutdownNow();
        client.close();
    }

    /** A request under way. */
    private static final class Watched {

        private final long limitNanos;
        private final RateLimit rate;
        private volatile long lastMoved;
        private volatile boolean isHeldBack;
        private volatile boolean stalled;
        private ExecutableHttpRequest request;

        private Watched(long limitNanos, RateLimit rate) {
            this.limitNanos = limitNanos;
            this.rate = rate;
        }

        private void moved() {
            lastMoved = System.nanoTime();
        }

        private void giveUpIfStalled() {
            if (!isHeldBack && System.nanoTime() - lastMoved > limitNanos) {
                stalled = true;
                request.abort();
            }
        }

        private InputStream count(InputStream content) {
            return new FilterInputStream(content) {
                @Override
                public int read() throws IOException {
                    moved();
                    int one = super.read();
                    holdBack(one < 0 ? 0 : 1);
                    return one;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    moved();
                    int count = super.read(bytes, offset, Math.min(length, PIECE));
                    holdBack(count);
                    return count;
                }
            };
        }

        /** Returns when {@code count} bytes may be sent. */
        private void holdBack(int count) throws InterruptedIOException {
            if (count <= 0) {
                return;
            }
            isHeldBack = true;
            try {
                rate.take(count);
            } catch (InterruptedException e) {
                InterruptedIOException interrupted = new InterruptedIOException("interrupted while sending");
                interrupted.initCause(e);
                throw interrupted;
            } finally {
                moved();
                isHeldBack = false;
            }
        }
    }

    private record Builder(SdkHttpClient.Builder<?> client, Duration limit, RateLimit rate)
            implements SdkHttpClient.Builder<Builder> {

        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return new StallGuard(client.buildWithDefaults(defaults), limit, rate);
        }
    }
}
