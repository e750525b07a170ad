package caravan.publish;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.capture.CapturedFile;
import caravan.failure.FailedException;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Digest;
import caravan.snapshot.SnapshotId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of snapshots that were found bad before they became {@code latest}: one line each in the state directory
 * of the database. Chunks are named by what is in them, so those of a bad snapshot are right and yet of no use; what
 * matters is that nothing which was believed of its files is believed again.
 */
public final class Refusals {

    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** In place of what is wrong, of a snapshot that is good after all. */
    private static final String GOOD = "";

    private final Path stateDirectory;

    private final Clock clock;

    /** A history below {@code stateDirectory}. */
    public Refusals(Path stateDirectory, Clock clock) {
        this.stateDirectory = stateDirectory;
        this.clock = clock;
    }

    /**
     * Writes down that the snapshot of {@code publication} is bad, and forgets what is remembered of its files, but for
     * those that the snapshot before has, too: the next publication reads and proves them anew.
     *
     * @param why in one line
     * @param suspects files that were found damaged, relative to the root; they are forgotten in any case
     */
    public void refuse(Publication publication, String why, List<Path> suspects) throws FailedException {
        DatabaseName database = publication.database().name();
        try {
            forget(publication, suspects);
            append(database, publication.snapshot(), why);
        } catch (IOException e) {
            throw unwritten(database, publication.snapshot(), why, e);
        }
    }

    /**
     * Writes down that a snapshot is bad that is published, and has the next publication read and prove every file
     * anew.
     *
     * @param why in one line
     */
    public void doubt(DatabaseName database, SnapshotId snapshot, String why) throws FailedException {
        try {
            Files.createDirectories(
                    PublisherState.refused(stateDirectory, database).getParent());
            append(database, snapshot, why);
            Files.writeString(PublisherState.doubted(stateDirectory, database), snapshot + "\n");
        } catch (IOException e) {
            throw unwritten(database, snapshot, why, e);
        }
    }

    /**
     * Writes down that a snapshot cannot be restored because of objects that are stored or served, and that chunks
     * among them do not count as stored until they were read. What is known of the node's files stays.
     *
     * @param why in one line
     * @param objects paths below the bucket's prefix
     */
    public void suspect(DatabaseName database, SnapshotId snapshot, String why, List<String> objects)
            throws FailedException {
        Path suspected = PublisherState.suspected(stateDirectory, database);
        try {
            Files.createDirectories(suspected);
            append(database, snapshot, why);
            for (String object : objects) {
                Optional<Digest> chunk = BucketPaths.digestInChunk(object);
                if (chunk.isPresent()) {
                    Files.writeString(suspected.resolve(chunk.get().hex()), snapshot + "\n");
                }
            }
        } catch (IOException e) {
            throw unwritten(database, snapshot, why, e);
        }
    }

    /**
     * Writes down that a snapshot was found good that was found bad before, since the objects that were wrong are right
     * again. Nothing happens if it was not.
     */
    public void withdraw(DatabaseName database, SnapshotId snapshot) throws FailedException {
        if (of(database).stream().anyMatch(each -> each.snapshot().equals(snapshot))) {
            try {
                append(database, snapshot, GOOD);
            } catch (IOException e) {
                throw new FailedException(
                        "write down that " + snapshot + " of " + database + " is good again: " + e,
                        "the state directory must be writable and have space",
                        e);
            }
        }
    }

    /** Those that were not found good later, each as it was found last; oldest first. */
    public List<RefusedSnapshot> of(DatabaseName database) throws FailedException {
        Path file = PublisherState.refused(stateDirectory, database);
        try {
            Map<SnapshotId, RefusedSnapshot> refused = new LinkedHashMap<>();
            String text = Files.exists(file) ? new String(Files.readAllBytes(file), UTF_8) : "";
            for (String line : text.lines().toList()) {
                parse(line)
                        .ifPresentOrElse(
                                each -> keep(each, refused),
                                () -> LOG.warn("{}: a line is of no use and left out: {}", file, line));
            }
            return List.copyOf(refused.values());
        } catch (IOException e) {
            throw new FailedException("cannot read " + file + ": " + e, "remove it if it is no list of snapshots", e);
        }
    }

    /** None if the line names nothing: a power cut may have torn it, or somebody wrote into the file. */
    private static Optional<RefusedSnapshot> parse(String line) {
        String[] parts = line.split(" ", 3);
        if (parts.length < 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RefusedSnapshot(Instant.parse(parts[0]), SnapshotId.parse(parts[1]), parts[2]));
        } catch (DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static void keep(RefusedSnapshot line, Map<SnapshotId, RefusedSnapshot> refused) {
        refused.remove(line.snapshot());
        if (!line.why().equals(GOOD)) {
            refused.put(line.snapshot(), line);
        }
    }

    private static void forget(Publication publication, List<Path> suspects) throws IOException, FailedException {
        Set<String> suspected = new HashSet<>();
        suspects.forEach(each -> suspected.add(each.toString()));
        Set<String> doubtful = new HashSet<>();
        HeldCapture held = publication.held();
        long index = 0;
        for (CapturedFile file : held.capture().files()) {
            long chunks = held.stores().cutRuleOf(file.path()).count(file.size());
            boolean known = !suspected.contains(file.path().value());
            for (long at = index; at < index + chunks; at++) {
                known &= publication
                        .stored()
                        .digests()
                        .contains(held.ledger().read(at).digest());
            }
            index += chunks;
            if (!known) {
                doubtful.add(file.source().sourcePath());
            }
        }
        publication.state().hashes().forget(doubtful);
        publication.state().provenTables().forget(doubtful);
    }

    private void append(DatabaseName database, SnapshotId snapshot, String why) throws IOException {
        Path file = PublisherState.refused(stateDirectory, database);
        String line = clock.instant().truncatedTo(ChronoUnit.SECONDS) + " " + snapshot + " "
                + why.replaceAll("\\s+", " ") + "\n";
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(((endsInALine(file) ? "\n" : "") + line).getBytes(UTF_8)));
            channel.force(true);
        }
    }

    /** Whether a power cut tore the last line, so that what is added would become a part of it. */
    private static boolean endsInALine(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            return channel.size() > 0 && channel.read(last, channel.size() - 1) == 1 && last.get(0) != '\n';
        }
    }

    private static FailedException unwritten(
            DatabaseName database, SnapshotId snapshot, String why, IOException cause) {
        return new FailedException(
                "write down that " + snapshot + " of " + database + " is bad (" + why + "): " + cause,
                "the state directory must be writable and have space",
                cause);
    }
}
