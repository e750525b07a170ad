package caravan.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import caravan.failure.DamagedException;
import caravan.snapshot.DatabaseStore;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publications of databases with a table whose checksums are not right, in the node's own directory. */
@Timeout(120)
final class TableCheckTest {

    @RegisterExtension
    private final PublishingSite site = PublishingSite.withDatabaseOf("1MB");

    private SampleDatabase database;

    private Publisher publisher;

    private PublishedBucket bucket;

    @BeforeEach
    void setUp() throws Exception {
        database = site.database();
        publisher = site.publisher().set("caravan.read.check-tables", "true");
        bucket = site.bucketOf(publisher);
    }

    @Test
    void tableWithAFlippedBitEndsThePublicationBeforeAnythingIsSent() throws Exception {
        Path table = tables().get(0);
        flipBit(table);
        DamagedException failure = catchThrowableOfType(DamagedException.class, publisher::publish);
        assertThat(failure)
                .hasMessageContaining("db/full/" + table.getFileName())
                .hasMessageContaining("checksum");
        assertThat(failure.exitStatus()).isEqualTo(3);
        assertThat(failure.hint()).contains(table.toString());
        assertThat(bucket.chunkNames()).isEmpty();
        assertThat(bucket.latest()).isEmpty();
        assertThat(database.stage()).doesNotExist();
    }

    @Test
    void publicationThatWasCheckedSaysSo() throws Exception {
        publisher.publish();
        assertThat(bucket.latest().orElseThrow().header().stores())
                .extracting(DatabaseStore::verification)
                .containsOnly("structure, checksums");
        publisher.set("caravan.read.check-tables", "false").publish();
        PublishedBucket.Snapshot unchecked = bucket.latest().orElseThrow();
        assertThat(unchecked.record().verification()).isEqualTo("structure");
    }

    @Test
    void tableThatWasFoundRightIsNotReadAgainAndOneThatChangedIs() throws Exception {
        publisher.publish();
        Path table = tables().get(0);
        FileTime time = Files.getLastModifiedTime(table);
        flipBit(table);
        Files.setLastModifiedTime(table, time);
        // Nothing about the file tells that it changed, so this shows that nobody looks into it.
        publisher.publish();
        Files.setLastModifiedTime(table, FileTime.from(time.toInstant().plusSeconds(1)));
        assertThatThrownBy(publisher::publish)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("db/full/" + table.getFileName());
    }

    @Test
    void checkThatIsSwitchedOffReadsNothing() throws Exception {
        flipBit(tables().get(0));
        publisher.set("caravan.read.check-tables", "false").publish();
        assertThat(bucket.latest()).isPresent();
    }

    private List<Path> tables() throws Exception {
        try (Stream<Path> files = Files.list(database.root().resolve("db/full"))) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .sorted()
                    .toList();
        }
    }

    private static void flipBit(Path file) throws Exception {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = bytes.length() / 3;
            bytes.seek(at);
            int value = bytes.read();
            bytes.seek(at);
            bytes.write(value ^ 4);
        }
    }
}
