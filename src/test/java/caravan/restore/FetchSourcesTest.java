package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.faults.Fault;
import caravan.faults.FaultProxy;
import caravan.restore.source.SourceReport;
import caravan.restore.source.SourceReport.State;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Several sources, of which one is bad: what comes is right, and the bad one is told. */
class FetchSourcesTest {

    private static final int CHUNK = 20_000;
    private static final int FAILURES_BEFORE_IT_IS_DROPPED = 3;

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(CHUNK));

    private final Bucket bucket = demo.bucket();
    private final FaultServer origin = demo.server();
    private final Client client = demo.client();
    private final Path target = demo.target();
    private final Bucket.Tree tree = Trees.version(1, 3, CHUNK);
    private FaultProxy first;
    private FaultProxy second;

    @BeforeEach
    void start() throws Exception {
        demo.publishLatest(tree, 1);
        URI upstream = URI.create(origin.base());
        first = FaultProxy.before(upstream);
        second = FaultProxy.before(upstream);
    }

    @AfterEach
    void stop() throws IOException {
        first.close();
        second.close();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("flip", Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 0), true),
                Arguments.of("longer", Fault.header(Fault.Side.ANSWER, "Content-Length: 99999999"), true),
                Arguments.of("shorter", Fault.header(Fault.Side.ANSWER, "Content-Length: 5"), true),
                Arguments.of("range", Fault.answer(206, "Content-Range: bytes 0-9/10"), true),
                Arguments.of("redirect", Fault.answer(302, "Location: http://127.0.0.1:9/"), true),
                Arguments.of("gzip", Fault.gzip(), true),
                Arguments.of("cut", Fault.body(Fault.Side.ANSWER, Fault.Harm.CUT, 0), false),
                Arguments.of("busy", Fault.answer(503), false),
                Arguments.of("stall", Fault.body(Fault.Side.ANSWER, Fault.Harm.STALL, 0), false),
                Arguments.of("drip", Fault.drip(Duration.ofMillis(5)), false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void ofTwoSourcesOneIsBad(String name, Fault fault, boolean lies) throws Exception {
        first.always(FaultProxy.gets("/chunks/"), fault);
        // Else it may have sent everything before the other was asked for anything.
        second.always(FaultProxy.gets("/chunks/"), Fault.delay(Duration.ofMillis(50)));

        client.fetch(url(first), target, Expectations.NONE, impatient(base(second)), Client.NOW);

        Trees.assertExact(target, tree);
        SourceReport bad = report(first);
        // the manifest at most, which it serves as it is
        assertThat(bad.objects()).isLessThanOrEqualTo(1);
        assertThat(bad.failures()).isPositive();
        assertThat(bad.remark()).isNotEmpty();
        // the other may have got everything before this one was asked three times
        assertThat(bad.state() == State.DROPPED || !lies || bad.failures() < FAILURES_BEFORE_IT_IS_DROPPED)
                .as(bad.toString())
                .isTrue();
        assertThat(report(second).objects()).isEqualTo(chunks() + 1 - bad.objects());
        assertThat(report(second).state()).isEqualTo(State.USED);
        assertThat(report(second).failures()).isZero();
    }

    @Test
    void twoGoodSourcesShareTheWork() throws Exception {
        client.fetch(url(first), target, Expectations.NONE, with(base(second)), Client.NOW);

        Trees.assertExact(target, tree);
        assertThat(report(first).objects()).isPositive();
        assertThat(report(second).objects()).isPositive();
        assertThat(report(first).objects() + report(second).objects()).isEqualTo(chunks() + 1);
        assertThat(report(first).bytes() + report(second).bytes())
                .isEqualTo(sizesOfChunks().sum()
                        + Files.size(bucket.root()
                                .resolve(BucketPaths.ofSnapshot(Bucket.DATABASE, snapshot(1), BucketPaths.MANIFEST))));
    }

    @Test
    void aDirectoryServesWhatItHasAndTheUrlTheRest() throws Exception {
        Path disk = demo.directory().resolve("carried");
        List<String> chunks = Trees.names(bucket.root().resolve("chunks")).stream()
                .filter(path -> path.length() > 10)
                .toList();
        for (int index = 0; index < chunks.size(); index += 2) {
            Path copy = disk.resolve("chunks").resolve(chunks.get(index));
            Files.createDirectories(copy.getParent());
            Files.copy(bucket.root().resolve("chunks").resolve(chunks.get(index)), copy);
        }

        client.fetch(url(first), target, Expectations.NONE, with(disk.toString()), Client.NOW);

        Trees.assertExact(target, tree);
        assertThat(client.progress().sources().get(1).objects()).isPositive();
    }

    @Test
    void aServerThatIsDownHoldsNobodyUp() throws Exception {
        String down = base(first);
        first.close();

        client.fetch(down + "/demo", target, Expectations.NONE, with(base(second)), Client.NOW);

        Trees.assertExact(target, tree);
        assertThat(client.progress().sources().get(0).state()).isEqualTo(State.RESTING);
        assertThat(client.progress().sources().get(0).remark()).contains("Connection refused");
    }

    @Test
    void theHighestSequenceCountsAndAMirrorThatIsBehindIsNoticed() throws Exception {
        Bucket newer = bucket.copyTo(demo.directory().resolve("newer"));
        Bucket.Tree next = Trees.version(2, 3, CHUNK);
        publishSecond(newer, next, 2);

        client.fetch(url(first), target, Expectations.NONE, with(newer.root().toString()), Client.NOW);

        Trees.assertExact(target, next);
        assertThat(report(first).remark()).contains("is behind: its pointer has sequence 1, accepted is 2");
    }

    @Test
    void whereTheUrlDoesNotSayItsLatestThatIsTold() throws Exception {
        origin.always(BucketPaths.latest(Bucket.DATABASE), FaultServer.status(503));
        List<FoundSnapshot> found = new ArrayList<>();

        fetch(with(bucket.copyTo(demo.directory().resolve("mirror")).root().toString()), found);

        Trees.assertExact(target, tree);
        assertThat(found).singleElement().satisfies(snapshot -> assertThat(snapshot.unheard())
                .containsExactly(origin.base()));
    }

    private void fetch(ClientSettings settings, List<FoundSnapshot> found) throws Exception {
        new Fetch(settings, demo.clock(), new Progress(), found::add)
                .run(SnapshotLocation.parse(origin.base() + "/demo"), target, Expectations.NONE);
    }

    @Test
    void whatWasAcceptedOnceIsNotTakenBackHoweverManySourcesSayIt() throws Exception {
        Bucket newer = bucket.copyTo(demo.directory().resolve("newer"));
        publishSecond(newer, Trees.version(2, 3, CHUNK), 2);
        client.fetch(newer.root() + "/demo", target);

        assertThatThrownBy(() -> client.fetch(url(first), target, Expectations.NONE, with(base(second)), Client.NOW))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("has sequence 1, but 2 was already accepted");
    }

    @Test
    void aSourceWhosePointerIsSignedByAStrangerIsDropped() throws Exception {
        Bucket forged = new Bucket(demo.directory().resolve("forged"), SigningKey.generate(), Client.NOW);
        publishSecond(forged, Trees.version(2, 3, CHUNK), 99);

        client.fetch(url(first), target, Expectations.NONE, with(forged.root().toString()), Client.NOW);

        Trees.assertExact(target, tree);
        SourceReport liar = client.progress().sources().get(1);
        assertThat(liar.state()).isEqualTo(State.DROPPED);
        assertThat(liar.remark()).contains("no trusted key has signed it");
        assertThat(liar.objects()).isZero();
    }

    @Test
    void aSequenceFarTooHighIsPassedOverForOneThatCanBeAccepted() throws Exception {
        client.fetch(url(first), target);
        Bucket burnt = bucket.copyTo(demo.directory().resolve("burnt"));
        publishSecond(burnt, Trees.version(2, 3, CHUNK), 5_000_000);

        client.fetch(url(first), target, Expectations.NONE, with(burnt.root().toString()), Client.NOW);

        Trees.assertExact(target, tree);
        assertThat(client.progress().sources().get(1).remark()).contains("5000000, accepted is 1");
    }

    @Test
    void theLastSourceIsKeptHoweverBadAndAllThatWasSaidIsTold() throws Exception {
        first.always(FaultProxy.gets("/chunks/"), Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 7));
        second.always(FaultProxy.gets("/chunks/"), Fault.body(Fault.Side.ANSWER, Fault.Harm.FLIP, 9));

        assertThatThrownBy(() -> client.fetch(url(first), target, Expectations.NONE, with(base(second)), Client.NOW))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("does not match its name");

        assertThat(target).doesNotExist();
        assertThat(client.progress().sources())
                .filteredOn(source -> source.state() == State.DROPPED)
                .hasSizeLessThanOrEqualTo(1);
    }

    private SourceReport report(FaultProxy proxy) {
        return client.progress().sources().stream()
                .filter(source -> source.name().equals(base(proxy)))
                .findFirst()
                .orElseThrow();
    }

    private ClientSettings with(String... bases) {
        return client.settings()
                .withMirrors(Arrays.stream(bases).map(PublishedBase::new).toList());
    }

    private ClientSettings impatient(String... bases) {
        return with(bases)
                .withPatience(Duration.ofMillis(700), client.settings().retries());
    }

    /** Each is fetched once, in however many places it stands. */
    private long chunks() throws IOException {
        return sizesOfChunks().count();
    }

    private LongStream sizesOfChunks() throws IOException {
        Path all = bucket.root().resolve("chunks");
        return Trees.names(all).stream()
                .map(name -> all.resolve(name).toFile())
                .filter(File::isFile)
                .mapToLong(File::length);
    }

    private static String base(FaultProxy proxy) {
        return proxy.endpoint() + "/snapshots";
    }

    private static String url(FaultProxy proxy) {
        return base(proxy) + "/demo";
    }

    /** A second snapshot, to which a pointer of that sequence leads. */
    private static void publishSecond(Bucket bucket, Bucket.Tree what, long sequence) throws Exception {
        bucket.point(bucket.publish(what, snapshot(2), false, Bucket.twoStores(CHUNK)), sequence);
    }
}
