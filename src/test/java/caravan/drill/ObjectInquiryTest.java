package caravan.drill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.restore.ClientSettings;
import caravan.signature.SigningKey;
import caravan.signature.TrustedKeys;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.StoredAs;
import caravan.store.CachePolicy;
import caravan.store.Content;
import caravan.store.InMemoryObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One object, as the bucket has it and as it is served. A directory stands for the public address. */
class ObjectInquiryTest {

    private static final byte[] RIGHT = "the right bytes".getBytes(UTF_8);

    private static final byte[] WRONG = "other bytes".getBytes(UTF_8);

    private static final String CHUNK = BucketPaths.chunk(Digest.of(RIGHT), StoredAs.PLAIN);

    private final InMemoryObjectStore bucket = new InMemoryObjectStore();

    @TempDir
    Path directory;

    private Path served;

    private ObjectInquiry inquiry;

    @BeforeEach
    void setUp() throws Exception {
        served = directory.resolve("served");
        ClientSettings client =
                ClientSettings.of(TrustedKeys.of(SigningKey.generate().publicKey()), directory.resolve("state"));
        inquiry = new ObjectInquiry(bucket, client, served.toString());
    }

    @Test
    void bucketThatIsRightLeavesItToTheCdnToForget() throws Exception {
        store(RIGHT);
        serve(WRONG);
        ObjectInquiry.Answer answer = inquiry.ask(CHUNK);
        assertThat(answer.text())
                .isEqualTo("the bucket has " + CHUNK + " as it should be, the public address has 11 bytes that hash to "
                        + Digest.of(WRONG));
        assertThat(answer.hint())
                .startsWith("let the CDN forget " + served + "/" + CHUNK)
                .doesNotContain("delete");
        assertThat(answer.isInBucket()).isTrue();
    }

    @Test
    void bucketThatIsWrongIsToldWhetherTheEdgeHasTheSame() throws Exception {
        store(WRONG);
        serve(WRONG);
        assertThat(inquiry.ask(CHUNK).text())
                .isEqualTo("bucket and public address agree on " + CHUNK + ": either has 11 bytes that hash to "
                        + Digest.of(WRONG));
        serve(RIGHT);
        ObjectInquiry.Answer differs = inquiry.ask(CHUNK);
        assertThat(differs.text()).startsWith("bucket and public address do not agree on " + CHUNK);
        assertThat(differs.hint())
                .isEqualTo("delete " + CHUNK + " in the bucket, let the CDN forget " + served + "/" + CHUNK
                        + ", and publish again, which stores it anew; the files of the node are not in doubt");
    }

    @Test
    void objectThatTheBucketHasNotIsSaidToBeMissing() throws Exception {
        serve(RIGHT);
        ObjectInquiry.Answer lost = inquiry.ask(CHUNK);
        assertThat(lost.isInBucket()).isFalse();
        assertThat(lost.text()).contains("the bucket has nothing, the public address has 15 bytes");
        Files.delete(served.resolve(CHUNK));
        assertThat(inquiry.ask(CHUNK).text()).endsWith("either has nothing");
    }

    @Test
    void missingChunkIsNotToBeDeletedButPublishedAgain() throws Exception {
        serve(RIGHT);
        assertThat(inquiry.ask(CHUNK).hint())
                .contains("publish again, which stores it anew")
                .doesNotContain("delete");
    }

    @Test
    void manifestIsNeverToBeDeletedSinceNoPublicationStoresItAgain() throws Exception {
        String manifest = "demo/20261122T083300Z-7/manifest.jsonl";
        bucket.put(manifest, Content.of(RIGHT, "text/plain", CachePolicy.IMMUTABLE));
        serve(manifest, WRONG);
        assertThat(inquiry.ask(manifest).hint())
                .startsWith("let the CDN forget " + served + "/" + manifest)
                .contains("if the bucket has it wrong, too, publish a new snapshot")
                .doesNotContain("delete");
    }

    @Test
    void compressedChunkIsNotToBeDeletedSinceItsNameDoesNotSayItsBytes() throws Exception {
        String compressed = CHUNK + ".zst";
        bucket.put(compressed, Content.of(RIGHT, "text/plain", CachePolicy.IMMUTABLE));
        serve(compressed, WRONG);
        assertThat(inquiry.ask(compressed).hint()).doesNotContain("delete");
    }

    @Test
    void bucketThatDoesNotAnswerIsToBeAskedAgainAndNothingIsToBeDeleted() throws Exception {
        serve(WRONG);
        bucket.failing((operation, key) -> InMemoryObjectStore.Verdict.FAIL);
        ObjectInquiry.Answer unknown = inquiry.ask(CHUNK);
        assertThat(unknown.text()).contains("the bucket does not answer (");
        assertThat(unknown.hint()).contains("again when the bucket answers").doesNotContain("delete");
        assertThat(unknown.isInBucket()).isTrue();
    }

    @Test
    void nameThatSaysNothingAboutItsBytesIsComparedOnly() throws Exception {
        String record = "demo/20261122T083300Z-7/record";
        bucket.put(record, Content.of(RIGHT, "text/plain", CachePolicy.MUTABLE));
        Files.createDirectories(served.resolve(record).getParent());
        Files.write(served.resolve(record), RIGHT);
        assertThat(inquiry.ask(record).text()).startsWith("bucket and public address agree on " + record);
    }

    private void store(byte[] bytes) throws Exception {
        bucket.put(CHUNK, Content.of(bytes, "application/octet-stream", CachePolicy.IMMUTABLE));
    }

    private void serve(byte[] bytes) throws Exception {
        serve(CHUNK, bytes);
    }

    private void serve(String path, byte[] bytes) throws Exception {
        Files.createDirectories(served.resolve(path).getParent());
        Files.write(served.resolve(path), bytes);
    }
}
