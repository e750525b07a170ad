package caravan.restore;

import static caravan.restore.Bucket.snapshot;
import static caravan.restore.Bucket.store;
import static org.assertj.core.api.Assertions.assertThat;

import caravan.restore.journal.Forcing;
import caravan.restore.journal.RecordedFile;
import caravan.restore.journal.RestoreJournal;
import caravan.restore.target.FileIdentity;
import caravan.restore.target.TargetTree;
import caravan.signature.SigningKey;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.Digest;
import caravan.snapshot.Engine;
import caravan.snapshot.SnapshotRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a journal on the disk says before the first byte of a file is overwritten. */
class TreeSurveyTest {

    private static final int CHUNK = 1000;
    private static final Clock LATER = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(5));
    private static final String PLACE = "db/full/a.sst";
    private static final byte[] BEFORE = Trees.bytes(3 * CHUNK, 1);

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.generate();
    private Path root;
    private FileIdentity look;

    /** All of the file is recorded as on the disk. */
    @BeforeEach
    void restore() throws Exception {
        root = Files.createDirectory(directory.resolve("tree"));
        Files.createDirectory(root.resolve(TargetTree.WORK));
        Files.createDirectories(root.resolve(PLACE).getParent());
        Files.write(root.resolve(PLACE), BEFORE);
        try (TargetTree tree = TargetTree.open(root);
                RestoreJournal journal = RestoreJournal.open(tree, LATER, Forcing.TO_DISK)) {
            journal.begin(PLACE, RecordedFile.Held.NEW);
            for (int chunk = 0; chunk < 3; chunk++) {
                journal.written(PLACE, (long) chunk * CHUNK, digest(BEFORE, chunk));
            }
            journal.sync();
        }
        look = FileIdentity.of(root.resolve(PLACE)).orElseThrow();
    }

    @Test
    void afterAPowerCutNothingVouchesForBytesThatWereBeingOverwritten() throws Exception {
        byte[] wanted = BEFORE.clone();
        wanted[CHUNK + 7] ^= 1;
        Path onTheDisk = directory.resolve("journal-on-the-disk");

        TreeSurvey survey = survey(wanted, CHUNK, onTheDisk);

        assertThat(survey.holds(0)).isTrue();
        assertThat(survey.holds(1)).isFalse();
        // data has got to the disk, but not that the file was changed: it looks as before
        Files.copy(onTheDisk, root.resolve(RestoreJournal.PLACE), StandardCopyOption.REPLACE_EXISTING);
        assertThat(findings()).doesNotContain(RecordedFile.Finding.THERE);
    }

    @Test
    void aChunkOfAnotherSizeOverwritesWhatBeginsElsewhere() throws Exception {
        Path onTheDisk = directory.resolve("journal-on-the-disk");

        survey(Trees.bytes(3 * CHUNK, 2), 3 * CHUNK, onTheDisk);

        Files.copy(onTheDisk, root.resolve(RestoreJournal.PLACE), StandardCopyOption.REPLACE_EXISTING);
        assertThat(findings()).doesNotContain(RecordedFile.Finding.THERE);
    }

    @Test
    void aFileOfWhichNothingIsOverwrittenStaysRecorded() throws Exception {
        TreeSurvey survey = survey(BEFORE, CHUNK, directory.resolve("journal-on-the-disk"));

        assertThat(survey.holds(0) && survey.holds(1) && survey.holds(2)).isTrue();
        assertThat(findings()).containsOnly(RecordedFile.Finding.THERE);
    }

    /**
     * Looks at the tree for a snapshot in which the file holds {@code wanted}.
     *
     * @param onTheDisk becomes what was forced of the journal last
     */
    private TreeSurvey survey(byte[] wanted, int chunk, Path onTheDisk) throws Exception {
        Bucket bucket = new Bucket(directory.resolve("bucket"), key, Client.NOW);
        SnapshotRecord record = bucket.publish(
                new Bucket.Tree().file(PLACE, wanted), snapshot(1), false, store("db/full", Engine.UNKNOWN, chunk));
        ManifestFile manifest = new ManifestFile(
                bucket.root().resolve(BucketPaths.ofSnapshot(Bucket.DATABASE, snapshot(1), BucketPaths.MANIFEST)),
                record.manifest().digest(),
                "of the test");
        Set<String> forced = ConcurrentHashMap.newKeySet();
        Forcing recording = (place, file) -> {
            file.force(true);
            forced.add(place);
            Files.copy(root.resolve(RestoreJournal.PLACE), onTheDisk, StandardCopyOption.REPLACE_EXISTING);
        };
        try (TargetTree tree = TargetTree.open(root);
                RestoreJournal journal = RestoreJournal.open(tree, LATER, recording)) {
            TreeSurvey survey = TreeSurvey.of(
                    tree,
                    manifest,
                    new Seals(manifest.summarize().header().stores()),
                    journal,
                    new TreeSurvey.Evidence(new BitSet(), false, KnownFiles.NONE));
            assertThat(forced).contains(RestoreJournal.PLACE);
            return survey;
        }
    }

    private List<RecordedFile.Finding> findings() throws Exception {
        try (TargetTree tree = TargetTree.open(root);
                RestoreJournal journal = RestoreJournal.open(tree, LATER, Forcing.TO_DISK)) {
            return List.of(0, 1, 2).stream()
                    .map(chunk -> journal.recorded(PLACE).find((long) chunk * CHUNK, digest(BEFORE, chunk), look))
                    .toList();
        }
    }

    private static Digest digest(byte[] content, int chunk) {
        return Digest.of(Arrays.copyOfRange(content, chunk * CHUNK, (chunk + 1) * CHUNK));
    }
}
