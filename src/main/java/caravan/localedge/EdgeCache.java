package caravan.localedge;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one edge keeps on its disk: at most so many bytes, the least recently used go first. Viewers that ask for the
 * same object at once cause one request to the origin. A body that the origin breaks off is never kept.
 *
 * <p>Safe for use by many threads.
 */
final class EdgeCache {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeCache.class);

    private static final int BLOCK = 64 << 10;

    private final Path directory;

    private final long bound;

    private final Origin origin;

    private final Executor threads;

    private final Clock clock;

    /** In the order of their last use. */
    private final Map<String, CachedObject> objects = new LinkedHashMap<>(16, 0.75f, true);

    /** Requests to the origin whose head has not come yet. */
    private final Map<String, CompletableFuture<Found>> asked = new HashMap<>();

    private long bytes;

    private long filesMade;

    /**
     * An empty cache.
     *
     * @param directory exists and is empty
     * @param bound most bytes of bodies; an object that is filled just now may exceed it for that time
     * @param threads in which objects are filled, one for each
     */
    EdgeCache(Path directory, long bound, Origin origin, Executor threads, Clock clock) {
        this.directory = requireNonNull(directory, "directory");
        this.bound = bound;
        this.origin = requireNonNull(origin, "origin");
        this.threads = requireNonNull(threads, "threads");
        this.clock = requireNonNull(clock, "clock");
    }

    /** An object and where it came from. */
    record Found(CachedObject object, CacheOutcome outcome) {}

    /** An object that a viewer has opened. */
    record Opened(CachedObject object, CacheOutcome outcome, FileChannel content) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            content.close();
        }
    }

    /**
     * Finds an object here or at the origin, and returns when its head is known.
     *
     * @param key path with its query
     */
    Opened open(String key) throws IOException, InterruptedException {
        while (true) {
            Found found = find(key);
            Optional<FileChannel> content = found.object().open();
            if (content.isPresent()) {
                return new Opened(found.object(), found.outcome(), content.get());
            }
        }
    }

    /** Finds an object here only. */
    synchronized Optional<Found> peek(String key) {
        return Optional.ofNullable(objects.get(key))
                .filter(object -> object.isFilling() || object.isFresh(clock.instant()))
                .map(EdgeCache::foundHere);
    }

    /** Forgets all objects with such a key; what is asked for now is asked for again. */
    synchronized int purge(Predicate<String> keys) {
        asked.keySet().removeIf(keys);
        List<String> gone = objects.keySet().stream().filter(keys).toList();
        gone.forEach(this::forget);
        return gone.size();
    }

    /** Bytes of all bodies. */
    synchronized long bytes() {
        return bytes;
    }

    private Found find(String key) throws IOException, InterruptedException {
        CompletableFuture<Found> head;
        synchronized (this) {
            Optional<Found> here = peek(key);
            if (here.isPresent()) {
                return here.get();
            }
            head = asked.get(key);
            if (head == null) {
                CompletableFuture<Found> mine = new CompletableFuture<>();
                asked.put(key, mine);
                Optional<CachedObject> stale = Optional.ofNullable(objects.get(key));
                threads.execute(() -> ask(key, stale, mine));
                head = mine;
            }
        }
        try {
            return head.get();
        } catch (ExecutionException e) {
            throw new IOException("cannot keep " + key + ": " + e.getCause(), e.getCause());
        }
    }

    private void ask(String key, Optional<CachedObject> stale, CompletableFuture<Found> head) {
        try (Origin.Answer answer = origin.get(pathOf(key), stale.flatMap(EdgeCache::etagOf))) {
            take(key, stale, head, answer);
        } catch (IOException e) {
            LOG.debug("{} from the origin: {}", key, e.toString());
            if (!head.isDone()) {
                makeDo(key, stale, head, e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            head.completeExceptionally(e);
        } catch (RuntimeException e) {
            head.completeExceptionally(e);
            throw e;
        }
    }

    private void take(String key, Optional<CachedObject> stale, CompletableFuture<Found> head, Origin.Answer answer)
            throws IOException, InterruptedException {
        AnswerHead told = answer.head();
        Instant now = clock.instant();
        if (stale.isPresent() && told.status() == 304) {
            stale.get().renew(told, now);
            settle(key, head, new Found(stale.get(), CacheOutcome.REFRESH_HIT));
        } else if (stale.isPresent() && told.status() >= 500 && isGood(stale.get())) {
            stale.get().giveThoughStale(now);
            settle(key, head, new Found(stale.get(), CacheOutcome.HIT));
        } else {
            CachedObject object = CachedObject.create(newFile(), told, now);
            settle(key, head, new Found(object, told.isError() ? CacheOutcome.ERROR : CacheOutcome.MISS));
            fill(key, object, answer);
        }
    }

    private void fill(String key, CachedObject object, Origin.Answer answer) throws IOException, InterruptedException {
        boolean whole = false;
        try {
            byte[] block = new byte[BLOCK];
            for (int count = answer.read(block); count >= 0; count = answer.read(block)) {
                object.append(ByteBuffer.wrap(block, 0, count));
                grown(key, object, count);
            }
            object.complete();
            whole = true;
        } finally {
            if (!whole) {
                object.fail();
            }
            filled(key, object, whole);
        }
    }

    /** The origin does not answer: give what is stale, or an error as CloudFront makes it. */
    private void makeDo(String key, Optional<CachedObject> stale, CompletableFuture<Found> head, IOException why) {
        try {
            Instant now = clock.instant();
            if (stale.isPresent() && isGood(stale.get())) {
                stale.get().giveThoughStale(now);
                settle(key, head, new Found(stale.get(), CacheOutcome.HIT));
                return;
            }
            GeneratedError error = GeneratedError.of(why);
            byte[] text = error.text().getBytes(StandardCharsets.UTF_8);
            CachedObject object = CachedObject.create(
                    newFile(),
                    new AnswerHead(error.status(), GeneratedError.HEADERS, OptionalLong.of(text.length)),
                    now);
            settle(key, head, new Found(object, CacheOutcome.ERROR));
            object.append(ByteBuffer.wrap(text));
            grown(key, object, text.length);
            object.complete();
            filled(key, object, true);
        } catch (IOException e) {
            head.completeExceptionally(e);
        }
    }

    /** Lets the viewers go on; keeps the object unless it was purged while the origin was asked. */
    private void settle(String key, CompletableFuture<Found> head, Found found) {
        synchronized (this) {
            if (asked.remove(key, head) && objects.get(key) != found.object()) {
                forget(key);
                objects.put(key, found.object());
            }
        }
        head.complete(found);
    }

    private synchronized void grown(String key, CachedObject object, int count) {
        if (objects.get(key) != object) {
            return;
        }
        bytes += count;
        object.count(count);
        Iterator<Map.Entry<String, CachedObject>> oldest = objects.entrySet().iterator();
        while (bytes > bound && oldest.hasNext()) {
            CachedObject candidate = oldest.next().getValue();
            if (!candidate.isFilling()) {
                oldest.remove();
                bytes -= candidate.counted();
                candidate.drop();
            }
        }
    }

    private synchronized void filled(String key, CachedObject object, boolean whole) {
        if (objects.get(key) != object) {
            object.drop();
        } else if (!whole || object.size() > bound) {
            forget(key);
        }
    }

    private synchronized void forget(String key) {
        CachedObject old = objects.remove(key);
        if (old != null) {
            bytes -= old.counted();
            old.drop();
        }
    }

    private synchronized Path newFile() {
        filesMade++;
        return directory.resolve(Long.toString(filesMade));
    }

    private static Found foundHere(CachedObject object) {
        if (object.head().isError()) {
            return new Found(object, CacheOutcome.ERROR);
        }
        return new Found(object, object.isFilling() ? CacheOutcome.MISS : CacheOutcome.HIT);
    }

    private static boolean isGood(CachedObject object) {
        return !object.head().isError();
    }

    private static Optional<String> etagOf(CachedObject object) {
        return isGood(object) ? object.head().header("ETag") : Optional.empty();
    }

    /** The query tells objects of the cache apart and is not sent on, as a distribution for S3 does it. */
    private static String pathOf(String key) {
        int query = key.indexOf('?');
        return query < 0 ? key : key.substring(0, query);
    }
}
