package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code verify} finds, in what is published and in a directory. */
class VerificationTest {

    @AutoClose
    private final DemoDatabase demo = new DemoDatabase(Bucket.twoStores(1000));

    private final Bucket bucket = demo.bucket();
    private final FaultServer server = demo.server();
    private final Path target = demo.target();
    private final Bucket.Tree old = Trees.older();

    @BeforeEach
    void publish() throws Exception {
        demo.publish(old, 1);
        demo.publishLatest(Trees.newer(), 2);
    }

    @Test
    void whatIsPublishedIsVerifiedToTheLastByte() throws Exception {
        Verification verification = demo.verification();
        VerifyOutcome good = verification.published(demo.location(), false);
        server.always(Bucket.chunk(Trees.NEW), FaultServer.flippedBit(3));
        server.always("demo/" + snapshot(2) + "/chunks.tsv", FaultServer.status(404));

        VerifyOutcome bad = demo.verification().published(demo.location(), false);
        VerifyOutcome quick = demo.verification().published(demo.location(), true);

        assertThat(good.faultCount()).isZero();
        assertThat(bad.faultCount()).isEqualTo(2);
        assertThat(bad.faults()).anyMatch(fault -> fault.contains("chunks.tsv answered 404"));
        assertThat(bad.faults())
                .anyMatch(fault -> fault.contains(Bucket.chunk(Trees.NEW)) && fault.contains("does not match"));
        assertThat(quick.faultCount()).isEqualTo(1);
    }

    @Test
    void whatIsPublishedIsJudgedAtItsUrlAloneWhateverMirrorsAndThisMachineHave() throws Exception {
        Path mirror = demo.directory().resolve("mirror");
        bucket.copyTo(mirror);
        demo.fetch();
        server.always(Bucket.chunk(Trees.NEW), FaultServer.body(Trees.bytes(901, 3)));
        server.always("demo/" + snapshot(2) + "/manifest.jsonl", FaultServer.body("another\n".getBytes(US_ASCII)));
        Verification withMirror = new Verification(
                demo.client().settings().withMirrors(List.of(new PublishedBase(mirror.toString()))),
                demo.clock(),
                new Progress());

        assertThat(withMirror.published(demo.location(), false).faults())
                .hasSize(2)
                .anyMatch(fault -> fault.contains(Bucket.chunk(Trees.NEW)))
                .anyMatch(fault -> fault.contains("manifest.jsonl"));
        assertThat(withMirror.published(demo.location(), true).faults())
                .hasSize(2)
                .anyMatch(fault ->
                        fault.contains(Bucket.chunk(Trees.NEW)) && fault.contains("has 901 bytes, expected 900"));
    }

    @Test
    void aDirectoryIsVerifiedAgainstAnotherSnapshotIfAsked() throws Exception {
        fetchOld();

        VerifyOutcome outcome = demo.verification().directory(target, demo.location());

        assertThat(demo.verify().faultCount()).isZero();
        assertThat(outcome.faults())
                .anyMatch(fault -> fault.contains("000003.log is not in the snapshot"))
                .anyMatch(fault -> fault.contains("000008.sst is missing"))
                .anyMatch(fault -> fault.contains("CURRENT differs"))
                .anyMatch(fault -> fault.contains("empty is missing"))
                .hasSize(4);
    }

    private void fetchOld() throws Exception {
        demo.fetch(1);
        Trees.assertExact(target, old);
    }
}
