package caravan.aws;

import static caravan.faults.Fault.Harm.CUT;
import static caravan.faults.Fault.Harm.FLIP;
import static caravan.faults.Fault.Harm.STALL;
import static caravan.faults.Fault.Side.ANSWER;
import static caravan.faults.Fault.Side.REQUEST;
import static caravan.faults.FaultProxy.gets;
import static caravan.faults.FaultProxy.puts;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.locals3.LocalS3;
import caravan.locals3.OpenS3;
import caravan.snapshot.Digest;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.CreateOutcome;
import caravan.store.ObjectHead;
import caravan.store.ObjectStore;
import caravan.store.OpenObject;
import caravan.store.ReplaceOutcome;
import caravan.store.StoreAbilities;
import caravan.store.StoreProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.S3Client;

/** What callers see when the way to the store, or the store, fails. */
@Timeout(60)
final class S3FaultsTest {

    private static final String CHUNK = "chunks/ab/ab3f000000000000000000000000000000000000000000000000000000000000";

    /** No fault reaches it; a busy machine must not either. */
    private static final Duration AMPLE = Duration.ofSeconds(30);

    /** For tests in which something stalls. */
    private static final Duration SHORT = Duration.ofMillis(700);

    private static final AtomicInteger PREFIXES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static LocalS3 server;
    private static OpenS3 openServer;

    private final byte[] bytes = randomBytes(8 << 20);
    private final Content content = Content.of(bytes, Content.OCTETS, CachePolicy.IMMUTABLE);

    private FaultProxy proxy;
    private S3Client client;
    private ObjectStore store;

    @BeforeAll
    static void startServers() throws Exception {
        server = LocalS3.start(directory.resolve("closed"), "snapshots", "key", "secret");
        openServer = OpenS3.start(directory.resolve("open"), "snapshots");
    }

    @AfterAll
    static void stopServers() throws Exception {
        server.close();
        openServer.close();
    }

    @BeforeEach
    void connect() throws Exception {
        reach(FaultProxy.before(server.endpoint()), AMPLE);
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
        proxy.close();
    }

    private void reach(FaultProxy proxy, Duration idle) throws CaravanException {
        this.proxy = proxy;
        S3Settings usual =
                S3Settings.of(proxy.endpoint(), "snapshots", "faults/" + PREFIXES.incrementAndGet(), "key", "secret");
        S3Settings settings = new S3Settings(
                usual.endpoint(),
                usual.region(),
                usual.bucket(),
                usual.prefix(),
                usual.credentials(),
                usual.addressing(),
                usual.trust(),
                new S3Settings.Limits(Duration.ofSeconds(10), idle, 20));
        client = S3Clients.build(settings);
        store = new S3ObjectStore(client, settings);
    }

    private void reachOpenServer() throws Exception {
        disconnect();
        reach(FaultProxy.before(openServer.endpoint()), AMPLE);
    }

    private void reachWithIdleLimit(Duration idle) throws Exception {
        disconnect();
        reach(FaultProxy.before(server.endpoint()), idle);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504, 409, 429})
    void busyStoreMayBeAskedAgain(int status) throws Exception {
        proxy.first(2, puts(CHUNK), Fault.answer(status));

        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(TransientException.class);
        assertThatThrownBy(() -> store.create(CHUNK, content))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("create " + CHUNK)
                .hasMessageContaining(String.valueOf(status));
        assertThat(store.create(CHUNK, content)).isEqualTo(CreateOutcome.CREATED);
        assertThat(proxy.requests()).as("one attempt per call").hasSize(3);
    }

    @Test
    void storeThatAsksForTimeIsHeard() {
        proxy.next(puts(CHUNK), Fault.answer(503, "Retry-After: 7"));

        TransientException busy = catchThrowableOfType(TransientException.class, () -> store.create(CHUNK, content));

        assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void creationWhoseAnswerWasLostIsFoundToBeOurs() throws Exception {
        proxy.next(puts(CHUNK), Fault.loseAnswer());

        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(TransientException.class);

        assertThat(store.create(CHUNK, content)).isEqualTo(CreateOutcome.ALREADY_THERE);
        assertThat(store.head(CHUNK).orElseThrow().compare(bytes.length, content.digest()))
                .isEqualTo(ObjectHead.Likeness.SAME);
    }

    @Test
    void replacementWhoseAnswerWasLostIsFoundToBeOurs() throws Exception {
        store.put("polkadot/latest", text("one"));
        String etag = store.read("polkadot/latest", 10).orElseThrow().etag();
        proxy.next(puts("latest"), Fault.loseAnswer());

        assertThatThrownBy(() -> store.replace("polkadot/latest", text("two"), etag))
                .isInstanceOf(TransientException.class);

        assertThat(store.replace("polkadot/latest", text("two"), etag)).isEqualTo(ReplaceOutcome.CONFLICT);
        assertThat(store.read("polkadot/latest", 10).orElseThrow().bytes()).isEqualTo("two".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3_000_000})
    void uploadThatIsCutStoresNothing(long at) throws Exception {
        proxy.next(puts(CHUNK), Fault.body(REQUEST, CUT, at));

        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(TransientException.class);

        assertThat(store.head(CHUNK)).isEmpty();
        assertThat(store.create(CHUNK, content)).isEqualTo(CreateOutcome.CREATED);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 5_000_000, (8 << 20) - 1})
    void bitThatFlipsOnTheWayUpIsNotStored(long at) throws Exception {
        proxy.next(puts(CHUNK), Fault.body(REQUEST, FLIP, at));

        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(DamagedException.class);

        assertThat(store.head(CHUNK)).isEmpty();
        assertThat(store.create(CHUNK, content)).isEqualTo(CreateOutcome.CREATED);
    }

    @Test
    void bitThatFlipsOnTheWayUpIsNotStoredWhenOnlyTheChecksumTells() throws Exception {
        reachOpenServer();
        proxy.next(puts(CHUNK), Fault.body(REQUEST, FLIP, 77));

        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(DamagedException.class);

        assertThat(store.head(CHUNK)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3_000_000})
    void uploadThatNobodyTakesEndsAtTheIdleLimit(long at) throws Exception {
        reachWithIdleLimit(SHORT);
        proxy.next(puts(CHUNK), Fault.body(REQUEST, STALL, at));

        long begin = System.nanoTime();
        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(TransientException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AMPLE);
    }

    @Test
    void answerThatNeverComesEndsAtTheIdleLimit() throws Exception {
        reachWithIdleLimit(SHORT);
        proxy.next(puts(CHUNK), Fault.withholdAnswer());

        long begin = System.nanoTime();
        assertThatThrownBy(() -> store.create(CHUNK, content)).isInstanceOf(TransientException.class);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(AMPLE);
    }

    @Test
    void uploadThatIsSlowButMovesIsLeftAlone() throws Exception {
        reachWithIdleLimit(Duration.ofSeconds(6));
        proxy.next(puts(CHUNK), Fault.delay(Duration.ofSeconds(1)));

        assertThat(store.create(CHUNK, content)).isEqualTo(CreateOutcome.CREATED);
    }

    @Test
    void downloadThatStopsOrEndsEarlyIsNotTakenForWhole() throws Exception {
        reachWithIdleLimit(Duration.ofSeconds(3));
        store.create(CHUNK, content);
        proxy.next(gets(CHUNK), Fault.body(ANSWER, CUT, 100));
        proxy.next(gets(CHUNK), Fault.body(ANSWER, CUT, 100));
        proxy.next(gets(CHUNK), Fault.body(ANSWER, STALL, 100));

        assertThatThrownBy(() -> store.read(CHUNK, bytes.length)).isInstanceOf(TransientException.class);
        try (OpenObject object = store.open(CHUNK).orElseThrow()) {
            assertThatThrownBy(() -> object.body().readAllBytes()).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> store.read(CHUNK, bytes.length)).isInstanceOf(TransientException.class);

        assertThat(store.read(CHUNK, bytes.length).orElseThrow().bytes()).isEqualTo(bytes);
    }

    @Test
    void successWithoutAnEtagIsNoSuccess() throws Exception {
        proxy.next(puts(CHUNK), Fault.answer(200));
        proxy.next(puts(CHUNK), Fault.dropHeader(ANSWER, "ETag"));

        assertThatThrownBy(() -> store.create(CHUNK, content))
                .isInstanceOf(TransientException.class)
                .hasMessageContaining("ETag");
        assertThat(store.head(CHUNK)).isEmpty();
        assertThatThrownBy(() -> store.put(CHUNK, content)).isInstanceOf(TransientException.class);
    }

    @Test
    void forbiddenKeyIsAbsentOnlyIfOthersCanBeRead() throws Exception {
        proxy.always(request -> request.target().contains("/latest"), Fault.answer(403));

        assertThatThrownBy(() -> store.head("polkadot/latest")).isInstanceOf(WrongUsageException.class);
        assertThatThrownBy(() -> store.read("polkadot/latest", 10)).isInstanceOf(WrongUsageException.class);

        store.put(StoreProbe.MARK, text("mark"));

        assertThat(store.head("polkadot/latest")).isEmpty();
        assertThat(store.read("polkadot/latest", 10)).isEmpty();
        assertThatThrownBy(() -> store.create("polkadot/latest", text("x")))
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("403 AccessDenied");
    }

    @Test
    void bucketElsewhereNamesTheRegionToSet() {
        proxy.next(puts(CHUNK), Fault.answer(301, "x-amz-bucket-region: eu-north-1"));

        WrongUsageException elsewhere =
                catchThrowableOfType(WrongUsageException.class, () -> store.create(CHUNK, content));

        assertThat(elsewhere.hint()).isEqualTo("set caravan.s3.region=eu-north-1");
    }

    @Test
    void answerThatMeansNothingIsAFailure() {
        proxy.next(puts(CHUNK), Fault.answer(418));

        assertThatThrownBy(() -> store.create(CHUNK, content))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("418");
    }

    @Test
    void fileThatVanishedIsNotBlamedOnTheStore() throws Exception {
        Path file = Files.writeString(directory.resolve("vanishing"), "x");
        Content content = Content.of(file, Digest.of(new byte[] {'x'}), Content.OCTETS, CachePolicy.IMMUTABLE);
        Files.delete(file);

        assertThatThrownBy(() -> store.put(CHUNK, content))
                .isInstanceOf(FailedException.class)
                .hasMessageContaining("vanishing");
    }

    @Test
    void interruptedCallEndsAndStaysInterrupted() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> store.put(CHUNK, content)).isInstanceOf(TransientException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void probeNoticesAStoreThatIgnoresIfNoneMatch() throws Exception {
        reachOpenServer();
        proxy.always(puts(""), Fault.dropHeader(REQUEST, "If-None-Match"));

        assertThat(probe()).isEqualTo(new StoreAbilities(false, true, true, true));
    }

    @Test
    void probeNoticesAStoreThatIgnoresIfMatch() throws Exception {
        reachOpenServer();
        proxy.always(puts(""), Fault.dropHeader(REQUEST, "If-Match"));

        assertThat(probe()).isEqualTo(new StoreAbilities(true, false, true, true));
    }

    @Test
    void probeNoticesAStoreThatDoesNotCompareChecksums() throws Exception {
        reachOpenServer();
        proxy.always(puts(""), Fault.dropHeader(REQUEST, "x-amz-checksum-sha256"));

        assertThat(probe()).isEqualTo(new StoreAbilities(true, true, false, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "If-Match"})
    void probeRefusesAStoreThatRefusesConditions(String header) throws Exception {
        reachOpenServer();
        proxy.always(request -> !request.header(header).isEmpty(), Fault.answer(501));

        assertThatThrownBy(this::probe)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("refuses every put with " + header)
                .hasMessageContaining("501");
    }

    @Test
    void probeNoticesAStoreThatAltersContent() throws Exception {
        proxy.always(gets("_control/probe/slot"), Fault.body(ANSWER, FLIP, 20));

        assertThatThrownBy(this::probe).isInstanceOf(DamagedException.class);
    }

    @Test
    void probeOfABusyStoreIsTriedAgainAndNotTakenForAnAnswer() {
        proxy.nth(3, puts(""), Fault.answer(503));

        assertThatThrownBy(this::probe).isInstanceOf(TransientException.class);
    }

    private StoreAbilities probe() throws CaravanException {
        return new StoreProbe(store, new Random(7)).probe();
    }

    private static Content text(String text) {
        return Content.of(text.getBytes(UTF_8), "text/plain", CachePolicy.MUTABLE);
    }

    private static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
