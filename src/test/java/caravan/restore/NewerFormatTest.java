package caravan.restore;

import static caravan.restore.Bucket.DATABASE;
import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.DamagedException;
import caravan.manifest.CatalogFormat;
import caravan.manifest.PointerFormat;
import caravan.signature.NoteKind;
import caravan.signature.SignedNote;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a publisher of a later format may write, in which nothing but the first field is as it is now: both clients say that
 * a newer one is needed, and nothing else.
 */
@Timeout(120)
class NewerFormatTest {

    private static final List<String> SHAPES = List.of(
            "}",
            ",\"database\":7,\"snapshot\":[],\"stores\":{},\"record\":null,\"sequence\":1.5}",
            ",\"database\":\"UPPER\",\"engines\":[\"mdbx\"],\"stores\":[{\"engine\":\"mdbx\"}]}",
            ",\"new\":" + "[".repeat(20) + "]".repeat(20) + "}",
            ",\"new\":1,\"new\":2}",
            ",\"text\":\"" + "x".repeat(5000) + "\"}");

    @AutoClose
    private final DemoDatabase demo = DemoDatabase.signedToday(store("db/full", Engine.ROCKSDB, 1000));

    private final Bucket bucket = demo.bucket();
    private final Path target = demo.target();

    @Test
    void ofAPointer() throws Exception {
        for (String shape : SHAPES) {
            byte[] line = line("{\"format\":\"caravan-pointer-2\"" + shape);
            bucket.put(BucketPaths.latest(DATABASE), SignedNote.sign(line, NoteKind.POINTER, demo.key()));

            aNewerClientIsNeededFor("caravan-pointer-2");
        }
    }

    @Test
    void ofARecord() throws Exception {
        for (String shape : SHAPES) {
            byte[] line = line("{\"format\":\"caravan-record-2\"" + shape);
            bucket.put(
                    BucketPaths.ofSnapshot(DATABASE, snapshot(1), BucketPaths.RECORD),
                    SignedNote.sign(line, NoteKind.RECORD, demo.key()));
            byte[] signed = line("{\"format\":\"caravan-record-2\"" + shape + "\n");
            Pointer pointer = new Pointer(
                    DATABASE,
                    2,
                    "run-2",
                    Instant.now().minusSeconds(60),
                    Instant.now().plusSeconds(6000),
                    new ObjectRef(snapshot(1) + "/" + BucketPaths.RECORD, signed.length, Digest.of(signed)));
            bucket.put(
                    BucketPaths.latest(DATABASE),
                    SignedNote.sign(PointerFormat.write(pointer), NoteKind.POINTER, demo.key()));

            aNewerClientIsNeededFor("caravan-record-2");
        }
    }

    @Test
    void ofAManifest() throws Exception {
        ManifestHeader header =
                new ManifestHeader(DATABASE, snapshot(1), List.of(store("db/full", Engine.ROCKSDB, 1000)));
        for (String shape : SHAPES) {
            byte[] manifest = line("{\"format\":\"caravan-manifest-2\"" + shape + "\n{\"link\":\"x\"}\n");
            bucket.point(bucket.publish(snapshot(1), manifest, new ManifestTotals(1, 0, 1, 1), header), 2);

            aNewerClientIsNeededFor("caravan-manifest-2");
        }
    }

    @Test
    void ofACatalog() {
        for (String shape : SHAPES) {
            assertThatThrownBy(() -> CatalogFormat.read(line("{\"format\":\"caravan-catalog-2\"" + shape), "x"))
                    .isInstanceOf(DamagedException.class)
                    .hasMessageContaining("its format is caravan-catalog-2")
                    .hasMessageContaining("a newer one is needed");
        }
    }

    private void aNewerClientIsNeededFor(String format) throws Exception {
        assertThatThrownBy(demo::fetch)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("its format is " + format)
                .hasMessageContaining("a newer one is needed");
        new SyncScript(
                        demo.directory().resolve("state of the script"),
                        demo.key().fingerprint())
                .run(demo.url(), target)
                .refusedWith(3, format, "a newer one is needed");
        assertThat(target).doesNotExist();
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
