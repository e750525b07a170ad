package caravan.retain;

import static caravan.retain.SignedBucket.DATABASE;
import static caravan.retain.SignedBucket.chunkOf;
import static caravan.retain.SignedBucket.idOf;
import static caravan.retain.SignedBucket.pathOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.pace.MovableClock;
import caravan.retain.Verdict.Reason;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.store.InMemoryObjectStore;
import caravan.store.InMemoryObjectStore.Verdict;
import caravan.store.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What collections delete, and what they never do. Snapshots are promised for a week, the grace is a day. */
class CollectorTest {

    private static final Duration PROMISE = Duration.ofDays(7);

    private static final Duration GRACE = Duration.ofDays(1);

    private static final int MANY = 1000;

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock(SignedBucket.DAY_ZERO);

    private final AtomicLong passed = new AtomicLong();

    private final AtomicInteger runs = new AtomicInteger();

    private final InMemoryObjectStore store = new InMemoryObjectStore().at(clock);

    private SigningKey key;

    private SignedBucket bucket;

    @BeforeEach
    void makeBucket() throws Exception {
        key = SigningKey.generate();
        bucket = new SignedBucket(store, key, PROMISE);
    }

    @Test
    void chunksThatOnlyAnExpiredSnapshotNeedsGoAGraceAfterItAndSharedOnesStay() throws Exception {
        publishDays("shared old", "shared new", "shared newest");
        toEndOfPromise(0);

        RetentionReport first = collect();

        assertThat(first.retired()).extracting(caravan.retain.Verdict::snapshot).containsExactly(idOf(0));
        assertThat(keys()).noneMatch(path -> path.startsWith("demo/" + idOf(0)));
        assertThat(keys()).contains(chunkOf("old"), chunkOf("shared"));

        later(GRACE);
        RetentionReport second = collect();

        assertThat(second.collected().objects()).isEqualTo(1);
        assertThat(keys()).doesNotContain(chunkOf("old"), BucketPaths.condemned(), BucketPaths.lease());
        assertThat(keys()).contains(chunkOf("shared"), chunkOf("new"), chunkOf("newest"));
    }

    @Test
    void nothingGoesBeforeItsGraceIsOver() throws Exception {
        publishDays("shared old", "shared new", "shared newest");
        toEndOfPromise(0);
        collect();

        later(GRACE.minusSeconds(1));
        collect();

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void aPlanChangesNothing() throws Exception {
        publishDays("shared old", "shared new", "shared newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        Map<String, byte[]> before = store.objects();

        RetentionReport report = collector(rules(1)).plan();

        assertThat(report.due().objects()).isEqualTo(1);
        assertThat(store.objects()).containsExactlyEntriesOf(before);
    }

    @Test
    void whatIsLatestOrAmongTheLastOrPromisedOrPinnedStays() throws Exception {
        publishDays("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        toDay(10);
        bucket.put("_control/pins/demo/" + idOf(0), new byte[0]);

        RetentionReport report = collector(rules(2)).plan();

        assertThat(report.verdicts())
                .extracting(caravan.retain.Verdict::reason)
                .containsExactly(
                        Reason.PINNED,
                        Reason.EXPIRED,
                        Reason.EXPIRED,
                        Reason.PROMISED,
                        Reason.PROMISED,
                        Reason.PROMISED,
                        Reason.PROMISED,
                        Reason.PROMISED,
                        Reason.PROMISED,
                        Reason.LATEST);
        toDay(100);
        assertThat(collector(rules(2)).plan().verdicts())
                .extracting(caravan.retain.Verdict::reason)
                .endsWith(Reason.EXPIRED, Reason.AMONG_LAST, Reason.LATEST)
                .startsWith(Reason.PINNED, Reason.EXPIRED);
    }

    @Test
    void snapshotThatIsNewerThanLatestStaysHoweverOldItIs() throws Exception {
        publishDays("a", "b");
        byte[] manifest = bucket.putManifest(2, "c");
        bucket.putChunk("c");
        bucket.putRecord(2, manifest, 1);
        toDay(100);

        collect();
        later(GRACE);
        collect();

        assertThat(keys()).contains(pathOf(2, BucketPaths.RECORD), chunkOf("c"));
    }

    @Test
    void databaseWithoutALatestKeepsEverything() throws Exception {
        publishDays("a", "b");
        store.lose(BucketPaths.latest(DATABASE));
        toDay(100);

        assertThat(collect().retired()).isEmpty();
    }

    @Test
    void publicationUnderWayKeepsEveryChunkAndTheListIsTakenBack() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.putSession("run-9", clock.instant(), false);

        RetentionReport report = collect();

        assertThat(report.postponedFor()).singleElement().asString().contains("run-9 of demo");
        assertThat(report.collected().objects()).isZero();
        assertThat(keys()).contains(chunkOf("old")).doesNotContain(BucketPaths.condemned());

        bucket.putSession("run-9", clock.instant(), true);
        assertThat(collect().collected().objects()).isEqualTo(1);
        assertThat(keys()).doesNotContain(chunkOf("old"));
    }

    @Test
    void publicationThatWasKilledHoldsUpDeletionUntilItCannotGoOnAnyMore() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        bucket.putSession("run-9", clock.instant(), false);
        later(Duration.ofDays(5));
        assertThat(collect().postponedFor()).hasSize(1);

        later(Duration.ofSeconds(1));
        assertThat(collect().postponedFor()).isEmpty();
        assertThat(keys()).doesNotContain(chunkOf("old"), BucketPaths.session("run-9"));
    }

    @Test
    void chunkThatASnapshotNeedsAgainStays() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.publish(10, "old", "newest");

        collect();

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void piecesOfAPublicationThatEndedEarlyGoWhenNobodyCanGoOnWithIt() throws Exception {
        publishDays("a");
        toDay(1);
        bucket.putChunk("piece");
        bucket.putManifest(1, "piece");
        later(Duration.ofDays(5));
        assertThat(collect().retired()).isEmpty();

        later(Duration.ofSeconds(1));
        assertThat(collect().retired())
                .extracting(caravan.retain.Verdict::reason)
                .containsExactly(Reason.ABANDONED);
        later(GRACE);
        collect();

        assertThat(keys()).noneMatch(path -> path.startsWith("demo/" + idOf(1)));
        assertThat(keys()).contains(chunkOf("a")).doesNotContain(chunkOf("piece"));
    }

    @Test
    void whatHasNoNameOfOursIsLeftAlone() throws Exception {
        publishDays("old", "new");
        List<String> strangers = List.of(
                "chunks/readme.txt",
                "chunks/ab/" + "a".repeat(63),
                "demo/" + idOf(0) + "/notes.txt",
                "demo/" + idOf(0) + "/sub/record",
                "demo/files/" + idOf(0) + "/a.sst",
                "other/file",
                "index.html");
        for (String stranger : strangers) {
            bucket.put(stranger, new byte[] {1});
        }
        toDay(100);

        collect();
        later(GRACE);
        collect();

        assertThat(keys()).containsAll(strangers).doesNotContain(chunkOf("old"), pathOf(0, BucketPaths.RECORD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"latest", "record", "manifest.jsonl"})
    void nothingIsDeletedWhileSomethingCannotBeBelieved(String damaged) throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        String path = damaged.equals("latest") ? BucketPaths.latest(DATABASE) : pathOf(1, damaged);
        byte[] bytes = store.objects().get(path);
        bytes[bytes.length / 2] ^= 1;
        store.tamper(path, bytes);
        List<String> before = keys();

        assertThatThrownBy(this::collect)
                .isInstanceOfSatisfying(DamagedException.class, failure -> assertThat(failure.hint())
                        .contains("nothing is deleted"));

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void nothingIsDeletedWhileAManifestIsMissing() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        store.lose(pathOf(1, BucketPaths.MANIFEST));
        List<String> before = keys();

        assertThatThrownBy(this::collect).isInstanceOf(DamagedException.class).hasMessageContaining("not there");

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void nothingIsDeletedWhileSomebodyPublishesWhomNobodyTrusts() throws Exception {
        publishDays("old", "new", "newest");
        bucket.publish(3, "other");
        new SignedBucket(store, SigningKey.generate(), PROMISE).publish(4, "foreign");
        toDay(30);
        List<String> before = keys();

        assertThatThrownBy(this::collect)
                .isInstanceOfSatisfying(DamagedException.class, failure -> assertThat(failure.hint())
                        .contains("caravan.trusted-keys"));

        assertThat(keys()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Demo/20261101T080000Z-1/manifest.jsonl",
                "demo/v2-1/record",
                "demo/20261101T080000Z-01/record",
                "files/20261101T080000Z-1/manifest.jsonl"
            })
    void nothingIsDeletedWhileASnapshotHasANameThatIsNotUnderstood(String odd) throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.put(odd, new byte[] {1});
        List<String> before = keys();

        assertThatThrownBy(this::collect).isInstanceOf(DamagedException.class).hasMessageContaining(odd);

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void sessionOfANewerVersionStopsEverything() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.put(
                BucketPaths.session("run-9"),
                "{\"format\":\"caravan-session-2\"}\n".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(this::collect).isInstanceOf(DamagedException.class).hasMessageContaining("run-9");

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void muchIsDeletedOnlyWithTheTokenOfThePlan() throws Exception {
        publishDays("an old chunk that_is_long_and_half_of_all", "new");
        toDay(20);
        RetentionRules careful = new RetentionRules(1, GRACE, 30, MANY);
        List<String> before = keys();
        String token = collector(careful).plan().token();
        assertThat(token).matches("[0-9a-f]{8}");

        assertThatThrownBy(() -> collector(careful).collect("run", ""))
                .isInstanceOfSatisfying(RefusedException.class, failure -> assertThat(failure.hint())
                        .contains("--confirm=" + token));
        assertThatThrownBy(() -> collector(careful).collect("run", "00000000")).isInstanceOf(RefusedException.class);
        assertThat(keys()).isEqualTo(before);

        collector(careful).collect("run", token);
        assertThat(keys()).doesNotContain(pathOf(0, BucketPaths.RECORD));
    }

    @Test
    void manySnapshotsOfADatabaseGoAtOnceOnlyWithTheToken() throws Exception {
        publishDays("same", "same", "same", "same", "same");
        toDay(100);
        RetentionRules careful = new RetentionRules(1, GRACE, 100, 3);
        List<String> before = keys();
        RetentionReport planned = collector(careful).plan();
        assertThat(planned.large().why()).contains("4 snapshots of demo").doesNotContain("bytes");

        assertThatThrownBy(() -> collector(careful).collect("run", ""))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("4 snapshots of demo");
        assertThat(keys()).isEqualTo(before);

        RetentionReport done = collector(careful).collect("run", planned.token());
        assertThat(done.retired()).hasSize(4);
        assertThat(done.token()).as("it was said").isEmpty();
    }

    @Test
    void asManySnapshotsAsUsualGoWithoutAWord() throws Exception {
        publishDays("same", "same", "same", "same");
        toDay(100);

        assertThat(collector(new RetentionRules(1, GRACE, 100, 3))
                        .collect("run", "")
                        .retired())
                .hasSize(3);
    }

    @Test
    void withoutAWordMuchIsLeftAloneAndTheReportHasTheToken() throws Exception {
        publishDays("same", "same", "same");
        toDay(100);
        RetentionRules careful = new RetentionRules(1, GRACE, 100, 1);
        List<String> before = keys();

        RetentionReport report = collector(careful).collectUnlessLarge("run", "");

        assertThat(report.token()).isEqualTo(collector(careful).plan().token()).isNotEmpty();
        assertThat(keys()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo/20261101T080000Z-7",
                "other/20261101T080000Z-0",
                "demo/20261101T080000Z-0.txt",
                "demo/20261101T080000Z-0/",
                "20261101T080000Z-0",
                "demo"
            })
    void nothingIsDeletedWhileAPinNamesNoSnapshot(String pin) throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.put("_control/pins/" + pin + (pin.endsWith("/") ? "x" : ""), new byte[0]);
        List<String> before = keys();

        assertThat(collector(rules(1)).plan().unclearPins())
                .singleElement()
                .asString()
                .contains(pin);
        assertThatThrownBy(this::collect).isInstanceOf(RefusedException.class).hasMessageContaining(pin);

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void folderThatAConsoleMadeForPinsIsNoPin() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        store.tamper("_control/pins/", new byte[0]);
        store.tamper("_control/pins/demo/", new byte[0]);

        assertThat(collect().retired()).hasSize(1);
    }

    @Test
    void pinThatComesMeanwhileAndNamesNothingKeepsEverySnapshot() throws Exception {
        publishDays("old", "new", "newest", "latest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.equals(BucketPaths.condemned())) {
                store.tamper("_control/pins/demo/misspelt", new byte[0]);
            }
            return Verdict.PASS;
        });

        assertThatThrownBy(this::collect).isInstanceOf(RefusedException.class);

        assertThat(keys()).contains(pathOf(1, BucketPaths.RECORD), pathOf(1, BucketPaths.MANIFEST));
    }

    @Test
    void whatACollectionThatFailedHadTakenAwayIsTold() throws Exception {
        publishDays("gone stays", "new", "newest", "latest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) ->
                operation.equals("remove") && path.equals(chunkOf("stays")) ? Verdict.FAIL : Verdict.PASS);

        EndedCollection ended = collector(rules(1)).collectToTheEnd("run", Optional.of(""));

        assertThat(ended.collected().chunks()).isEqualTo(new RetentionReport.Amount(1, "gone".length()));
        assertThat(ended.collected().snapshots()).isEmpty();
        assertThat(ended.reported()).isEmpty();
        assertThatThrownBy(ended::report).isInstanceOf(TransientException.class);
        store.failing((operation, path) -> Verdict.PASS);
        later(Lease.LIFE.plusMinutes(6));

        EndedCollection next = collector(rules(1)).collectToTheEnd("next", Optional.of(""));

        assertThat(next.report().collected()).isEqualTo(new RetentionReport.Amount(1, "stays".length()));
        assertThat(next.collected().snapshots())
                .extracting(caravan.retain.Verdict::snapshot)
                .containsExactly(idOf(1));
    }

    @Test
    void snapshotsThatAFailedCollectionHadTakenAwayAreTold() throws Exception {
        publishDays("a", "b", "c");
        toDay(100);
        store.failing((operation, path) ->
                operation.equals("remove") && path.equals(pathOf(1, BucketPaths.RECORD)) ? Verdict.FAIL : Verdict.PASS);

        EndedCollection ended = collector(rules(1)).collectToTheEnd("run", Optional.of(""));

        assertThatThrownBy(ended::report).isInstanceOf(TransientException.class);
        assertThat(ended.collected().snapshots())
                .extracting(caravan.retain.Verdict::snapshot)
                .containsExactly(idOf(0));
    }

    /** Wherever it is told: the lease is given back, and no list keeps publications from anything. */
    @Test
    void collectorThatIsToldToStopLeavesNobodyWaitingAndTheNextOneGoesOn() throws Exception {
        List<Long> gone = new ArrayList<>();
        boolean isEarly = true;
        for (int call = 0; isEarly; call++) {
            assertThat(call).isLessThan(500);
            MovableClock time = new MovableClock(SignedBucket.DAY_ZERO);
            InMemoryObjectStore each = new InMemoryObjectStore().at(time);
            SignedBucket snapshots = new SignedBucket(each, key, PROMISE);
            snapshots.publish(0, "a", "b", "c", "d");
            snapshots.publish(1, "new");
            time.advance(PROMISE.plusHours(1));
            collectorOf(each, time).collect("first", "");
            time.advance(GRACE);
            Collector stopped = collectorOf(each, time);
            AtomicInteger left = new AtomicInteger(call);
            each.failing((operation, path) -> {
                if (left.getAndDecrement() == 0) {
                    stopped.stop();
                }
                return Verdict.PASS;
            });

            EndedCollection ended = stopped.collectToTheEnd("stopped", Optional.of(""));

            each.failing((operation, path) -> Verdict.PASS);
            isEarly = ended.reported().isEmpty();
            Set<String> there = each.objects().keySet();
            assertThat(there).as("told at call %d", call).doesNotContain(BucketPaths.lease(), BucketPaths.condemned());
            gone.add(Stream.of("a", "b", "c", "d")
                    .filter(word -> !there.contains(chunkOf(word)))
                    .count());
            assertThat(ended.collected().chunks().objects()).isEqualTo(gone.get(call));
            collectorOf(each, time).collect("next", "");
            assertThat(each.objects().keySet())
                    .contains(chunkOf("new"), pathOf(1, BucketPaths.RECORD))
                    .doesNotContain(chunkOf("a"), chunkOf("b"), chunkOf("c"), chunkOf("d"));
        }
        assertThat(gone).as("it was told at every point").contains(0L, 2L, 4L);
    }

    @Test
    void collectorThatIsToldToStopWhileTheStoreIsBusyGivesBackWhatItHasAllTheSame() throws Exception {
        publishDays("a b", "new");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        ObjectStore lastWords =
                new TurnedStore(store, () -> assertThat(Thread.currentThread().isInterrupted())
                        .as("a call would fail")
                        .isFalse());
        AtomicReference<Collector> stopped = new AtomicReference<>();
        ObjectStore busy = new TurnedStore(store, () -> {
            if (keys().contains(BucketPaths.condemned())) {
                // As the wait of a patient store ends when the program is told to stop.
                stopped.get().stop();
                Thread.currentThread().interrupt();
            }
        });
        stopped.set(new Collector(busy, store, lastWords, trusted(), rules(1), directory, clock, passed::get, 1));

        EndedCollection ended = stopped.get().collectToTheEnd("stopped", Optional.of(""));

        assertThat(Thread.interrupted()).as("who called must know").isTrue();
        assertThat(ended.reported()).isEmpty();
        assertThat(keys())
                .contains(chunkOf("a"), chunkOf("b"))
                .doesNotContain(BucketPaths.lease(), BucketPaths.condemned());
    }

    @Test
    void oneCollectorIsAtWorkAtATimeAndTheNextTakesOverFromOneThatIsGone() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        Lease other = Lease.take(store, store, "other", clock, passed::get);

        assertThatThrownBy(this::collect)
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("the collector other has it until");

        later(Lease.LIFE.plusMinutes(6));
        collect();
        assertThatThrownBy(other::renew).isInstanceOf(FailedException.class);
        other.close();
        assertThat(keys()).doesNotContain(BucketPaths.lease());
    }

    @Test
    void collectorThatStoodStillDeletesNothingMore() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.equals(BucketPaths.condemned())) {
                later(Lease.LIFE);
            }
            return Verdict.PASS;
        });

        assertThatThrownBy(this::collect).isInstanceOf(FailedException.class).hasMessageContaining("stood still");

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void nothingIsDeletedWhenTheClockIsNotTheStores() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        List<String> before = keys();
        MovableClock wrong = new MovableClock(clock.instant().plus(Duration.ofDays(400)));

        assertThatThrownBy(() -> new Collector(store, store, store, trusted(), rules(1), directory, wrong, passed::get)
                        .collect("run", ""))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("clock");

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void machineThatWasSuspendedDeletesNothingMore() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.equals(BucketPaths.condemned())) {
                // The clock that nobody sets stands still meanwhile.
                clock.advance(Lease.LIFE);
            }
            return Verdict.PASS;
        });

        assertThatThrownBy(this::collect).isInstanceOf(FailedException.class).hasMessageContaining("stood still");

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void graceOfAChunkThatWasNeededAgainCountsFromWhenItIsNeededNoMore() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        toDay(8);
        bucket.publish(8, "old");
        toDay(9);
        bucket.publish(9, "latest");
        toEndOfPromise(8);

        assertThat(collect().retired())
                .extracting(caravan.retain.Verdict::snapshot)
                .contains(idOf(8));
        collect();
        assertThat(keys()).contains(chunkOf("old"));

        later(GRACE);
        collect();
        assertThat(keys()).doesNotContain(chunkOf("old"));
    }

    @Test
    void listOfCandidatesOfWhichAllAreNeededAgainKeepsNothingElse() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        toDay(8);
        bucket.publish(8, "old", "newest");
        toEndOfPromise(1);
        later(GRACE);

        collect();
        later(GRACE.plusSeconds(1));
        collect();

        assertThat(keys()).contains(chunkOf("old")).doesNotContain(chunkOf("new"));
    }

    @Test
    void snapshotThatIsPinnedWhileChunksAreDeletedStays() throws Exception {
        publishDays("old", "new", "newest", "latest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) -> {
            if (operation.equals("create") && path.equals(BucketPaths.condemned())) {
                store.tamper("_control/pins/demo/" + idOf(1), new byte[0]);
            }
            return Verdict.PASS;
        });

        RetentionReport report = collect();

        assertThat(report.collected().objects()).isEqualTo(1);
        assertThat(report.retired()).isEmpty();
        assertThat(keys()).contains(pathOf(1, BucketPaths.RECORD), pathOf(1, BucketPaths.MANIFEST));
    }

    @Test
    void nothingIsDeletedWhileLatestLeadsToNothing() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        keys().stream().filter(path -> path.startsWith("demo/" + idOf(2))).forEach(store::lose);
        List<String> before = keys();

        assertThatThrownBy(this::collect).isInstanceOf(DamagedException.class).hasMessageContaining("not there");

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void snapshotsThatNeverBecameTheLatestTakeNobodysPlaceAmongTheLast() throws Exception {
        publishDays("a", "b", "c");
        for (int day = 3; day < 5; day++) {
            bucket.putRecord(day, bucket.putManifest(day, "bad"), 1);
        }
        toDay(100);

        assertThat(collector(rules(2)).plan().verdicts())
                .extracting(caravan.retain.Verdict::reason)
                .containsExactly(
                        Reason.EXPIRED,
                        Reason.AMONG_LAST,
                        Reason.LATEST,
                        Reason.NEWER_THAN_LATEST,
                        Reason.NEWER_THAN_LATEST);
    }

    @Test
    void afterADeletionWithoutAnAnswerNoOtherCollectorBeginsBeforeItCannotArriveAnyMore() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        store.failing((operation, path) ->
                operation.equals("remove") && path.equals(chunkOf("old")) ? Verdict.FAIL : Verdict.PASS);
        assertThatThrownBy(this::collect)
                .isInstanceOfSatisfying(TransientException.class, failure -> assertThat(failure.hint())
                        .contains("in an hour"));

        store.failing((operation, path) -> Verdict.PASS);
        later(Duration.ofMinutes(30));
        assertThatThrownBy(this::collect).isInstanceOf(TransientException.class).hasMessageContaining("has it until");
        assertThat(keys()).contains(BucketPaths.condemned());

        later(Duration.ofMinutes(36));
        assertThat(collect().collected().objects()).isEqualTo(1);
        assertThat(keys()).doesNotContain(BucketPaths.condemned(), BucketPaths.lease(), chunkOf("old"));
    }

    @Test
    void sessionThatCannotBeReadStopsEverything() throws Exception {
        publishDays("old", "new", "newest");
        toEndOfPromise(0);
        collect();
        later(GRACE);
        bucket.putSession("run-9", clock.instant(), false);
        store.failing((operation, path) -> {
            if (operation.equals("read") && path.equals(BucketPaths.session("run-9"))) {
                store.lose(path);
            }
            return Verdict.PASS;
        });

        assertThatThrownBy(this::collect).isInstanceOf(TransientException.class).hasMessageContaining("run-9");

        assertThat(keys()).contains(chunkOf("old"));
    }

    @Test
    void afterAFailureThatDoesNotPassNothingMoreIsSent() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        ObjectStore refusing = new TurnedStore(store, () -> {
            calls.incrementAndGet();
            throw new IllegalStateException("refused");
        });
        try (Lease lease = Lease.take(store, store, "run", clock, passed::get);
                Deletion deletion = new Deletion(refusing, lease, 1000, () -> false)) {
            for (int at = 0; at < 500; at++) {
                deletion.delete(new ListedChunks.Chunk(Digest.OF_NOTHING, "chunks/" + at, 7, clock.instant()));
            }

            assertThatThrownBy(deletion::finish).isInstanceOf(FailedException.class);
            assertThat(deletion.deleted().objects()).isZero();
        }
        assertThat(calls).hasValueLessThan(100);
    }

    /** Whatever call fails, or is carried out and its answer is lost: the same again is all that is needed. */
    @ParameterizedTest
    @EnumSource(names = {"FAIL", "LOSE_ANSWER"})
    void collectionThatEndsAtAnyCallIsGoneOnWith(Verdict verdict) throws Exception {
        List<String> wanted = afterCollections((operation, path) -> Verdict.PASS, 0);
        int calls = callsOfCollections();
        for (int at = 0; at < calls; at++) {
            AtomicInteger count = new AtomicInteger();
            int failing = at;
            List<String> found = afterCollections(
                    (operation, path) -> count.getAndIncrement() == failing ? verdict : Verdict.PASS, 3);
            assertThat(found).as("call %d of %d", at, calls).isEqualTo(wanted);
        }
    }

    private int callsOfCollections() throws Exception {
        AtomicInteger count = new AtomicInteger();
        afterCollections(
                (operation, path) -> {
                    count.incrementAndGet();
                    return Verdict.PASS;
                },
                0);
        return count.get();
    }

    /**
     * The keys after three collections that succeed, and one more if the last could not give its lease back. No more than
     * {@code more} may fail.
     */
    private List<String> afterCollections(InMemoryObjectStore.Fault fault, int more) throws Exception {
        MovableClock time = new MovableClock(SignedBucket.DAY_ZERO);
        InMemoryObjectStore each = new InMemoryObjectStore().at(time);
        SignedBucket snapshots = new SignedBucket(each, key, PROMISE);
        snapshots.publish(0, "shared", "old", "older");
        snapshots.publish(1, "shared", "new");
        snapshots.publish(2, "shared", "newest");
        time.advance(PROMISE.plusHours(1));
        each.failing(fault);
        int failed = 0;
        // A lease that could not be given back is over by the next time.
        for (int run = 0; run < 3 + failed || each.objects().containsKey(BucketPaths.lease()); run++) {
            assertThat(run).as("collections").isLessThan(8);
            try {
                new Collector(each, each, each, trusted(), rules(1), directory, time, passed::get)
                        .collect("run-" + runs.incrementAndGet(), "");
            } catch (CaravanException e) {
                failed++;
                assertThat(failed).as("failed again: %s", e).isLessThanOrEqualTo(more);
            }
            requireWholeSnapshots(each.objects().keySet());
            time.advance(GRACE.plus(Lease.LIFE).plusMinutes(6));
        }
        return List.copyOf(new TreeMap<>(each.objects()).keySet());
    }

    private static void requireWholeSnapshots(Set<String> there) {
        assertThat(there).contains(chunkOf("shared"), chunkOf("newest"), pathOf(2, BucketPaths.RECORD));
        if (there.contains(pathOf(1, BucketPaths.RECORD))) {
            assertThat(there).contains(chunkOf("new"), pathOf(1, BucketPaths.MANIFEST));
        }
        if (there.contains(pathOf(0, BucketPaths.RECORD))) {
            assertThat(there).contains(chunkOf("old"), chunkOf("older"), pathOf(0, BucketPaths.MANIFEST));
        }
    }

    private void publishDays(String... days) throws Exception {
        for (int day = 0; day < days.length; day++) {
            toDay(day);
            bucket.publish(day, days[day].split(" ", -1));
        }
    }

    private RetentionReport collect() throws Exception {
        return collector(rules(1)).collect("run-" + runs.incrementAndGet(), "");
    }

    private Collector collector(RetentionRules rules) {
        return new Collector(store, store, store, trusted(), rules, directory, clock, passed::get);
    }

    /** Deletes one chunk at a time. */
    private Collector collectorOf(ObjectStore of, MovableClock time) {
        return new Collector(of, of, of, trusted(), rules(1), directory, time, passed::get, 1);
    }

    private TrustedKeys trusted() {
        return TrustedKeys.of(key.publicKey());
    }

    private static RetentionRules rules(int keepLast) {
        return new RetentionRules(keepLast, GRACE, 100, MANY);
    }

    private void toDay(int day) {
        later(Duration.between(clock.instant(), idOf(day).createdAt()));
    }

    private void toEndOfPromise(int day) {
        toDay(day);
        later(PROMISE.plusHours(1));
    }

    private void later(Duration time) {
        clock.advance(time);
        passed.addAndGet(time.toNanos());
    }

    private List<String> keys() {
        return List.copyOf(store.objects().keySet());
    }
}
