package caravan.capture;

import static java.util.Objects.requireNonNull;

import caravan.capture.CapturedFiles.StoreFiles;
import caravan.capture.paritydb.ParityDbCheck;
import caravan.capture.rocksdb.LiveFiles;
import caravan.capture.rocksdb.RocksDbCopy;
import caravan.capture.rocksdb.StagedFile;
import caravan.capture.rocksdb.StillRocksDb;
import caravan.disk.DiskFailures;
import caravan.failure.CaravanException;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Captures a database from a snapshot of its file system, which the operator's commands make and remove: mode {@code
 * hook}. The node is not paused. Files are read where they are in the snapshot, which lives until the capture is
 * closed. Nothing is made anywhere else, so the stage of a request is not used: who may only read the database can
 * publish it so.
 *
 * <p>A snapshot that a killed run left is removed first. What must be right on the operator's side is that all stores
 * are in one snapshot of one moment.
 */
public final class HookCapture implements CaptureMode {

    private static final int MOST_SNAPSHOTS = 3;

    private final SnapshotCommands commands;

    /** A capture from what {@code commands} make. */
    public HookCapture(SnapshotCommands commands) {
        this.commands = requireNonNull(commands, "commands");
    }

    @Override
    public String mode() {
        return "hook";
    }

    @Override
    public CapturedDatabase capture(CaptureRequest request) throws CaravanException {
        List<StoreLocation> live = storesOf(request);
        Snapshot snapshot = new Snapshot(request);
        try {
            long freeBytes = StagePlace.requireFreeSpace(request.root(), 0, request.freeSpaceFloorBytes());
            for (int made = 1; ; made++) {
                snapshot.make();
                List<StoreTaking.Taken> taken = take(request, live, made >= MOST_SNAPSHOTS);
                if (taken.size() == live.size()) {
                    return new SnapshotDatabase(snapshot::release, taken, freeBytes);
                }
                snapshot.release();
            }
        } catch (IOException e) {
            giveBack(snapshot, e);
            throw DiskFailures.of("capturing " + request.root(), e);
        } catch (CaravanException | RuntimeException e) {
            giveBack(snapshot, e);
            throw e;
        }
    }

    @Override
    public List<String> check(CaptureRequest request) throws CaravanException {
        List<String> lines = new ArrayList<>();
        for (StoreLocation store : storesOf(request)) {
            if (store.engine() == Engine.ROCKSDB) {
                LiveFiles.require(store.directory());
            }
            lines.add(store.directory() + " (" + store.engine().wireName() + ", " + mode() + "): read from "
                    + commands.directory() + " after the snapshot-command");
        }
        return lines;
    }

    private static List<StoreLocation> storesOf(CaptureRequest request) throws CaravanException {
        List<StoreLocation> stores = new StoreDiscovery(request.root()).find(request.stores());
        for (StoreLocation store : stores) {
            if (store.engine() == Engine.UNKNOWN) {
                throw new RefusedException(
                        store.directory()
                                + " holds neither a RocksDB nor a ParityDB, and it is not known whether its engine"
                                + " survives a crash, which is what a snapshot looks like to it",
                        "set caravan.database.<name>.capture=copy, with stop-command and start-command");
            }
        }
        return stores;
    }

    private List<StoreTaking.Taken> take(CaptureRequest request, List<StoreLocation> live, boolean last)
            throws IOException, CaravanException {
        List<StoreLocation> inside = new StoreDiscovery(commands.directory())
                .find(live.stream().map(HookCapture::nameOf).toList());
        Path root = commands.directory().toRealPath();
        List<StoreTaking.Taken> taken = new ArrayList<>();
        for (StoreLocation store : live) {
            StoreLocation copy = inside.stream()
                    .filter(candidate -> candidate.path().equals(store.path()))
                    .findFirst()
                    .orElseThrow();
            requireOther(store, copy, root);
            Optional<StoreTaking.Taken> read = read(StoreDescription.of(request, store, mode()), copy, last);
            if (read.isEmpty()) {
                return List.of();
            }
            taken.add(read.get());
        }
        return taken;
    }

    /** A link to the live database, or the live directory mounted a second time, is no snapshot. */
    private static void requireOther(StoreLocation live, StoreLocation copy, Path root)
            throws IOException, RefusedException {
        Object here = Files.readAttributes(copy.directory(), "unix:dev,ino");
        if (!copy.directory().startsWith(root) || here.equals(Files.readAttributes(live.directory(), "unix:dev,ino"))) {
            throw new RefusedException(
                    copy.directory() + " is the live database and no snapshot of it",
                    "caravan.database.<name>.snapshot-directory must lead into the snapshot, without a link out of it");
        }
        if (copy.engine() != live.engine()) {
            throw new RefusedException(
                    copy.directory() + " is of engine " + copy.engine().wireName() + ", but " + live.directory()
                            + " of " + live.engine().wireName(),
                    "is it a snapshot of this database?");
        }
    }

    private static Optional<StoreTaking.Taken> read(StoreDescription description, StoreLocation copy, boolean last)
            throws IOException, CaravanException {
        StoreLocation live = description.store();
        long device = (long) Files.getAttribute(live.directory(), "unix:dev");
        if (live.engine() == Engine.ROCKSDB) {
            Optional<RocksDbCopy> read = new StillRocksDb(copy.directory(), live.names(), false).read(last);
            return read.map(found -> new StoreTaking.Taken(
                    description.captured(found),
                    new StoreFiles(
                            live,
                            copy.directory(),
                            found.databaseIdentity(),
                            found.files().stream().map(file -> file.on(device)).toList()),
                    List.of()));
        }
        ParityDbFiles.Listing listing = ParityDbFiles.of(copy.directory());
        List<StagedFile> files = new ArrayList<>();
        for (String name : listing.names()) {
            StagedFile file = StagedFile.of(copy.directory().resolve(name), name, false);
            files.add(file.on(device));
        }
        List<String> notes = new ArrayList<>(listing.notes());
        notes.addAll(ParityDbCheck.of(copy.directory()).notes());
        return Optional.of(new StoreTaking.Taken(
                description.captured(notes), new StoreFiles(live, copy.directory(), "", files), List.of()));
    }

    private static String nameOf(StoreLocation store) {
        return store.path().isEmpty() ? "." : store.path();
    }

    private static void giveBack(Snapshot snapshot, Exception failure) {
        try {
            snapshot.release();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** The operator's snapshot, from its making to its end. */
    private final class Snapshot {

        private final String settings;
        private final Map<String, String> environment;
        private boolean made;

        Snapshot(CaptureRequest request) {
            settings = "caravan.database." + request.database() + ".";
            environment = Map.of(
                    "CARAVAN_DATABASE", request.database().value(),
                    "CARAVAN_DIRECTORY", request.root().toString(),
                    "CARAVAN_SNAPSHOT_DIRECTORY", commands.directory().toString());
        }

        void make() throws IOException, CaravanException {
            if (isThere()) {
                command("release-command").run(commands.release());
                if (isThere()) {
                    throw new RefusedException(
                            commands.directory() + " has something in it before the snapshot is made, and the"
                                    + " release-command did not remove it",
                            "what is there may be old or the live database; remove it, or name another directory");
                }
            }
            made = true;
            command("snapshot-command").run(commands.make());
            if (!isThere()) {
                throw new FailedException(
                        "the snapshot-command succeeded, but nothing is in " + commands.directory(),
                        "caravan.database.<name>.snapshot-directory is where the database's directory is in the"
                                + " snapshot, mounted");
            }
        }

        void release() throws IOException {
            if (!made) {
                return;
            }
            made = false;
            try {
                command("release-command").runToItsEnd(commands.release());
            } catch (CaravanException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        private boolean isThere() throws IOException {
            if (!Files.isDirectory(commands.directory())) {
                return false;
            }
            try (var entries = Files.newDirectoryStream(commands.directory())) {
                return entries.iterator().hasNext();
            }
        }

        private ShellCommand command(String name) {
            return new ShellCommand(settings + name, commands.limit(), environment);
        }
    }
}
