package caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.TransientException;
import caravan.manifest.CatalogFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.Catalog;
import caravan.snapshot.CatalogDatabase;
import caravan.snapshot.CatalogRefusal;
import caravan.snapshot.CatalogSnapshot;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.SnapshotChange;
import caravan.snapshot.SnapshotId;
import caravan.snapshot.SnapshotRecord;
import caravan.store.InMemoryObjectStore;
import caravan.store.ObjectHead;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CatalogKeepingTest {

    private static final String CATALOG = "catalog.json";

    private static final PublisherProfile PROFILE =
            new PublisherProfile("Example", "https://cdn.example.org/data/", Duration.ofHours(36));

    private final SigningKey key = SigningKey.generate();

    private final SigningKey neighbour = SigningKey.generate();

    private final TrustedKeys trusted = TrustedKeys.of(key.publicKey(), neighbour.publicKey());

    private final InMemoryObjectStore store = new InMemoryObjectStore();

    private Instant now = Records.DAY_ZERO;

    @Test
    void firstSnapshotMakesTheCatalog() throws Exception {
        publish("demo", 0);

        Catalog catalog = catalog();
        assertThat(catalog.publisher()).isEqualTo("Example");
        assertThat(catalog.publicUrl()).isEqualTo("https://cdn.example.org/data");
        assertThat(catalog.generatedAt()).isEqualTo(now);
        assertThat(catalog.databases()).hasSize(1);
        CatalogDatabase database = catalog.databases().get(0);
        assertThat(database.key()).isEqualTo(key.fingerprint());
        assertThat(database.expectedBy()).isEqualTo(Records.DAY_ZERO.plus(Duration.ofHours(36)));
        assertThat(database.snapshots())
                .containsExactly(CatalogSnapshot.of(Records.of("demo", 0), List.of(Records.changeOn(0))));
        ObjectHead head = store.head(CATALOG).orElseThrow();
        assertThat(head.contentType()).isEqualTo("application/json");
        assertThat(head.cacheControl()).isEqualTo("max-age=60");
    }

    @Test
    void laterSnapshotsComeFirstAndEarlierStayAsTheyWere() throws Exception {
        publish("demo", 0);
        CatalogSnapshot first = snapshotsOf("demo").get(0);

        publish("demo", 1);
        publish("demo", 2);

        assertThat(idsOf("demo")).containsExactly(Records.idOf(2), Records.idOf(1), Records.idOf(0));
        assertThat(snapshotsOf("demo").get(2)).isEqualTo(first);
        assertThat(snapshotsOf("demo").get(0).change()).containsExactly(Records.changeOn(2));
    }

    @Test
    void drillChangesItsOwnSnapshotAloneAndOneThatIsNotListedNothing() throws Exception {
        publish("demo", 0);
        publish("demo", 1);
        CatalogSnapshot newer = snapshotsOf("demo").get(0);
        CatalogSnapshot older = snapshotsOf("demo").get(1);

        keeper(key, "demo")
                .drilled(new DatabaseName("demo"), Records.idOf(0), "passed 2026-11-22T09:00:00Z: opens", true);
        assertThat(snapshotsOf("demo")).containsExactly(newer, older.withDrill("passed 2026-11-22T09:00:00Z: opens"));

        byte[] before = store.objects().get(CATALOG);
        keeper(key, "demo").drilled(new DatabaseName("demo"), Records.idOf(7), "passed", true);
        keeper(key, "demo").drilled(new DatabaseName("other"), Records.idOf(0), "passed", true);
        assertThat(store.objects().get(CATALOG)).isEqualTo(before);

        publish("demo", 2);
        assertThat(snapshotsOf("demo").get(2).drill()).startsWith("passed");
    }

    @Test
    void snapshotThatItsPublicationCouldNotListIsCaughtUpOnce() throws Exception {
        publish("demo", 0);
        Records.publish(store, key, Records.of("demo", 1));

        assertThat(keeper(key, "demo").catchUp(new DatabaseName("demo"))).isTrue();

        assertThat(snapshotsOf("demo").get(0)).isEqualTo(CatalogSnapshot.of(Records.of("demo", 1), List.of()));
        assertThat(idsOf("demo")).containsExactly(Records.idOf(1), Records.idOf(0));
        byte[] before = store.objects().get(CATALOG);
        now = now.plusSeconds(5);
        assertThat(keeper(key, "demo").catchUp(new DatabaseName("demo"))).isTrue();
        assertThat(store.objects().get(CATALOG)).isEqualTo(before);
        publish("demo", 2);
        assertThat(idsOf("demo")).containsExactly(Records.idOf(2), Records.idOf(1), Records.idOf(0));
    }

    @Test
    void snapshotOfANeighbourIsCaughtUpUnderTheKeyThatSignedIt() throws Exception {
        publish("demo", 0);
        Records.publish(store, neighbour, Records.of("other", 0));

        assertThat(keeper(key, "demo", "other").catchUp(new DatabaseName("other")))
                .isTrue();

        assertThat(databaseOf("other").key()).isEqualTo(neighbour.fingerprint());
        assertThat(databaseOf("demo").key()).isEqualTo(key.fingerprint());
    }

    @Test
    void nothingIsCaughtUpWhereNothingIsPublished() throws Exception {
        assertThat(keeper(key, "demo").catchUp(new DatabaseName("demo"))).isFalse();
        assertThat(store.objects()).isEmpty();
    }

    @Test
    void otherDatabasesStayAsTheirPublishersWroteThem() throws Exception {
        keeper(neighbour, "other").add(Records.publish(store, neighbour, Records.of("other", 0)), Records.changeOn(0));
        CatalogDatabase before = catalog().databases().get(0);

        publish("demo", 1);

        assertThat(catalog().databases()).hasSize(2);
        assertThat(databaseOf("other")).isEqualTo(before);
        assertThat(databaseOf("demo").key()).isEqualTo(key.fingerprint());
    }

    @Test
    void repeatingIsHarmlessAndWritesNothing() throws Exception {
        publish("demo", 0);
        byte[] before = store.objects().get(CATALOG);
        now = now.plusSeconds(5);

        keeper(key, "demo").add(Records.of("demo", 0), Records.changeOn(0));

        assertThat(store.objects().get(CATALOG)).isEqualTo(before);
    }

    @Test
    void answerThatWasLostIsNoRaceThatWasLost() throws Exception {
        publish("demo", 0);
        AtomicInteger calls = new AtomicInteger();
        store.failing((operation, path) -> operation.equals("replace") && calls.incrementAndGet() == 1
                ? InMemoryObjectStore.Verdict.LOSE_ANSWER
                : InMemoryObjectStore.Verdict.PASS);
        SnapshotRecord second = Records.publish(store, key, Records.of("demo", 1));
        CatalogKeeping keeper = keeper(key, "demo");

        assertThatThrownBy(() -> keeper.add(second, Records.changeOn(1))).isInstanceOf(TransientException.class);
        keeper.add(second, Records.changeOn(1));

        assertThat(idsOf("demo")).containsExactly(Records.idOf(1), Records.idOf(0));
    }

    @Test
    void publishersAtTheSameTimeLoseNobodysEntry() throws Exception {
        int publishers = 6;
        ExecutorService threads = Executors.newFixedThreadPool(publishers);
        CyclicBarrier start = new CyclicBarrier(publishers);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int at = 0; at < publishers; at++) {
                String name = "db-" + at;
                running.add(threads.submit(() -> {
                    CatalogKeeping keeper = keeper(key, name);
                    start.await(20, TimeUnit.SECONDS);
                    for (int day = 0; day < 10; day++) {
                        keeper.add(Records.publish(store, key, Records.of(name, day)), Records.changeOn(day));
                    }
                    return null;
                }));
            }
            for (Future<?> publisher : running) {
                publisher.get(40, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(catalog().databases()).hasSize(publishers).allSatisfy(database -> assertThat(database.snapshots())
                .hasSize(10));
    }

    @Test
    void raceThatIsLostEachTimeIsGivenUp() throws Exception {
        publish("demo", 0);
        AtomicInteger writes = new AtomicInteger();
        store.failing((operation, path) -> {
            if (operation.equals("replace")) {
                writes.incrementAndGet();
                store.tamper(CATALOG, store.objects().get(CATALOG));
            }
            return InMemoryObjectStore.Verdict.PASS;
        });

        assertThatThrownBy(() -> keeper(key, "demo").add(Records.of("demo", 1), Records.changeOn(1)))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("others changed it");
        assertThat(writes).hasValueBetween(2, 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{}\n", "<html>", "cut", "flipped", "long"})
    void damagedCatalogIsMadeAnewOfWhatThePointersLeadTo(String damage) throws Exception {
        publish("able", 0);
        publish("demo", 0);
        store.tamper(CATALOG, damaged(damage, store.objects().get(CATALOG)));

        keeper(key, "able", "demo", "never-published")
                .add(Records.publish(store, key, Records.of("demo", 1)), Records.changeOn(1));

        assertThat(idsOf("demo")).containsExactly(Records.idOf(1), Records.idOf(0));
        assertThat(idsOf("able")).containsExactly(Records.idOf(0));
        assertThat(snapshotsOf("able").get(0).change()).isEmpty();
        assertThat(catalog().databases()).hasSize(2);
    }

    @Test
    void missingCatalogIsMadeAnew() throws Exception {
        publish("able", 0);
        publish("demo", 0);
        store.lose(CATALOG);

        keeper(key, "able", "demo").add(Records.publish(store, key, Records.of("demo", 1)), Records.changeOn(1));

        assertThat(catalog().databases()).hasSize(2);
    }

    @Test
    void pointerOrRecordThatCannotBeBelievedIsLeftOut() throws Exception {
        SigningKey stranger = SigningKey.generate();
        Records.publish(store, stranger, Records.of("able", 0));
        SnapshotRecord copied = Records.publish(store, key, Records.of("baker", 0));
        store.tamper(Records.pathOf(copied), store.objects().get(Records.pathOf(Records.of("able", 0))));

        keeper(key, "able", "baker", "demo")
                .add(Records.publish(store, key, Records.of("demo", 0)), Records.changeOn(0));

        assertThat(catalog().databases()).extracting(CatalogDatabase::name).containsExactly(new DatabaseName("demo"));
    }

    @Test
    void snapshotThatTheCatalogMissedIsAddedFromItsRecord() throws Exception {
        publish("demo", 0);
        Records.publish(store, key, Records.of("demo", 1));

        publish("demo", 2);

        assertThat(idsOf("demo")).containsExactly(Records.idOf(2), Records.idOf(1), Records.idOf(0));
        assertThat(snapshotsOf("demo").get(1).change()).isEmpty();
    }

    @Test
    void catalogOfAStrangerIsLeftAlone() throws Exception {
        SigningKey stranger = SigningKey.generate();
        CatalogKeeping other =
                new CatalogKeeping(store, stranger, TrustedKeys.of(stranger.publicKey()), PROFILE, List.of(), clock());
        other.add(Records.of("other", 0), Records.changeOn(0));
        byte[] before = store.objects().get(CATALOG);

        assertThatThrownBy(() -> publish("demo", 0))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining(stranger.fingerprint())
                .satisfies(failure ->
                        assertThat(((FailedException) failure).hint()).contains("caravan.trusted-keys"));
        assertThat(store.objects().get(CATALOG)).isEqualTo(before);
    }

    @Test
    void catalogOfANewerProgramIsLeftAlone() throws Exception {
        byte[] newer = SignedNote.sign(
                "{\"format\":\"caravan-catalog-2\"}".getBytes(StandardCharsets.UTF_8), NoteKind.CATALOG, key);
        store.tamper(CATALOG, newer);

        assertThatThrownBy(() -> publish("demo", 0))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("a newer one is needed");
        assertThat(store.objects().get(CATALOG)).isEqualTo(newer);
    }

    @Test
    void snapshotStaysListedUntilItsPromiseIsOverAndItsRecordIsGone() throws Exception {
        publish("demo", 0);
        publish("demo", 1);
        store.lose(Records.pathOf(Records.of("demo", 0)));

        publish("demo", 2);
        assertThat(idsOf("demo")).as("promised, though gone").contains(Records.idOf(0));

        now = Records.DAY_ZERO.plus(Duration.ofDays(30));
        publish("demo", 30);
        assertThat(idsOf("demo"))
                .as("gone and no longer promised; what is there stays")
                .containsExactly(Records.idOf(30), Records.idOf(2), Records.idOf(1));
    }

    @Test
    void oldestSnapshotsMakeRoomWhenTheNoteIsFull() throws Exception {
        String wordy = "x".repeat(900);
        keeper(key, "tiny").add(Records.publish(store, key, Records.of("tiny", 0)), Records.changeOn(0));
        CatalogKeeping keeper = keeper(key, "demo");
        for (int day = 1; day < 60; day++) {
            SnapshotRecord record = Records.publish(store, key, Records.of("demo", day, wordy));
            keeper.add(record, Records.changeOn(day));
        }

        assertThat(store.objects().get(CATALOG).length).isBetween(60_000, SignedNote.MAX_BYTES);
        assertThat(idsOf("tiny")).containsExactly(Records.idOf(0));
        List<SnapshotId> kept = idsOf("demo");
        assertThat(kept).hasSizeBetween(30, 58);
        assertThat(kept)
                .isEqualTo(IntStream.range(0, kept.size())
                        .mapToObj(back -> Records.idOf(59 - back))
                        .toList());
    }

    @Test
    void moreDatabasesThanFitAreRefusedAndTheCatalogStays() throws Exception {
        String wordy = "x".repeat(900);
        FailedException failure = null;
        for (int at = 0; at < 80 && failure == null; at++) {
            String name = "db-" + at;
            byte[] before = store.objects().get(CATALOG);
            try {
                keeper(key, name).add(Records.of(name, 0, wordy), Records.changeOn(0));
            } catch (FailedException e) {
                failure = e;
                assertThat(store.objects().get(CATALOG)).isEqualTo(before);
            }
        }
        assertThat(failure).hasMessageContaining("do not fit");
    }

    @Test
    void changedProfileIsTold() throws Exception {
        publish("demo", 0);
        PublisherProfile moved = new PublisherProfile("Example", "https://new.example.org", Duration.ofHours(36));

        new CatalogKeeping(store, key, trusted, moved, List.of(), clock())
                .add(Records.of("demo", 0), Records.changeOn(0));

        assertThat(catalog().publicUrl()).isEqualTo("https://new.example.org");
    }

    @Test
    void storeThatIsDownIsTheCallersConcern() {
        store.failing((operation, path) -> InMemoryObjectStore.Verdict.FAIL);

        assertThatThrownBy(() -> keeper(key, "demo").add(Records.of("demo", 0), Records.changeOn(0)))
                .isInstanceOf(TransientException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x", "https://x/?q", "https://x/$(id)", "https://u@x", "x"})
    void addressThatCouldDoSomethingInAShellIsNoProfile(String url) {
        assertThatThrownBy(() -> new PublisherProfile("", url, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nameThatPlaysTricksIsNoProfile() {
        assertThatThrownBy(() -> new PublisherProfile("a\u202Eb", "https://x", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatCode(() -> new PublisherProfile("<b>Ünïcode</b>", "https://x//", Duration.ZERO))
                .doesNotThrowAnyException();
    }

    private byte[] damaged(String how, byte[] note) {
        return switch (how) {
            case "cut" -> Arrays.copyOf(note, note.length / 2);
            case "flipped" -> {
                byte[] flipped = note.clone();
                flipped[note.length / 4] ^= 1;
                yield flipped;
            }
            case "long" -> Arrays.copyOf(note, SignedNote.MAX_BYTES * 2);
            default -> how.getBytes(StandardCharsets.UTF_8);
        };
    }

    @Test
    void snapshotThatWasFoundBadIsNamedAndStaysWhenTheNextOneIsPublished() throws Exception {
        publish("demo", 0);
        keeper(key, "demo").refused(new DatabaseName("other"), List.of(refusal(9)));
        assertThat(databaseOf("demo").refused()).isEmpty();
        keeper(key, "demo").refused(new DatabaseName("demo"), List.of(refusal(1)));
        byte[] before = store.objects().get(CATALOG);
        keeper(key, "demo").refused(new DatabaseName("demo"), List.of(refusal(1)));
        assertThat(store.objects().get(CATALOG)).as("it says so already").isEqualTo(before);

        publish("demo", 2);
        keeper(key, "demo").drilled(new DatabaseName("demo"), Records.idOf(2), "passed", true);

        assertThat(databaseOf("demo").refused()).containsExactly(refusal(1));
        assertThat(idsOf("demo")).containsExactly(Records.idOf(2), Records.idOf(0));
    }

    @Test
    void ofManyThatWereFoundBadTheNewestAreNamed() throws Exception {
        publish("demo", 0);
        for (int day = 1; day <= 8; day++) {
            keeper(key, "demo").refused(new DatabaseName("demo"), List.of(refusal(day)));
        }
        assertThat(databaseOf("demo").refused())
                .containsExactly(refusal(8), refusal(7), refusal(6), refusal(5), refusal(4));
    }

    @Test
    void snapshotThatWasFoundBadSeveralTimesIsNamedOnceAndNotWhenItWasFoundGoodLater() throws Exception {
        publish("demo", 0);
        DatabaseName demo = new DatabaseName("demo");
        CatalogRefusal first =
                new CatalogRefusal(Records.idOf(0), Records.idOf(1).createdAt(), "a chunk is damaged");
        CatalogRefusal again =
                new CatalogRefusal(Records.idOf(0), Records.idOf(2).createdAt(), "a chunk is lost");
        keeper(key, "demo").refused(demo, List.of(first));
        keeper(key, "demo").refused(demo, List.of(again, refusal(1)));
        assertThat(databaseOf("demo").refused()).containsExactly(again, refusal(1));
        keeper(key, "demo").drilled(demo, Records.idOf(0), "failed", false);
        assertThat(databaseOf("demo").refused()).containsExactly(again, refusal(1));
        keeper(key, "demo").drilled(demo, Records.idOf(0), "passed", true);
        assertThat(databaseOf("demo").refused()).containsExactly(refusal(1));
    }

    private static CatalogRefusal refusal(int day) {
        SnapshotId id = Records.idOf(day);
        return new CatalogRefusal(id, id.createdAt(), "a table is damaged");
    }

    private void publish(String database, int day) throws Exception {
        SnapshotRecord record = Records.publish(store, key, Records.of(database, day));
        SnapshotChange change = Records.changeOn(day);
        keeper(key, database).add(record, change);
    }

    private CatalogKeeping keeper(SigningKey signer, String... own) {
        List<DatabaseName> names = Arrays.stream(own).map(DatabaseName::new).toList();
        return new CatalogKeeping(store, signer, trusted, PROFILE, names, clock());
    }

    private Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    private Catalog catalog() throws Exception {
        byte[] note = store.objects().get(CATALOG);
        return CatalogFormat.read(
                SignedNote.verify(note, NoteKind.CATALOG, trusted, CATALOG, now).line(), CATALOG);
    }

    private CatalogDatabase databaseOf(String name) throws Exception {
        return catalog().databases().stream()
                .filter(database -> database.name().value().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<CatalogSnapshot> snapshotsOf(String name) throws Exception {
        return databaseOf(name).snapshots();
    }

    private List<SnapshotId> idsOf(String name) throws Exception {
        return snapshotsOf(name).stream().map(CatalogSnapshot::id).toList();
    }
}
