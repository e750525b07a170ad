package caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.snapshot.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link ObjectStore} owes its callers. Each test works below keys of its own. */
public abstract class ObjectStoreContract {

    private static final String A_CHUNK = "chunks/ab/ab3f000000000000000000000000000000000000000000000000000000000000";

    @TempDir
    Path directory;

    /** A store in which no earlier test has written. */
    protected abstract ObjectStore store() throws Exception;

    @Test
    void whatIsRemovedIsGoneAndRemovingItAgainIsHarmless() throws Exception {
        ObjectStore store = store();
        store.put("demo/files/1/a", text("a"));
        store.put("demo/files/1/ab", text("ab"));

        store.remove("demo/files/1/a");
        store.remove("demo/files/1/a");

        assertThat(store.head("demo/files/1/a")).isEmpty();
        assertThat(textAt(store, "demo/files/1/ab")).isEqualTo("ab");
        assertThat(store.create("demo/files/1/a", text("b"))).isEqualTo(CreateOutcome.CREATED);
    }

    @Test
    void everythingBelowAFolderIsListedWithItsSizeAndItsTimeAndNothingElse() throws Exception {
        ObjectStore store = store();
        Instant before = Instant.now().minusSeconds(2);
        for (int object = 0; object < 10; object++) {
            store.put("listed/sub/" + object, text("x".repeat(object)));
        }
        store.put("listed/subject", text("beside it"));
        store.put("listed/sub/ü +%", text("odd"));

        List<ListedObject> found = new ArrayList<>();
        Optional<String> page = Optional.empty();
        do {
            ObjectPage each = store.list("listed/sub/", page);
            found.addAll(each.objects());
            page = each.next();
        } while (page.isPresent());

        assertThat(found)
                .extracting(ListedObject::key)
                .containsExactly(
                        "listed/sub/0",
                        "listed/sub/1",
                        "listed/sub/2",
                        "listed/sub/3",
                        "listed/sub/4",
                        "listed/sub/5",
                        "listed/sub/6",
                        "listed/sub/7",
                        "listed/sub/8",
                        "listed/sub/9",
                        "listed/sub/ü +%");
        assertThat(found.get(7).size()).isEqualTo(7);
        assertThat(found).allSatisfy(object -> assertThat(object.storedAt())
                .isBetween(before, Instant.now().plusSeconds(2)));
        assertThat(store.list("nowhere/", Optional.empty())).isEqualTo(new ObjectPage(List.of(), Optional.empty()));
        assertThat(all(store)).contains("listed/subject", "listed/sub/0");
    }

    private static List<String> all(ObjectStore store) throws Exception {
        List<String> keys = new ArrayList<>();
        Optional<String> page = Optional.empty();
        do {
            ObjectPage each = store.list("", page);
            each.objects().forEach(object -> keys.add(object.key()));
            page = each.next();
        } while (page.isPresent());
        return keys;
    }

    @Test
    void unknownKeyIsEmptyEverywhere() throws Exception {
        ObjectStore store = store();

        assertThat(store.head("polkadot/latest")).isEmpty();
        assertThat(store.read("polkadot/latest", 10)).isEmpty();
        assertThat(store.open("polkadot/latest")).isEmpty();
        assertThat(store.replace("polkadot/latest", text("x"), "\"0123\"")).isEqualTo(ReplaceOutcome.CONFLICT);
        assertThat(store.head("polkadot/latest")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100_000, 16 << 20})
    void bytesComeBackAsTheyWere(int size) throws Exception {
        ObjectStore store = store();
        byte[] bytes = randomBytes(size);

        CreateOutcome outcome = store.create(A_CHUNK, octets(bytes));

        assertThat(outcome).isEqualTo(CreateOutcome.CREATED);
        assertThat(store.read(A_CHUNK, size).orElseThrow().bytes()).isEqualTo(bytes);
        try (OpenObject open = store.open(A_CHUNK).orElseThrow()) {
            assertThat(open.size()).isEqualTo(size);
            assertThat(open.body().readAllBytes()).isEqualTo(bytes);
        }
        ObjectHead head = store.head(A_CHUNK).orElseThrow();
        assertThat(head.size()).isEqualTo(size);
        if (abilities().checksumsTold()) {
            assertThat(head.compare(size, Digest.of(bytes))).isEqualTo(ObjectHead.Likeness.SAME);
            assertThat(head.compare(size, Digest.of("other".getBytes(UTF_8)))).isEqualTo(ObjectHead.Likeness.DIFFERENT);
        } else {
            assertThat(head.compare(size, Digest.of(bytes))).isEqualTo(ObjectHead.Likeness.SAME_SIZE);
        }
        assertThat(head.compare(size + 1L, Digest.of(bytes))).isEqualTo(ObjectHead.Likeness.DIFFERENT);
    }

    @Test
    void fileIsStoredWholeAndCanBeStoredAgain() throws Exception {
        ObjectStore store = store();
        byte[] bytes = randomBytes(3_000_000);
        Path file = Files.write(directory.resolve("manifest"), bytes);
        Content content = Content.of(file, Digest.of(bytes), "application/jsonl; charset=utf-8", CachePolicy.IMMUTABLE);

        store.put("polkadot/20261122T083300Z-1/manifest.jsonl", content);
        store.put("polkadot/20261122T083300Z-2/manifest.jsonl", content);

        assertThat(store.read("polkadot/20261122T083300Z-2/manifest.jsonl", 3_000_000)
                        .orElseThrow()
                        .bytes())
                .isEqualTo(bytes);
    }

    @Test
    void objectsAreComposedOfOneAndOfSeveral() throws Exception {
        ObjectStore store = store();
        byte[] first = randomBytes((int) Composition.SMALLEST_PART);
        byte[] second = randomBytes(1000);
        String other = A_CHUNK.replace("ab3f", "ab40");
        store.put(A_CHUNK, octets(first));
        store.put(other, octets(second));
        Composition.Part one = new Composition.Part(A_CHUNK, first.length);
        Composition.Part two = new Composition.Part(other, second.length);

        store.compose("polkadot/files/v/one.sst", composed(one));
        store.compose("polkadot/files/v/both + %.sst", composed(one, two));

        assertThat(store.read("polkadot/files/v/one.sst", first.length)
                        .orElseThrow()
                        .bytes())
                .isEqualTo(first);
        byte[] both = store.read("polkadot/files/v/both + %.sst", first.length + second.length)
                .orElseThrow()
                .bytes();
        assertThat(both).startsWith(first).endsWith(second).hasSize(first.length + second.length);
        for (String key : List.of("polkadot/files/v/one.sst", "polkadot/files/v/both + %.sst")) {
            ObjectHead head = store.head(key).orElseThrow();
            assertThat(head.contentType()).isEqualTo("text/plain");
            assertThat(head.cacheControl()).isEqualTo(CachePolicy.IMMUTABLE.header());
        }
    }

    @Test
    void nothingIsComposedOfWhatIsNotThere() throws Exception {
        ObjectStore store = store();
        store.put(A_CHUNK, octets(randomBytes((int) Composition.SMALLEST_PART)));
        Composition.Part there = new Composition.Part(A_CHUNK, Composition.SMALLEST_PART);
        Composition.Part missing = new Composition.Part(A_CHUNK.replace("ab3f", "ab41"), 7);

        for (Composition composition : List.of(composed(missing), composed(there, missing))) {
            assertThatThrownBy(() -> store.compose("polkadot/files/v/no.sst", composition))
                    .isInstanceOf(FailedException.class);
            assertThat(store.head("polkadot/files/v/no.sst")).isEmpty();
        }
    }

    private static Composition composed(Composition.Part... parts) {
        return new Composition(List.of(parts), "text/plain", CachePolicy.IMMUTABLE);
    }

    @Test
    void typeAndCachePolicyAreKept() throws Exception {
        ObjectStore store = store();

        store.create(A_CHUNK, octets(randomBytes(9)));
        store.put("index.html", Content.of("<p>".getBytes(UTF_8), "text/html; charset=utf-8", CachePolicy.MUTABLE));

        ObjectHead chunk = store.head(A_CHUNK).orElseThrow();
        assertThat(chunk.contentType()).isEqualTo("application/octet-stream");
        assertThat(chunk.cacheControl()).isEqualTo("public, max-age=31536000, immutable, no-transform");
        ObjectHead page = store.head("index.html").orElseThrow();
        assertThat(page.contentType()).isEqualToIgnoringWhitespace("text/html; charset=utf-8");
        assertThat(page.cacheControl()).isEqualTo("max-age=60");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "catalog.json",
                "polkadot/20261122T083300Z-23456789/record",
                "polkadot/20261122T083300Z-0/SHA256SUMS",
                "_control/sessions/0d9f6a9c-2f0f-4b3e-8d0e-2f6d7a1b3c4d",
                "chunks/00/0000000000000000000000000000000000000000000000000000000000000000.zst",
                "files/polkadot/20261122T083300Z-1/db/full/with space + plus %41 é.sst"
            })
    void keysOfEveryFormWork(String key) throws Exception {
        ObjectStore store = store();

        assertThat(store.create(key, text("one"))).isEqualTo(CreateOutcome.CREATED);
        assertThat(store.create(key, text("two"))).isEqualTo(CreateOutcome.ALREADY_THERE);

        assertThat(textAt(store, key)).isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a//b", "a/", "../a", "a/./b", "a\nb"})
    void keyThatCouldMeanSomethingElseIsACallersBug(String key) throws Exception {
        ObjectStore store = store();

        assertThatThrownBy(() -> store.put(key, text("x"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.head(key)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 16 << 20})
    void creatingOverAnObjectLeavesItAlone(int size) throws Exception {
        ObjectStore store = store();
        store.create(A_CHUNK, text("first"));

        for (int again = 0; again < 5; again++) {
            assertThat(store.create(A_CHUNK, octets(randomBytes(size)))).isEqualTo(CreateOutcome.ALREADY_THERE);
        }

        assertThat(textAt(store, A_CHUNK)).isEqualTo("first");
    }

    @Test
    void oneOfManyCreatorsWins() throws Exception {
        ObjectStore store = store();
        List<Callable<CreateOutcome>> rivals = new ArrayList<>();
        for (int rival = 0; rival < 8; rival++) {
            Content mine = text("rival " + rival);
            rivals.add(() -> store.create(A_CHUNK, mine));
        }

        List<CreateOutcome> outcomes = atOnce(rivals);

        assertThat(outcomes).containsOnlyOnce(CreateOutcome.CREATED);
        assertThat(textAt(store, A_CHUNK)).isEqualTo("rival " + outcomes.indexOf(CreateOutcome.CREATED));
    }

    @Test
    void replacingNeedsTheVersionThatWasRead() throws Exception {
        ObjectStore store = store();
        store.put("polkadot/latest", text("one"));
        String first = store.read("polkadot/latest", 100).orElseThrow().etag();

        assertThat(store.replace("polkadot/latest", text("two"), first)).isEqualTo(ReplaceOutcome.REPLACED);
        assertThat(store.replace("polkadot/latest", text("three"), first)).isEqualTo(ReplaceOutcome.CONFLICT);

        assertThat(textAt(store, "polkadot/latest")).isEqualTo("two");
        assertThat(store.head("polkadot/latest").orElseThrow().etag()).isNotEqualTo(first);
    }

    @Test
    void oneOfManyReplacersWins() throws Exception {
        ObjectStore store = store();
        store.put("polkadot/latest", text("one"));
        String etag = store.read("polkadot/latest", 100).orElseThrow().etag();
        List<Callable<ReplaceOutcome>> rivals = new ArrayList<>();
        for (int rival = 0; rival < 8; rival++) {
            Content mine = text("rival " + rival);
            rivals.add(() -> store.replace("polkadot/latest", mine, etag));
        }

        List<ReplaceOutcome> outcomes = atOnce(rivals);

        assertThat(outcomes).containsOnlyOnce(ReplaceOutcome.REPLACED);
        assertThat(textAt(store, "polkadot/latest")).isEqualTo("rival " + outcomes.indexOf(ReplaceOutcome.REPLACED));
    }

    @Test
    void puttingReplacesWhateverIsThere() throws Exception {
        ObjectStore store = store();

        store.put("catalog.json", text("one"));
        store.put("catalog.json", text("two"));

        assertThat(textAt(store, "catalog.json")).isEqualTo("two");
    }

    @Test
    void bytesThatAreNotWhatTheirDigestSaysAreNotStored() throws Exception {
        assumeTrue(abilities().checksumsHonoured(), "this store compares no checksums");
        ObjectStore store = store();
        store.put("catalog.json", text("good"));
        Content altered = new Content.Bytes(
                "altered".getBytes(UTF_8), Digest.of("meant".getBytes(UTF_8)), "text/plain", CachePolicy.MUTABLE);

        assertThatThrownBy(() -> store.put("catalog.json", altered)).isInstanceOf(DamagedException.class);
        assertThatThrownBy(() -> store.create(A_CHUNK, altered)).isInstanceOf(DamagedException.class);

        assertThat(textAt(store, "catalog.json")).isEqualTo("good");
        assertThat(store.head(A_CHUNK)).isEmpty();
    }

    @Test
    void objectLongerThanTheLimitIsNotRead() throws Exception {
        ObjectStore store = store();
        store.put("polkadot/latest", octets(randomBytes(1001)));

        assertThat(store.read("polkadot/latest", 1001).orElseThrow().bytes()).hasSize(1001);
        assertThatThrownBy(() -> store.read("polkadot/latest", 1000))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("polkadot/latest");
    }

    @Test
    void openObjectCanBeLeftEarlyAndTheStoreIsStillThere() throws Exception {
        ObjectStore store = store();
        store.create(A_CHUNK, octets(randomBytes(16 << 20)));

        for (int again = 0; again < 3; again++) {
            try (OpenObject open = store.open(A_CHUNK).orElseThrow()) {
                assertThat(open.body().readNBytes(10)).hasSize(10);
            }
        }

        assertThat(store.head(A_CHUNK)).isPresent();
    }

    @Test
    void probeFindsEveryAbility() throws Exception {
        ObjectStore store = store();
        store.put("catalog.json", text("mine"));

        StoreAbilities first = new StoreProbe(store, new Random(1)).probe();
        StoreAbilities again = new StoreProbe(store, new Random(1)).probe();

        assertThat(first).isEqualTo(abilities());
        assertThat(again).isEqualTo(first);
        assertThat(textAt(store, "catalog.json")).isEqualTo("mine");
    }

    /** What the store can do; whatever it cannot is not asked of it. */
    protected StoreAbilities abilities() {
        return new StoreAbilities(true, true, true, true);
    }

    /** Small text content. */
    protected static Content text(String text) {
        return Content.of(text.getBytes(UTF_8), "text/plain", CachePolicy.MUTABLE);
    }

    /** Content of a chunk. */
    protected static Content octets(byte[] bytes) {
        return Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE);
    }

    /** The same bytes for the same {@code size}. */
    protected static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    /** What is stored at {@code key}, as text. */
    protected static String textAt(ObjectStore store, String key) throws Exception {
        return new String(store.read(key, 1000).orElseThrow().bytes(), UTF_8);
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> call : threads.invokeAll(calls)) {
                results.add(call.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
