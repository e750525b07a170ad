package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.failure.TransientException;
import caravan.failure.WrongUsageException;
import caravan.publish.Publication;
import caravan.retain.RetentionReport;
import caravan.retain.Verdict;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Retention on a real S3 with what the real routes published. Time passes by making objects older. */
@Timeout(120)
final class RetentionTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        publisher = site.publisher()
                .set("caravan.retain.promise", "0s")
                .set("caravan.retain.keep-last", "1")
                .set("caravan.retain.grace", "1h")
                .set("caravan.retain.largest-share", "100");
        bucket = site.bucketOf(publisher);
    }

    @Test
    void whatOnlyAnOldSnapshotNeedsIsGoneAfterTwoCallsAndTheLatestIsWhole() throws Exception {
        Publication old = publisher.publish();
        PublishedBucket.Snapshot first = bucket.latest().orElseThrow();
        database.write(2_000);
        publisher.publish();
        PublishedBucket.Snapshot second = bucket.latest().orElseThrow();
        Set<String> onlyOld =
                new HashSet<>(first.chunks().stream().map(Digest::hex).toList());
        second.chunks().forEach(chunk -> onlyOld.remove(chunk.hex()));
        assertThat(onlyOld).as("what this is about").isNotEmpty();
        bucket.makeOlder(Duration.ofHours(2), "");

        RetentionReport planned = plan();
        assertThat(planned.retired()).extracting(Verdict::snapshot).containsExactly(old.snapshot());
        assertThat(planned.unneeded().objects()).isEqualTo(onlyOld.size());
        assertThat(bucket.latest()).isPresent();
        assertThat(bucket.names()).contains("demo/" + old.snapshot() + "/record");

        collect();
        assertThat(bucket.names()).noneMatch(name -> name.startsWith("demo/" + old.snapshot() + "/"));
        bucket.makeOlder(Duration.ofHours(2), BucketPaths.candidates());
        RetentionReport collected = collect();

        assertThat(collected.collected().objects()).isEqualTo(onlyOld.size());
        assertThat(bucket.chunkNames()).hasSize(second.chunks().size());
        assertThat(bucket.names()).noneMatch(name -> name.matches("_control/(lease|condemned|candidates)"));
        assertThat(publisher.publish().report().chunksSent())
                .as("nothing is missed")
                .isZero();
        Path restored = bucket.restore(second, site.home().resolve("restored"));
        assertThat(SampleDatabase.heightOf(restored)).isEqualTo(SampleDatabase.heightOf(database.root()));
        for (FileEntry file : second.files()) {
            assertThat(bucket.contentOf(file)).hasSize(Math.toIntExact(file.size()));
        }
    }

    @Test
    void publicationReliesOnNoChunkThatIsBeingDeletedAndSendsNoneOfThem() throws Exception {
        publisher.publish();
        Digest needed = bucket.latest().orElseThrow().chunks().iterator().next();
        Path condemned = bucket.fileOf(BucketPaths.condemned());
        Files.writeString(condemned, needed.hex() + "\n");
        String latest = Digest.of(bucket.read("demo/latest")).hex();

        assertThatThrownBy(publisher::publish).isInstanceOfSatisfying(TransientException.class, failure -> {
            assertThat(failure).hasMessageContaining(needed.hex());
            assertThat(failure.hint()).contains("caravan retain --confirm");
        });
        assertThat(Digest.of(bucket.read("demo/latest")).hex()).isEqualTo(latest);

        Files.delete(condemned);
        assertThat(publisher.publish().report().chunksSent()).isZero();
    }

    @Test
    void sessionOfARunThatWasKilledIsEndedByTheNextOne() throws Exception {
        Publication killed = publisher.publish();
        String session = BucketPaths.session(killed.runId());
        String alive =
                new String(bucket.read(session), StandardCharsets.UTF_8).replace("\"ended\":true", "\"ended\":false");
        Files.writeString(bucket.fileOf(session), alive);
        Files.writeString(publisher.state().resolve("publish/demo/session"), alive);

        publisher.publish();

        assertThat(new String(bucket.read(session), StandardCharsets.UTF_8)).contains("\"ended\":true");
        assertThat(publisher.state().resolve("publish/demo/session")).doesNotExist();
    }

    @Test
    void itNeedsNoSigningKeyButSomebodyToTrust() throws Exception {
        publisher.publish();
        Path trusted = publisher.state().resolveSibling("signing.key.pub");
        publisher.leave("caravan.signing.key");
        assertThatThrownBy(this::plan)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.signing.key");

        publisher.set("caravan.trusted-keys", trusted.toString());
        assertThat(plan().verdicts()).hasSize(1);
    }

    @Test
    void muchGoesOnlyWithTheToken() throws Exception {
        publisher.set("caravan.retain.largest-share", "1").publish();
        database.write(2_000);
        publisher.publish();
        Set<String> before = bucket.names();

        String token = plan().token();
        assertThat(token).isNotEmpty();
        assertThatThrownBy(this::collect).isInstanceOf(RefusedException.class);
        assertThat(bucket.names()).containsAll(before);
        collect(token);
        assertThat(bucket.names()).hasSizeLessThan(before.size());
    }

    @Test
    void collectorUsesKeysOfItsOwnIfItHasSome() throws Exception {
        publisher.publish();
        publisher
                .set("caravan.retain.access-key", Publisher.ACCESS_KEY)
                .set("caravan.retain.secret-key", Publisher.SECRET_KEY)
                .set("caravan.s3.access-key", "may-not-delete");
        assertThat(plan().verdicts()).hasSize(1);

        publisher
                .set("caravan.retain.access-key", "unknown")
                .set("caravan.s3.access-key", Publisher.ACCESS_KEY)
                .publish();
        assertThatThrownBy(this::plan).isInstanceOf(CaravanException.class).hasMessageContaining("list");

        publisher.leave("caravan.retain.secret-key");
        assertThatThrownBy(this::plan)
                .isInstanceOf(WrongUsageException.class)
                .hasMessageContaining("caravan.retain.access-key");
    }

    private RetentionReport plan() throws Exception {
        try (RetentionBeans beans = beans()) {
            return beans.plan();
        }
    }

    private RetentionReport collect() throws Exception {
        return collect("");
    }

    private RetentionReport collect(String token) throws Exception {
        try (RetentionBeans beans = beans()) {
            return beans.collect(token).report();
        }
    }

    private RetentionBeans beans() throws Exception {
        Installation installation = new Installation(Path.of("").toAbsolutePath(), publisher.environment());
        return new RetentionBeans(installation, installation.settings());
    }
}
