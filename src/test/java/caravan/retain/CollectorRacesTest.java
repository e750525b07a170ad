package caravan.retain;

import static caravan.retain.SignedBucket.DATABASE;
import static caravan.retain.SignedBucket.chunkOf;
import static caravan.retain.SignedBucket.digestOf;
import static caravan.retain.SignedBucket.idOf;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.failure.CaravanException;
import caravan.manifest.ChunkCollector;
import caravan.manifest.ManifestReader;
import caravan.pace.MovableClock;
import caravan.publish.DigestList;
import caravan.publish.PublishedHistory;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import caravan.store.InMemoryObjectStore;
import caravan.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Collectors and publishers that know nothing of each other, on one bucket, their calls in any order, some killed or put
 * to sleep for days at any call. Whatever happens, every snapshot that has a record is whole, and one that is gone stays
 * whole for the grace.
 *
 * <p>The publisher makes the calls that a publication makes, in its order: {@code PublishedHistory}, {@code
 * ChunkPresence} and {@code SnapshotPublishing}.
 */
class CollectorRacesTest {

    private static final boolean LONG = "long".equals(System.getProperty("caravan.test.form"));

    private static final int RACES = Integer.getInteger("test.races", LONG ? 100_000 : 200);

    private static final int RACES_UNTIL_FOUND_OUT = 3_000;

    private static final Duration GRACE = Duration.ofDays(1);

    private static final Duration PROMISE = Duration.ofDays(1);

    private static final List<String> WORDS = List.of("a", "b", "c", "d", "e");

    private static final SigningKey KEY = SigningKey.generate();

    @TempDir
    Path directory;

    @Test
    void noOrderOfCallsCostsASnapshotAChunk() throws Exception {
        long seed = Long.getLong("test.seed", System.nanoTime());
        System.out.println("CollectorRacesTest: -Dtest.seed=" + seed);
        int collected = 0;
        int published = 0;
        for (int race = 0; race < RACES; race++) {
            Race one = new Race(new Random(seed + race), true);
            one.run();
            assertThat(one.broken()).as("seed %d, race %d", seed, race).isEmpty();
            collected += one.hasCollected() ? 1 : 0;
            published += one.published.get();
        }
        // Else nothing was tried.
        assertThat(collected).isGreaterThan(RACES / 20);
        assertThat(published).isGreaterThan(RACES / 4);
    }

    @Test
    void publisherThatDoesNotReadTheListIsFoundOut() throws Exception {
        for (int race = 0; race < RACES_UNTIL_FOUND_OUT; race++) {
            // From where it does not take long.
            Race one = new Race(new Random(680L + race), false);
            one.run();
            if (!one.broken().isEmpty()) {
                System.out.println("CollectorRacesTest: found out after " + race + " races");
                return;
            }
        }
        throw new AssertionError("the test does not see what it is there for");
    }

    private final class Race {

        private final Random random;

        private final boolean readsTheList;

        private final MovableClock clock = new MovableClock(SignedBucket.DAY_ZERO);

        private final AtomicLong passed = new AtomicLong();

        private final InMemoryObjectStore store = new InMemoryObjectStore().at(clock);

        private final List<String> wanted = new ArrayList<>();

        /** Snapshots that a publication ended well with. */
        private final Set<String> promised = new HashSet<>();

        private final Map<String, Instant> goneAt = new HashMap<>();

        private final Map<String, Set<Digest>> goneWith = new HashMap<>();

        private final List<String> early = new ArrayList<>();

        private final AtomicInteger published = new AtomicInteger();

        Race(Random random, boolean readsTheList) {
            this.random = random;
            this.readsTheList = readsTheList;
        }

        void run() throws Exception {
            SignedBucket bucket = new SignedBucket(store, KEY, PROMISE);
            bucket.publish(0, words().toArray(String[]::new));
            later(Duration.ofDays(1));
            bucket.publish(1, words().toArray(String[]::new));
            later(Duration.ofDays(2));
            store.failing(this::watch);
            for (int round = 0; round < 3; round++) {
                Turns turns = new Turns(random);
                for (int publisher = 0; publisher < 1 + random.nextInt(2); publisher++) {
                    int day = 3 + 2 * round + publisher;
                    List<String> words = words();
                    Trouble trouble = new Trouble();
                    turns.add(turn -> publish(new TurnedStore(store, () -> trouble.at(turn)), day, words));
                }
                for (int collector = 0; collector < 1 + random.nextInt(2); collector++) {
                    String holder = "collector-" + round + "-" + collector;
                    Trouble trouble = new Trouble();
                    turns.add(turn -> collect(trouble, turn, holder));
                }
                turns.play();
                if (!broken().isEmpty()) {
                    return;
                }
                later(random.nextInt(3) == 0 ? Duration.ofDays(5) : GRACE.plusHours(2));
            }
        }

        /** Sees what is removed, and lets it. */
        private synchronized InMemoryObjectStore.Verdict watch(String operation, String key) {
            if (operation.equals("remove")) {
                Map<String, byte[]> there = store.objects();
                if (key.endsWith("/" + BucketPaths.RECORD) && there.containsKey(key)) {
                    goneAt.put(key, clock.instant());
                    goneWith.put(key, digestsIn(there.get(key.replace(BucketPaths.RECORD, BucketPaths.MANIFEST))));
                }
                BucketPaths.digestInChunk(key)
                        .ifPresent(digest -> goneWith.forEach((record, digests) -> {
                            if (digests.contains(digest)
                                    && clock.instant()
                                            .isBefore(goneAt.get(record).plus(GRACE))) {
                                early.add(record + " lost " + digest.hex() + " within its grace");
                            }
                        }));
            }
            return InMemoryObjectStore.Verdict.PASS;
        }

        /** What some snapshot lacks. */
        List<String> broken() throws Exception {
            List<String> broken = new ArrayList<>(early);
            Map<String, byte[]> there = store.objects();
            for (String path : there.keySet()) {
                if (path.endsWith("/" + BucketPaths.RECORD)) {
                    byte[] manifest = there.get(path.replace(BucketPaths.RECORD, BucketPaths.MANIFEST));
                    if (manifest == null) {
                        // One whose publisher slept and then gave up leads nobody anywhere.
                        if (promised.contains(path)) {
                            broken.add(path + " has no manifest");
                        }
                        continue;
                    }
                    for (Digest digest : digestsIn(manifest)) {
                        if (!there.containsKey(BucketPaths.chunk(digest, StoredAs.PLAIN))) {
                            broken.add(path + " lacks " + digest.hex());
                        }
                    }
                }
            }
            return broken;
        }

        boolean hasCollected() {
            return WORDS.stream().filter(wanted::contains).anyMatch(word -> !store.objects()
                    .containsKey(chunkOf(word)));
        }

        private List<String> words() {
            List<String> words = new ArrayList<>();
            while (words.isEmpty()) {
                WORDS.stream().filter(word -> random.nextInt(3) == 0).forEach(words::add);
            }
            wanted.addAll(words);
            return words;
        }

        private void later(Duration time) {
            clock.advance(time);
            passed.addAndGet(time.toNanos());
        }

        private void collect(Trouble trouble, TurnedStore.Turn turn, String holder) throws Exception {
            Collector collector = new Collector(
                    new TurnedStore(store, () -> trouble.at(turn)),
                    store,
                    store,
                    TrustedKeys.of(KEY.publicKey()),
                    new RetentionRules(1, GRACE, 100, 100),
                    directory.resolve(holder),
                    clock,
                    passed::get,
                    1);
            trouble.stop = collector::stop;
            collector.collect(holder, "");
        }

        private void publish(ObjectStore turned, int day, List<String> words) throws Exception {
            SignedBucket bucket = new SignedBucket(turned, KEY, PROMISE);
            String run = "run-" + day;
            Instant begin = clock.instant();
            bucket.putSession(run, begin, false);
            Set<Digest> condemned = readsTheList
                    ? DigestList.read(turned, BucketPaths.condemned(), "").orElse(Set.of())
                    : Set.of();
            Set<Digest> known = new HashSet<>();
            SignedSnapshots signed = new SignedSnapshots(turned, TrustedKeys.of(KEY.publicKey()));
            signed.addChunks(DATABASE, signed.latest(DATABASE), Optional.empty(), known);
            for (String word : words) {
                if (condemned.contains(digestOf(word))) {
                    bucket.putSession(run, begin, true);
                    return;
                }
                if (!known.contains(digestOf(word))
                        && turned.head(chunkOf(word)).isEmpty()) {
                    bucket.putChunk(word);
                }
            }
            requireInTime(begin);
            bucket.put(BucketPaths.pending(DATABASE, idOf(day)), (run + " 1 x\n").getBytes(US_ASCII));
            byte[] manifest = bucket.putManifest(day, words.toArray(String[]::new));
            requireInTime(begin);
            byte[] record = bucket.putRecord(day, manifest, words.size());
            requireInTime(begin);
            promised.add(BucketPaths.ofSnapshot(DATABASE, idOf(day), BucketPaths.RECORD));
            bucket.point(day, record);
            bucket.putSession(run, begin, true);
            published.incrementAndGet();
        }

        private void requireInTime(Instant begin) {
            if (clock.instant().isAfter(begin.plus(PublishedHistory.SESSION_LIFETIME))) {
                throw new IllegalStateException("the run took longer than its session lives");
            }
        }

        private static Set<Digest> digestsIn(byte[] manifest) {
            Set<Digest> digests = new HashSet<>();
            try {
                ManifestReader.read(new ByteArrayInputStream(manifest), "of the test", new ChunkCollector(digests));
            } catch (CaravanException | IOException e) {
                throw new AssertionError(e);
            }
            return digests;
        }

        /**
         * At one call, perhaps, an actor is killed, or everybody's time goes on while it sleeps, or a collector is told to
         * stop.
         */
        private final class Trouble {

            private final int kind = random.nextInt(6);

            private int left = random.nextInt(40);

            private Runnable stop = () -> {};

            void at(TurnedStore.Turn turn) {
                if (left-- == 0) {
                    if (kind == 0) {
                        throw new IllegalStateException("killed");
                    }
                    if (kind == 2) {
                        stop.run();
                    }
                    if (kind == 1) {
                        later(random.nextBoolean() ? Duration.ofHours(2) : Duration.ofDays(6));
                    }
                }
                turn.await();
            }
        }
    }
}
