package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.TransientException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.source.AttemptFailure;
import caravan.restore.source.ObjectRequest;
import caravan.restore.source.ObjectSource;
import caravan.restore.source.ObjectStream;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.TargetTree;
import caravan.snapshot.BucketPaths;
import caravan.snapshot.ChunkRef;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ObjectRef;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.List;

/** Checks, and changes nothing: a restored directory, or everything that is published of a snapshot. */
public final class Verification {

    private final ClientSettings settings;
    private final Clock clock;
    private final Progress progress;

    /** A check for one use. */
    public Verification(ClientSettings settings, Clock clock, Progress progress) {
        this.settings = requireNonNull(settings, "settings");
        this.clock = requireNonNull(clock, "clock");
        this.progress = requireNonNull(progress, "progress");
    }

    /**
     * Holds a directory against the snapshot that this client restored it from, without a network.
     *
     * @throws caravan.failure.WrongUsageException if that is not known
     */
    public VerifyOutcome directory(Path given) throws CaravanException, InterruptedException {
        Path directory = RestoredDirectory.locate(given);
        return compare(directory, new KeptManifests(new ClientState(settings.stateDirectory())).of(directory));
    }

    /** Holds a directory against a published snapshot. */
    public VerifyOutcome directory(Path given, SnapshotLocation against) throws CaravanException, InterruptedException {
        Path directory = RestoredDirectory.locate(given);
        try (OpenSnapshot snapshot = OpenSnapshot.find(settings, clock, progress, against)) {
            return compare(directory, snapshot.content().manifest());
        }
    }

    /**
     * Checks all signatures, the chain of hashes, and that each chunk is there: at {@code location}, whatever mirrors
     * have.
     *
     * @param quick asks for the sizes of the chunks only, instead of fetching and hashing them
     * @throws TransientException if a server did not answer for long: that says nothing about the snapshot
     */
    public VerifyOutcome published(SnapshotLocation location, boolean quick)
            throws CaravanException, InterruptedException {
        // mirrors would hide what is wrong at the place that is judged
        ClientSettings alone = settings.withMirrors(List.of());
        try (OpenSnapshot snapshot = OpenSnapshot.find(alone, clock, progress, location)) {
            ObjectSource source = snapshot.source();
            SnapshotRecord record = snapshot.record();
            OpenSnapshot.Content content = snapshot.content();
            progress.expect(record.totals().bytes());
            progress.enter(Progress.Phase.CHECKING);
            Faults faults = new Faults();
            for (ObjectRef object : List.of(record.manifest(), record.chunks())) {
                tolerate(faults, () -> checkObject(source, record, object));
            }
            ChunkFetcher fetcher = snapshot.chunks(progress);
            try (Workers workers = new Workers(settings.parallel(), source::close)) {
                content.manifest()
                        .read(new ChunkVisitor(chunk -> workers.submit(scratch -> tolerate(faults, () -> {
                            if (quick) {
                                checkSize(source, chunk);
                            } else {
                                fetcher.fetch(chunk, (at, buffer, length) -> {}, scratch);
                            }
                            progress.kept(chunk.size());
                        }))));
                workers.finish();
            }
            progress.enter(Progress.Phase.DONE);
            return new VerifyOutcome(content.header(), record.totals(), faults.count(), faults.first());
        }
    }

    private VerifyOutcome compare(Path directory, ManifestFile manifest) throws CaravanException, InterruptedException {
        ManifestFile.Summary summary = manifest.summarize();
        progress.expect(summary.totals().bytes());
        progress.enter(Progress.Phase.CHECKING);
        try (TargetTree tree = TargetTree.open(directory)) {
            RestoredDirectory.requireEnded(tree);
            TreeReport report = new TreeCheck(tree, manifest, settings.readers(), progress).run();
            progress.enter(Progress.Phase.DONE);
            return new VerifyOutcome(summary.header(), summary.totals(), report.faultCount(), report.faults());
        } catch (IOException e) {
            throw LocalFailures.of("reading " + directory, e);
        }
    }

    /** One that the record vouches for, whether or not we have it already. */
    private void checkObject(ObjectSource source, SnapshotRecord record, ObjectRef object)
            throws CaravanException, InterruptedException {
        String path = BucketPaths.ofSnapshot(record.database(), record.snapshot(), object.path());
        settings.retries().run(bypass -> {
            ObjectRequest request = ObjectRequest.exactly(path, object.size()).bypassingCaches(bypass);
            try (ObjectStream stream = source.open(request)) {
                MessageDigest digest = Digest.newMessageDigest();
                byte[] buffer = new byte[1 << 16];
                for (int count = stream.read(buffer, 0, buffer.length);
                        count >= 0;
                        count = stream.read(buffer, 0, buffer.length)) {
                    digest.update(buffer, 0, count);
                }
                Digest got = Digest.fromBytes(digest.digest());
                if (!got.equals(object.digest())) {
                    throw stream.damaged("hashes to " + got + ", the signed record says " + object.digest());
                }
                return null;
            }
        });
    }

    private void checkSize(ObjectSource source, ChunkRef chunk) throws CaravanException, InterruptedException {
        String path = BucketPaths.chunk(chunk.digest(), chunk.storedAs());
        settings.retries().run(bypass -> {
            long size = source.sizeOf(path);
            if (size >= 0 && size != ChunkFetcher.storedSize(chunk)) {
                throw new AttemptFailure(
                        AttemptFailure.Kind.DAMAGED,
                        source.locate(path) + " has " + size + " bytes, expected " + ChunkFetcher.storedSize(chunk),
                        "",
                        null);
            }
            return null;
        });
    }

    /** Damage and absence are what a check is for; a server that does not answer ends it. */
    private static void tolerate(Faults faults, Check check) throws CaravanException, InterruptedException {
        try {
            check.run();
        } catch (TransientException e) {
            throw e;
        } catch (CaravanException e) {
            faults.add(e.getMessage());
        }
    }

    @FunctionalInterface
    private interface Check {
        void run() throws CaravanException, InterruptedException;
    }

    @FunctionalInterface
    private interface EachChunk {
        void take(ChunkRef chunk) throws CaravanException, IOException;
    }

    private record ChunkVisitor(EachChunk each) implements ManifestVisitor {

        @Override
        public void header(ManifestHeader header) {
            // known from the first reading
        }

        @Override
        public void file(FileEntry file) throws CaravanException, IOException {
            for (ChunkRef chunk : file.chunks()) {
                each.take(chunk);
            }
        }

        @Override
        public void directory(SnapshotPath path) {
            // nothing is stored for it
        }
    }
}
