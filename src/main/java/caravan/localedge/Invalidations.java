package caravan.localedge;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The invalidations of one distribution. They complete some time after they were created, and by then every edge has
 * forgotten the paths. Safe for use by many threads.
 */
final class Invalidations {

    /** As many paths of one distribution may be in progress. */
    static final int MOST_PATHS = 3000;

    /** As many of them with a {@code *}. */
    static final int MOST_WILDCARDS = 15;

    private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e]{0,3999}");

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private final ScheduledExecutorService timer;

    private final Consumer<LocalInvalidation> edges;

    private final Clock clock;

    private final SecureRandom random = new SecureRandom();

    private final Map<String, LocalInvalidation> byId = new LinkedHashMap<>();

    private Duration delay;

    /**
     * None yet.
     *
     * @param edges makes every edge forget
     * @param delay from creation to completion
     */
    Invalidations(ScheduledExecutorService timer, Consumer<LocalInvalidation> edges, Duration delay, Clock clock) {
        this.timer = timer;
        this.edges = edges;
        this.delay = delay;
        this.clock = clock;
    }

    synchronized void setDelay(Duration longer) {
        delay = longer;
    }

    /** A new invalidation, or the one that was asked for in the very same words before. */
    synchronized LocalInvalidation create(String callerReference, List<String> paths) throws RefusedCallException {
        for (String path : paths) {
            if (!PATH.matcher(path).matches()) {
                throw new RefusedCallException(ApiFault.wrongPath(path));
            }
        }
        Optional<LocalInvalidation> before = byId.values().stream()
                .filter(one -> one.callerReference().equals(callerReference))
                .findFirst();
        if (before.isPresent()) {
            if (!before.get().paths().equals(paths)) {
                throw new RefusedCallException(ApiFault.OTHER_PATHS);
            }
            return before.get();
        }
        requireRoomFor(paths);
        LocalInvalidation created = new LocalInvalidation(newId(), callerReference, paths, clock.instant(), false);
        byId.put(created.id(), created);
        var unused = timer.schedule(() -> complete(created), delay.toNanos(), TimeUnit.NANOSECONDS);
        return created;
    }

    synchronized LocalInvalidation get(String id) throws RefusedCallException {
        LocalInvalidation found = byId.get(id);
        if (found == null) {
            throw new RefusedCallException(ApiFault.NO_INVALIDATION);
        }
        return found;
    }

    /** All, the newest first. */
    synchronized List<LocalInvalidation> list() {
        List<LocalInvalidation> all = new ArrayList<>(byId.values());
        Collections.reverse(all);
        return all;
    }

    private void complete(LocalInvalidation created) {
        edges.accept(created);
        synchronized (this) {
            byId.put(created.id(), created.complete());
        }
    }

    private void requireRoomFor(List<String> paths) throws RefusedCallException {
        List<String> open = new ArrayList<>(paths);
        byId.values().stream().filter(one -> !one.completed()).forEach(one -> open.addAll(one.paths()));
        long wildcards = open.stream().filter(path -> path.endsWith("*")).count();
        if (open.size() - wildcards > MOST_PATHS || wildcards > MOST_WILDCARDS) {
            throw new RefusedCallException(ApiFault.TOO_MANY_INVALIDATIONS);
        }
    }

    private String newId() {
        StringBuilder id = new StringBuilder("I");
        for (int at = 1; at < 25; at++) {
            id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return id.toString();
    }
}
