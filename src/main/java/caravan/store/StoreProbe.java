package caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;

/**
 * Tries out on the real store what publishing relies on.
 *
 * <p>It needs the right to read and to write, not to delete or list, makes about a dozen small calls, and touches only
 * {@link #MARK} and {@value #SLOTS} more fixed keys beside it, so that nothing piles up. Probes of several publishers
 * at once may meet on a key; each notices by the content and moves to another key.
 */
public final class StoreProbe {

    /** An object that is always there after a first probe, and never changes. */
    public static final String MARK = BucketPaths.CONTROL + "/probe/mark";

    private static final byte[] MARKED = "caravan\n".getBytes(UTF_8);

    private static final String SLOT = BucketPaths.CONTROL + "/probe/slot-";

    private static final int SLOTS = 8;

    private static final int TRIES = 4;

    private static final int RIVALS = 4;

    private static final String SIGN = "caravan probe ";

    private static final int CHECK_DIGITS = 16;

    private static final int LONGEST = 4096;

    /** What answers in place of a bucket may say more. */
    private static final int LONGEST_PAGE = 1 << 20;

    private static final String NO_SUCH_ETAG = "\"00000000000000000000000000000000\"";

    private final ObjectStore store;
    private final RandomGenerator random;

    /** A probe of {@code store}; {@code random} chooses keys and contents, nothing secret. */
    public StoreProbe(ObjectStore store, RandomGenerator random) {
        this.store = requireNonNull(store, "store");
        this.random = requireNonNull(random, "random");
    }

    /**
     * Finds out; every failure on the way is that of the store's first call to fail, so wrong settings show here.
     *
     * @throws RefusedException if the store refuses requests with a condition, so that nothing can be published to it
     * @throws DamagedException if the store gives back other bytes than it was given
     */
    public StoreAbilities probe() throws CaravanException {
        store.put(MARK, Content.of(MARKED, "text/plain", CachePolicy.MUTABLE));
        for (int attempt = 0; attempt < TRIES; attempt++) {
            try {
                return new Trial(SLOT + random.nextInt(SLOTS)).run();
            } catch (DisturbedException e) {
                // Another probe wrote to the same key; on a different key, or later, there is no such company.
            }
        }
        throw new TransientException(
                "cannot try out the store: other probes wrote to the same keys " + TRIES + " times",
                "many publishers start at once; try again");
    }

    /**
     * Finds out what can be found out by reading alone: whether there is a bucket that may be read. Whether there is one
     * at all shows only in the text of an answer, so the mark is read, not asked for.
     *
     * @throws WrongUsageException if something else answers than a bucket in which {@link #probe} was
     */
    public static void look(ObjectStore store) throws CaravanException {
        Optional<StoredObject> mark = store.read(MARK, LONGEST_PAGE);
        if (mark.isPresent() && !Arrays.equals(mark.get().bytes(), MARKED)) {
            throw new WrongUsageException(
                    "read " + MARK + ": what came back was never written there by a publisher",
                    "is it a bucket that answers? A web server, a portal or a proxy may give the same page for every"
                            + " address: check caravan.s3.endpoint, and caravan.s3.prefix");
        }
    }

    private static Content contentOf(String text) {
        return Content.of(text.getBytes(UTF_8), "text/plain", CachePolicy.MUTABLE);
    }

    /** Whether a probe wrote exactly this: what was altered since is nobody's. */
    private static boolean isOfAProbe(String text) {
        int check = text.length() - CHECK_DIGITS;
        return text.startsWith(SIGN)
                && check > 0
                && checkOf(text.substring(0, check)).equals(text.substring(check));
    }

    private static String checkOf(String text) {
        return Digest.of(text.getBytes(UTF_8)).hex().substring(0, CHECK_DIGITS);
    }

    /** Somebody else's probe content was found. */
    private static final class DisturbedException extends Exception {

        private static final long serialVersionUID = 1L;
    }

    /** One series of tries on one key. */
    private final class Trial {

        private final String key;
        private final String nonce;
        private String expected;

        private Trial(String key) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            this.key = key;
            this.nonce = HexFormat.of().formatHex(bytes);
        }

        private StoreAbilities run() throws CaravanException, DisturbedException {
            expected = text("first");
            store.put(key, contentOf(expected));
            requireKept();
            boolean told = isChecksumTold();
            boolean createOnly = keepsWhatIsThere();
            boolean compare = keepsWhatHasChanged() && letsOneOfManyReplace();
            boolean checksums = refusesOtherBytes();
            return new StoreAbilities(createOnly, compare, checksums, told);
        }

        private void requireKept() throws CaravanException, DisturbedException {
            if (!expected.equals(now())) {
                throw new DamagedException(
                        "the store gave back other bytes for " + key + " than were stored a moment before",
                        "do not use this store: it alters content, or shows old content after it has been replaced");
            }
        }

        private boolean isChecksumTold() throws CaravanException {
            Digest digest = Digest.of(expected.getBytes(UTF_8));
            return store.head(key)
                    .filter(head -> head.compare(expected.length(), digest) == ObjectHead.Likeness.SAME)
                    .isPresent();
        }

        private boolean keepsWhatIsThere() throws CaravanException, DisturbedException {
            String other = text("created over");
            boolean refused =
                    refuses("If-None-Match", () -> store.create(key, contentOf(other)) == CreateOutcome.ALREADY_THERE);
            boolean kept = isKept(other);
            return refused && kept;
        }

        private boolean keepsWhatHasChanged() throws CaravanException, DisturbedException {
            String other = text("replaced over");
            boolean refused = refuses(
                    "If-Match", () -> store.replace(key, contentOf(other), NO_SUCH_ETAG) == ReplaceOutcome.CONFLICT);
            boolean kept = isKept(other);
            return refused && kept;
        }

        /** A store that does not know the condition may also refuse every request that has it: nothing works there. */
        private boolean refuses(String header, Condition condition) throws CaravanException {
            try {
                return condition.isRefused();
            } catch (FailedException e) {
                throw new RefusedException(
                        "cannot publish to this store: it refuses every put with " + header + ": " + e.getMessage(),
                        "publishing needs " + header + ", so that nothing published is ever replaced;"
                                + " caravan.s3.single-writer does not help here: use a store that knows it, or a newer"
                                + " version of this one",
                        e);
            }
        }

        private boolean letsOneOfManyReplace() throws CaravanException, DisturbedException {
            String etag = store.read(key, LONGEST).map(StoredObject::etag).orElse("");
            List<String> texts = new ArrayList<>();
            List<Callable<ReplaceOutcome>> rivals = new ArrayList<>();
            List<TransientException> unsure = Collections.synchronizedList(new ArrayList<>());
            for (int rival = 0; rival < RIVALS; rival++) {
                String mine = text("rival " + rival);
                texts.add(mine);
                rivals.add(() -> replaceOrLose(mine, etag, unsure));
            }
            List<ReplaceOutcome> outcomes = atOnce(rivals);
            String now = now();
            long winners =
                    outcomes.stream().filter(ReplaceOutcome.REPLACED::equals).count();
            if (winners == 0 && !unsure.isEmpty()) {
                // The winner's answer may have been lost, which says nothing about the store.
                throw unsure.get(0);
            }
            boolean oneWinner = winners == 1 && now.equals(texts.get(outcomes.indexOf(ReplaceOutcome.REPLACED)));
            expected = now;
            return oneWinner;
        }

        private ReplaceOutcome replaceOrLose(String text, String etag, List<TransientException> unsure)
                throws CaravanException {
            try {
                return store.replace(key, contentOf(text), etag);
            } catch (TransientException e) {
                // Under contention S3 may answer 409 instead of 412.
                unsure.add(e);
                return ReplaceOutcome.CONFLICT;
            } catch (FailedException e) {
                return ReplaceOutcome.CONFLICT;
            }
        }

        private boolean refusesOtherBytes() throws CaravanException, DisturbedException {
            String other = text("altered on the way");
            Digest meant = Digest.of(text("meant").getBytes(UTF_8));
            boolean refused;
            try {
                store.put(key, new Content.Bytes(other.getBytes(UTF_8), meant, "text/plain", CachePolicy.MUTABLE));
                refused = false;
            } catch (DamagedException | FailedException e) {
                refused = true;
            }
            boolean kept = isKept(other);
            return refused && kept;
        }

        /** Whether {@code other} did not get in. What is there is what is expected from now on. */
        private boolean isKept(String other) throws CaravanException, DisturbedException {
            String now = now();
            if (now.equals(other)) {
                expected = other;
                return false;
            }
            requireKept();
            return true;
        }

        private String now() throws CaravanException, DisturbedException {
            String now = store.read(key, LONGEST)
                    .map(object -> new String(object.bytes(), UTF_8))
                    .orElse("");
            if (!now.startsWith(SIGN + nonce) && isOfAProbe(now)) {
                throw new DisturbedException();
            }
            return now;
        }

        private String text(String role) {
            String text = SIGN + nonce + " " + role + " ";
            return text + checkOf(text);
        }
    }

    /** A request with a condition that does not hold. */
    private interface Condition {
        boolean isRefused() throws CaravanException;
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws CaravanException {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> call : threads.invokeAll(calls)) {
                results.add(call.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientException("cannot try out the store: interrupted", "run it again", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CaravanException failure) {
                throw failure;
            }
            throw new FailedException("cannot try out the store: " + e.getCause(), FailedException.REPORT, e);
        } finally {
            threads.shutdownNow();
        }
    }
}
