package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.RefusedException;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pointer that several trusted keys signed is remembered for each of them, as when a publisher changes to a new key. */
@Timeout(60)
class ManySignersTest {

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("db/full", Engine.ROCKSDB, 1000));

    private final SigningKey next = SigningKey.generate();
    private final Bucket.Tree tree = new Bucket.Tree().file("db/full/CURRENT", "MANIFEST-000004\n");
    private SnapshotRecord record;

    @BeforeEach
    void publish() throws Exception {
        record = demo.publish(tree, 1);
    }

    @Test
    void whoServesAnOldPointerOfAnyOfThemIsFoundOut() throws Exception {
        ClientSettings settings = demo.client().settings();
        ClientSettings both = ClientSettings.of(
                TrustedKeys.of(demo.key().publicKey()).and(TrustedKeys.of(next.publicKey())), demo.state());
        point(7, demo.key(), next);
        Client client = demo.client();
        client.fetch(demo.url(), demo.target(), Expectations.NONE, both, demo.now());
        point(6, next);

        Path other = demo.disk().resolve("other");
        assertThatThrownBy(() -> client.fetch(demo.url(), other, Expectations.NONE, both, demo.now()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("7 was already accepted");
        point(6, demo.key());
        assertThatThrownBy(() -> client.fetch(demo.url(), other, Expectations.NONE, settings, demo.now()))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("7 was already accepted");
        point(7, next);
        client.fetch(demo.url(), other, Expectations.NONE, both, demo.now());
        Trees.assertExact(other, tree);
    }

    @Test
    void theScriptFindsItOutToo() throws Exception {
        SyncScript script = new SyncScript(demo.state(), demo.key().fingerprint());
        String[] both = {"--key", next.fingerprint()};
        point(7, demo.key(), next);
        script.run(demo.url(), demo.target(), both).done();
        point(6, next);

        Path other = demo.disk().resolve("other");
        script.run(demo.url(), other, both).refusedWith(4, "7 was already accepted");
        point(6, next, demo.key());
        script.run(demo.url(), other, both).refusedWith(4, "7 was already accepted");
        point(7, next);
        script.run(demo.url(), other, both).done();
        Trees.assertExact(other, tree);
    }

    /** Signed by these, in this order. */
    private void point(long sequence, SigningKey... keys) throws Exception {
        demo.bucket().point(record, sequence);
        Path latest = demo.bucket().root().resolve(BucketPaths.latest(DATABASE));
        String line = Files.readString(latest).lines().findFirst().orElseThrow();
        byte[] pointer = line.getBytes(StandardCharsets.UTF_8);
        Files.write(latest, SignedNote.sign(pointer, NoteKind.POINTER, keys));
    }
}
