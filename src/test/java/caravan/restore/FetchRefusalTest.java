package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Who may be believed: signatures, sequences, times and names. In each case no file is made. */
class FetchRefusalTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.oneStore(1000));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final SigningKey stranger = SigningKey.generate();
    private final Bucket.Tree tree = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n");

    @AfterEach
    void nothingWasMade() throws IOException {
        assertThat(Trees.list(demo.disk())).isEmpty();
    }

    @Test
    void anotherKeyIsNotBelieved() throws Exception {
        new Bucket(bucket.root(), stranger, Client.NOW).point(demo.publish(tree, 1), 1);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("demo/latest")
                .hasMessageContaining(stranger.fingerprint());

        assertThat(server.requests())
                .as("asked once, and once past the caches; nothing that it names")
                .hasSize(2)
                .allMatch(request -> request.startsWith("demo/latest"));
    }

    @Test
    void aRecordOfAnotherKeyIsNotBelievedEither() throws Exception {
        SnapshotRecord record = demo.publish(tree, 1);
        bucket.point(record, 1);
        new Bucket(bucket.root(), stranger, Client.NOW).putRecord(snapshot(1), record);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining(stranger.fingerprint());
    }

    @Test
    void aChangedPointerIsNotBelieved() throws Exception {
        demo.publishLatest(tree, 1);
        String text = new String(bucket.get("demo/latest"), StandardCharsets.UTF_8);
        bucket.put(
                "demo/latest",
                text.replaceFirst("\"sequence\":1", "\"sequence\":2").getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(demo::fetch).isInstanceOf(DamagedException.class).hasMessageContaining("signature");
    }

    @Test
    void aLowerSequenceThanOneThatWasAcceptedIsRefusedForEver() throws Exception {
        Path other = demo.directory().resolve("disk2");
        Files.createDirectory(other);
        SnapshotRecord old = demo.publish(tree, 1);
        bucket.point(demo.publish(tree, 2), 7);
        demo.fetchInto(other.resolve("a"));
        bucket.point(old, 6);

        for (int time = 0; time < 2; time++) {
            assertThatThrownBy(demo::fetch)
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("sequence 6")
                    .hasMessageContaining("7 was already accepted");
        }
        bucket.point(old, 7);
        demo.fetchInto(other.resolve("b"));
    }

    @Test
    void aSequenceFarAheadIsRefusedAndNotRemembered() throws Exception {
        Path other = demo.directory().resolve("disk2");
        Files.createDirectory(other);
        SnapshotRecord record = demo.publish(tree, 1);
        bucket.point(record, 7);
        demo.fetchInto(other.resolve("a"));
        bucket.point(record, 7 + 1_000_001);

        assertThatThrownBy(demo::fetch).isInstanceOf(RefusedException.class).hasMessageContaining("1000008");
        bucket.point(record, 8);
        demo.fetchInto(other.resolve("b"));
    }

    @Test
    void memoryIsPrivate() throws Exception {
        Path other = demo.directory().resolve("disk2");
        Files.createDirectory(other);
        bucket.point(demo.publish(tree, 1), 7);
        demo.fetchInto(other.resolve("a"));

        try (Stream<Path> all = Files.walk(demo.state())) {
            assertThat(all.toList())
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    void anExpiredPointerIsRefused() throws Exception {
        bucket.point(demo.publish(tree, 1), 1, Client.NOW);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("expired at " + Client.NOW);
    }

    @Test
    void aPointerThatIsAboutToExpireIsGood() throws Exception {
        bucket.point(demo.publish(tree, 1), 1, Client.NOW.plus(Duration.ofSeconds(1)));

        Path other = Files.createDirectory(demo.directory().resolve("disk2")).resolve("a");
        demo.fetchInto(other);

        Trees.assertExact(other, tree);
    }

    @Test
    void thePointerOfAnotherDatabaseIsNotTaken() throws Exception {
        demo.publishLatest(tree, 1);
        bucket.put("other/latest", bucket.get("demo/latest"));

        assertThatThrownBy(() -> demo.client().fetch(server.base() + "/other", target))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("is the pointer of demo, not of other");
    }

    @Test
    void aRecordIsGoodForItsOwnSnapshotOnly() throws Exception {
        demo.publish(tree, 1);
        bucket.putRecord(snapshot(2), demo.publish(tree, 3));

        assertThatThrownBy(() -> demo.fetch(2))
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("is the record of snapshot " + snapshot(3));
    }

    @Test
    void thePointerVouchesForTheRecordItWasSignedWith() throws Exception {
        demo.publishLatest(tree, 1);
        Bucket later = new Bucket(bucket.root(), demo.key(), Client.NOW.plusSeconds(60));
        later.publish(tree, snapshot(1), false, Bucket.oneStore(1000));

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("is not the record that the pointer names");
    }

    @Test
    void aManifestThatEscapesIsRefusedThoughItIsSigned() throws Exception {
        for (String path : List.of("../../evil", "/etc/evil", "db/full/../../../evil", "C:/evil", ".caravan/lock")) {
            bucket.point(publishHandMade(path), 1);

            assertThatThrownBy(demo::fetch)
                    .as(path)
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("manifest.jsonl");
            assertThat(demo.directory().resolve("evil")).doesNotExist();
            assertThat(Trees.list(demo.disk())).isEmpty();
        }
    }

    @Test
    void aManifestOfAnotherSnapshotIsRefusedThoughItIsSigned() throws Exception {
        SnapshotRecord other = demo.publish(tree, 2);
        byte[] manifest = bucket.get("demo/" + snapshot(2) + "/manifest.jsonl");
        ManifestHeader header =
                new ManifestHeader(DATABASE, snapshot(1), List.of(store("db/full", Engine.ROCKSDB, 1000)));
        bucket.point(bucket.publish(snapshot(1), manifest, other.totals(), header), 1);

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("is of snapshot " + snapshot(2));
    }

    @Test
    void aWebPageIsNoPointer() throws Exception {
        bucket.put("demo/latest", "<!DOCTYPE html><p>Please log in".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("a web page came back");
    }

    @Test
    void nobodyIsTrustedUnlessSaid() throws Exception {
        demo.publishLatest(tree, 1);
        ClientSettings trusting = demo.client().settings();
        ClientSettings nobody = ClientSettings.of(TrustedKeys.of(), trusting.stateDirectory());

        assertThatThrownBy(() -> demo.client().fetch(demo.url(), target, Expectations.NONE, nobody, Client.NOW))
                .isInstanceOf(DamagedException.class);
    }

    private SnapshotRecord publishHandMade(String path) throws Exception {
        SnapshotRecord good = demo.publish(tree, 1);
        String name = "demo/" + snapshot(1) + "/manifest.jsonl";
        String text = new String(bucket.get(name), StandardCharsets.UTF_8);
        assertThat(text).contains("db/full/CURRENT\",\"size\"");
        byte[] bad = text.replace("\"db/full/CURRENT\",\"size\"", "\"" + path + "\",\"size\"")
                .getBytes(StandardCharsets.UTF_8);
        ManifestHeader header =
                new ManifestHeader(DATABASE, snapshot(1), List.of(store("db/full", Engine.ROCKSDB, 1000)));
        return bucket.publish(snapshot(1), bad, good.totals(), header);
    }
}
