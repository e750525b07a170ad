package caravan.restore.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import caravan.restore.journal.RecordedFile.Finding;
import caravan.restore.journal.RecordedFile.Held;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.TargetTree;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreJournalTest {

    private static final Digest ONE = Digest.of(new byte[] {1});
    private static final Digest TWO = Digest.of(new byte[] {2});
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(5));

    @TempDir
    Path directory;

    private TargetTree tree;

    @BeforeEach
    void open() throws IOException {
        Files.createDirectory(directory.resolve(TargetTree.WORK));
        tree = TargetTree.open(directory);
    }

    @AfterEach
    void close() throws IOException {
        tree.close();
    }

    @Test
    void onlyWhatWasBroughtToTheDiskIsTrusted() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        try (RestoreJournal journal = journal()) {
            journal.begin("a", Held.NEW);
            journal.written("a", 0, ONE);
            journal.sync();
        }
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.THERE);
        assertThat(find("a", 0, TWO)).isEqualTo(Finding.ABSENT);
        assertThat(find("a", 1, TWO)).isEqualTo(Finding.ABSENT);

        try (RestoreJournal journal = journal()) {
            journal.resume("a");
            journal.written("a", 1, TWO);
        }
        assertThat(find("a", 1, TWO)).isEqualTo(Finding.UNFORCED);
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
    }

    @Test
    void whatWeWroteAndDidNotForceIsToBeWrittenAgainAlsoByALaterRun() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        try (RestoreJournal journal = journal()) {
            journal.begin("a", Held.NEW);
            journal.written("a", 0, ONE);
        }
        try (RestoreJournal journal = journal()) {
            assertThat(journal.recorded("a").leftOver()).isEqualTo(Held.UNFORCED);
            journal.begin("a", Held.UNFORCED);
            journal.written("a", 1, TWO);
            journal.sync();
        }
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.UNFORCED);
        assertThat(find("a", 1, TWO)).isEqualTo(Finding.THERE);
    }

    @Test
    void whatWasFoundNeedsNoSecondWrite() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        try (RestoreJournal journal = journal()) {
            journal.begin("a", Held.HELD);
            journal.found("a", 0, ONE);
        }
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
        try (RestoreJournal journal = journal()) {
            assertThat(journal.recorded("a").leftOver()).isEqualTo(Held.HELD);
        }
    }

    @Test
    void whoWantsAllReadIsNotToldThatSomethingIsThere() throws IOException {
        recordOne(directory.resolve("a"));
        FileIdentity now = FileIdentity.of(directory.resolve("a")).orElseThrow();
        try (RestoreJournal journal = journal()) {
            journal.doubtAll();
            assertThat(journal.recorded("a").find(0, ONE, now)).isEqualTo(Finding.DOUBTFUL);
        }
    }

    @Test
    void aFileOfWhichSomethingRecordedIsToBeOverwrittenIsNotPartOfWhatIsWanted() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        try (RestoreJournal journal = journal()) {
            journal.begin("a", Held.NEW);
            journal.written("a", 0, ONE);
            journal.written("a", 1, TWO);
        }
        try (RestoreJournal journal = journal()) {
            RecordedFile recorded = journal.recorded("a");
            assertThat(recorded.isPartOf(file(chunk(ONE, 1), chunk(TWO, 1)))).isTrue();
            assertThat(recorded.isPartOf(file(chunk(ONE, 1), chunk(TWO, 1), chunk(ONE, 1))))
                    .isTrue();
            assertThat(recorded.isPartOf(file(chunk(ONE, 1), chunk(ONE, 1)))).isFalse();
            // the second chunk would be written over though nothing else is wanted where it begins
            assertThat(recorded.isPartOf(file(chunk(ONE, 2)))).isFalse();
        }
    }

    @Test
    void aFileTheJournalDoesNotKnowMayHoldAnything() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
        try (RestoreJournal journal = journal()) {
            journal.begin("a", Held.HELD);
            journal.written("a", 1, TWO);
            journal.sync();
        }
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
        assertThat(find("a", 1, TWO)).isEqualTo(Finding.THERE);
    }

    @Test
    void anEditedFileIsNotTrustedWhateverItsTimesSay() throws IOException {
        Path file = directory.resolve("a");
        FileTime before = recordOne(file);
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.THERE);

        Files.writeString(file, "34");
        Files.setLastModifiedTime(file, before);

        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
    }

    @Test
    void anotherFileOfTheSameNameIsNotTrusted() throws IOException {
        Path file = directory.resolve("a");
        FileTime before = recordOne(file);
        Path other = Files.writeString(directory.resolve("b"), "12");
        Files.setLastModifiedTime(other, before);

        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);

        assertThat(find("a", 0, ONE)).isEqualTo(Finding.DOUBTFUL);
    }

    @Test
    void theJournalOfAnotherTreeIsNotTrusted() throws IOException {
        recordOne(directory.resolve("a"));
        Path elsewhere = Files.createDirectories(directory.resolve("elsewhere/" + TargetTree.WORK))
                .getParent();
        Files.copy(directory.resolve("a"), elsewhere.resolve("a"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(directory.resolve(RestoreJournal.PLACE), elsewhere.resolve(RestoreJournal.PLACE));

        try (TargetTree other = TargetTree.open(elsewhere);
                RestoreJournal journal = RestoreJournal.open(other, LATER, Forcing.TO_DISK)) {
            FileIdentity now = FileIdentity.of(elsewhere.resolve("a")).orElseThrow();
            assertThat(journal.recorded("a").find(0, ONE, now)).isEqualTo(Finding.DOUBTFUL);
        }
    }

    @Test
    void behindATornLineNothingIsBelievedAndWritingGoesOnThere() throws IOException {
        recordOne(directory.resolve("a"));
        recordOne(directory.resolve("b"));
        Path file = directory.resolve(RestoreJournal.PLACE);
        byte[] whole = Files.readAllBytes(file);
        int lineOfB = new String(whole, UTF_8).indexOf(" F 2 ") - 8;

        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThat(find("b", 0, ONE)).as("cut at %d", length).isNotEqualTo(Finding.THERE);
            if (length >= lineOfB) {
                assertThat(find("a", 0, ONE)).as("cut at %d", length).isEqualTo(Finding.THERE);
            }
        }
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 1;
            Files.write(file, flipped);
            assertThat(find("b", 0, ONE)).as("flipped at %d", at).isNotEqualTo(Finding.THERE);
        }

        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        recordOne(directory.resolve("c"));
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.THERE);
        assertThat(find("c", 0, ONE)).isEqualTo(Finding.THERE);
    }

    @Test
    void aFileThatIsJustBeingWrittenIsNotRecordedAsDurable() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        try (RestoreJournal journal = RestoreJournal.open(tree, Clock.systemUTC(), Forcing.TO_DISK)) {
            journal.begin("a", Held.NEW);
            Files.writeString(directory.resolve("a"), "34");
            journal.written("a", 0, ONE);
            FileTime written = Files.getLastModifiedTime(directory.resolve("a"));
            journal.sync();
            boolean wasQuiet = System.currentTimeMillis() - written.toMillis() >= 100;
            assertThat(journal.isOnDisk("a")).isEqualTo(wasQuiet);
        }
    }

    @Test
    void noRecordPrecedesItsData() throws Exception {
        Map<String, AtomicInteger> written = new ConcurrentHashMap<>();
        Map<String, Integer> forced = new ConcurrentHashMap<>();
        List<String> violations = new ArrayList<>();
        Forcing recording = (place, file) -> {
            if (place.equals(RestoreJournal.PLACE)) {
                return;
            }
            int chunks = written.get(place).get();
            compareWithJournal(forced, violations);
            file.force(true);
            compareWithJournal(forced, violations);
            forced.merge(place, chunks, Math::max);
        };
        try (RestoreJournal journal = RestoreJournal.open(tree, LATER, recording)) {
            List<Thread> writers = new ArrayList<>();
            for (String place : List.of("a", "b", "c")) {
                Files.createFile(directory.resolve(place));
                written.put(place, new AtomicInteger());
                journal.begin(place, Held.NEW);
                writers.add(new Thread(() -> write(journal, place, written.get(place))));
            }
            try (BatchedSync sync = BatchedSync.start(journal, Duration.ofMillis(1))) {
                writers.forEach(Thread::start);
                for (Thread writer : writers) {
                    writer.join();
                }
                while (!journal.isOnDisk("a") || !journal.isOnDisk("b") || !journal.isOnDisk("c")) {
                    Thread.onSpinWait();
                    sync.requireSound();
                }
            }
            compareWithJournal(forced, violations);
        }
        assertThat(violations).isEmpty();
        assertThat(forced.values()).containsOnly(300);
        assertThat(find("a", 299, ONE)).isEqualTo(Finding.THERE);
    }

    @Test
    void afterAFailedSyncNothingMoreIsRecorded() throws IOException {
        Files.writeString(directory.resolve("a"), "12");
        Forcing broken = (place, file) -> {
            if (place.equals("a")) {
                throw new IOException("Input/output error");
            }
        };
        try (RestoreJournal journal = RestoreJournal.open(tree, LATER, broken)) {
            journal.begin("a", Held.NEW);
            journal.written("a", 0, ONE);
            assertThatThrownBy(journal::sync).hasMessageContaining("Input/output error");
            assertThatThrownBy(() -> journal.written("a", 1, TWO)).hasMessageContaining("Input/output error");
            assertThatThrownBy(() -> journal.isOnDisk("a")).hasMessageContaining("Input/output error");
            assertThatThrownBy(journal::requireSound).hasMessageContaining("Input/output error");
        }
        assertThat(find("a", 0, ONE)).isEqualTo(Finding.UNFORCED);
    }

    private static FileEntry file(ChunkRef... chunks) {
        return new FileEntry(
                new SnapshotPath("a"),
                Arrays.stream(chunks).mapToLong(ChunkRef::size).sum(),
                List.of(chunks));
    }

    private static ChunkRef chunk(Digest digest, long size) {
        return ChunkRef.plain(digest, size);
    }

    private void write(RestoreJournal journal, String place, AtomicInteger count) {
        try (FileChannel file = FileChannel.open(directory.resolve(place), StandardOpenOption.WRITE)) {
            for (int offset = 0; offset < 300; offset++) {
                file.write(ByteBuffer.wrap(new byte[] {1}), offset);
                count.incrementAndGet();
                journal.written(place, offset, ONE);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the journal says at this moment may be on the disk whole, whatever the order of its own writes. */
    private void compareWithJournal(Map<String, Integer> forced, List<String> violations) throws IOException {
        String[] places = {"", "a", "b", "c"};
        for (String line : Files.readAllLines(directory.resolve(RestoreJournal.PLACE))) {
            JournalLine.parse(line)
                    .filter(JournalLine.Durable.class::isInstance)
                    .map(JournalLine.Durable.class::cast)
                    .filter(durable -> durable.count() > forced.getOrDefault(places[durable.file()], 0))
                    .ifPresent(durable -> violations.add(durable + ", forced: " + forced));
        }
    }

    private FileTime recordOne(Path file) throws IOException {
        Files.writeString(file, "12");
        String place = file.getFileName().toString();
        try (RestoreJournal journal = journal()) {
            journal.begin(place, Held.NEW);
            journal.written(place, 0, ONE);
            journal.sync();
        }
        return Files.getLastModifiedTime(file);
    }

    private Finding find(String place, long offset, Digest digest) throws IOException {
        FileIdentity now = FileIdentity.of(directory.resolve(place)).orElseThrow();
        try (RestoreJournal journal = journal()) {
            return journal.recorded(place).find(offset, digest, now);
        }
    }

    private RestoreJournal journal() throws IOException {
        return RestoreJournal.open(tree, LATER, Forcing.TO_DISK);
    }
}
