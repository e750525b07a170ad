package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.TransientException;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.Retries;
import caravan.restore.source.SourcePool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Asks every source the same question, at once. Who does not answer in time rests; what the others say comes back.
 *
 * <p>The first source, the one that was named by the user, has more time: until an attempt to read it has failed. Else
 * a mirror that is behind would win over it only because it is nearer.
 */
final class Survey {

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SourcePool pool;
    private final Retries retries;
    private final Duration grace;
    private final boolean strict;
    private volatile boolean firstHasFailed;

    /**
     * Waits for {@code grace} after the first good answer.
     *
     * @param strict whether a wrong answer is a lie, so that the source is dropped; else it may just be an older one
     */
    Survey(SourcePool pool, Retries retries, Duration grace, boolean strict) {
        this.pool = requireNonNull(pool, "pool");
        this.retries = requireNonNull(retries, "retries");
        this.grace = requireNonNull(grace, "grace");
        this.strict = strict;
    }

    /** What one source is asked; must believe nothing that is not signed. */
    @FunctionalInterface
    interface Question<T> {
        T ask(ObjectSource source, Retries retries) throws CaravanException, InterruptedException;
    }

    /**
     * What came back.
     *
     * @param answers good ones, in the order of the sources; at least one
     * @param silent numbers of the sources that did not say anything, good or bad
     */
    record Heard<T>(List<Answer<T>> answers, List<Integer> silent) {

        Heard {
            answers = List.copyOf(answers);
            silent = List.copyOf(silent);
        }
    }

    /**
     * A good answer.
     *
     * @param member number of the source
     */
    record Answer<T>(int member, T value) {}

    private record Said<T>(int member, List<T> values, List<CaravanException> failures) {}

    /**
     * Asks all of them.
     *
     * @throws CaravanException if there is none: what the first source said, or rather one that may say something else
     *     later
     */
    <T> Heard<T> ask(Question<T> question) throws CaravanException, InterruptedException {
        if (pool.size() == 1) {
            return new Heard<>(List.of(new Answer<>(0, question.ask(pool.member(0), retries))), List.of());
        }
        ExecutorService threads = Executors.newFixedThreadPool(pool.size(), task -> {
            Thread thread = new Thread(task, "survey");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<Said<T>> asked = new ExecutorCompletionService<>(threads);
            for (int member = 0; member < pool.size(); member++) {
                int number = member;
                asked.submit(() -> said(number, question));
            }
            return collect(asked);
        } finally {
            threads.shutdownNow();
        }
    }

    private <T> Said<T> said(int member, Question<T> question) throws InterruptedException {
        try {
            Retries told = member == 0 ? retries.telling(() -> firstHasFailed = true) : retries;
            return new Said<>(member, List.of(question.ask(pool.member(member), told)), List.of());
        } catch (CaravanException e) {
            return new Said<>(member, List.of(), List.of(e));
        }
    }

    private <T> Heard<T> collect(CompletionService<Said<T>> asked) throws CaravanException, InterruptedException {
        List<Said<T>> all = new ArrayList<>();
        List<Integer> silent = new ArrayList<>();
        for (int member = 0; member < pool.size(); member++) {
            silent.add(member);
        }
        boolean answered = false;
        long end = 0;
        while (!silent.isEmpty() && (!answered || isWorthWaiting(silent, end))) {
            Future<Said<T>> next = asked.poll(LOOK_AGAIN_NANOS, TimeUnit.NANOSECONDS);
            if (next != null) {
                Said<T> said = get(next);
                all.add(said);
                silent.remove(Integer.valueOf(said.member()));
                if (!answered && !said.values().isEmpty()) {
                    answered = true;
                    end = System.nanoTime() + grace.toNanos();
                }
            }
        }
        if (!grace.isZero()) {
            silent.forEach(member -> pool.rest(member, "did not answer in time when the snapshot was looked for"));
        }
        List<Answer<T>> good = good(all);
        all.stream()
                .filter(said -> said.failures().stream().anyMatch(TransientException.class::isInstance))
                .forEach(said -> silent.add(said.member()));
        return new Heard<>(good, silent);
    }

    private boolean isWorthWaiting(List<Integer> silent, long end) {
        boolean firstMayAnswer = !grace.isZero() && silent.contains(0) && !firstHasFailed;
        return firstMayAnswer || end - System.nanoTime() > 0;
    }

    private <T> List<Answer<T>> good(List<Said<T>> all) throws CaravanException {
        all.sort((one, other) -> Integer.compare(one.member(), other.member()));
        List<Answer<T>> answers = new ArrayList<>();
        CaravanException worst = null;
        for (Said<T> said : all) {
            said.values().forEach(value -> answers.add(new Answer<>(said.member(), value)));
            for (CaravanException failure : said.failures()) {
                boolean later = failure instanceof TransientException && !(worst instanceof TransientException);
                worst = worst == null || later ? failure : worst;
            }
        }
        if (answers.isEmpty()) {
            throw requireNonNull(worst, "no answer and no failure");
        }
        for (Said<T> said : all) {
            said.failures().forEach(failure -> blame(said.member(), failure));
        }
        return answers;
    }

    private void blame(int member, CaravanException failure) {
        if (failure instanceof TransientException) {
            pool.rest(member, failure.getMessage());
        } else if (strict && failure instanceof DamagedException) {
            pool.drop(member, failure.getMessage());
        } else {
            pool.remark(member, failure.getMessage());
        }
    }

    private static <T> T get(Future<T> done) throws InterruptedException {
        try {
            return done.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking a source failed unexpectedly", e.getCause());
        }
    }
}
