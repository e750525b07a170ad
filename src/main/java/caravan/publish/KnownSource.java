package caravan.publish;

import caravan.capture.CapturedDatabase;
import caravan.capture.CapturedFile;
import caravan.capture.CapturedStore;
import caravan.capture.MountIdentity;
import caravan.capture.StoreIdentity;
import caravan.disk.DiskFailures;
import caravan.failure.FailedException;
import caravan.failure.RefusedException;
import caravan.snapshot.Engine;
import caravan.watch.NodeFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the source of a database was when it was last published from here. A directory that is there and yet is not the
 * database, because a volume is not mounted, the node began anew or the settings now lead to another chain, must not
 * become {@code latest}.
 *
 * <p>What is not known, then or now, is no reason to refuse. No file, no opinion: the first run has none, and losing
 * the state directory is harmless.
 */
final class KnownSource {

    /** A database shrinks by compaction and pruning, but not by more than this at once. */
    private static final int MOST_SHRINKAGE_PERCENT = 20;

    private static final Logger LOG = LoggerFactory.getLogger(KnownSource.class);

    private final PublishedDatabase database;

    private final Path file;

    KnownSource(PublishedDatabase database, Path file) {
        this.database = database;
        this.file = file;
    }

    /**
     * Refuses a source that is not the one that was last published: on another mount, of another chain, or with a store
     * that the engine knows by another name. Nothing is captured yet.
     *
     * @param node what the node said just now
     */
    void requireSame(NodeFacts node) throws RefusedException, FailedException {
        if (database.acceptsChangedSource() || !Files.exists(database.root())) {
            return;
        }
        try {
            Optional<SourceNote> known = SourceNote.read(file);
            if (known.isPresent()) {
                requireSameMounts(known.get());
                requireSameChain(known.get(), node);
                for (String store : known.get().identities().keySet()) {
                    requireSameIdentity(
                            known.get(),
                            node,
                            store,
                            StoreIdentity.of(database.root().resolve(store)));
                }
            }
        } catch (IOException e) {
            throw DiskFailures.of("comparing " + database.root() + " with what was last published", e);
        }
    }

    /**
     * Refuses a capture that is of another database, or far smaller, than what was last published. What was captured is
     * not always what lies at the root: a snapshot of the file system may be of something else.
     */
    void requireSame(CapturedDatabase captured, NodeFacts node) throws RefusedException, FailedException {
        if (database.acceptsChangedSource()) {
            return;
        }
        try {
            Optional<SourceNote> known = SourceNote.read(file);
            if (known.isPresent()) {
                for (CapturedStore store : captured.stores()) {
                    requireSameIdentity(known.get(), node, store.store().path(), store.databaseIdentity());
                }
                if (known.get().lasting() < 0) {
                    requireNotShrunk(known.get().bytes(), bytesOf(captured), "");
                } else {
                    long now = lastingOf(captured);
                    String counted = now == bytesOf(captured) ? "" : " without its logs";
                    requireNotShrunk(known.get().lasting(), now, counted);
                }
            }
        } catch (IOException e) {
            throw new FailedException("cannot read " + file + ": " + e, "check the state directory", e);
        }
    }

    private void requireSameMounts(SourceNote known) throws IOException, RefusedException {
        requireSameMount(database.root(), known.mount());
        for (Map.Entry<String, String> store : known.mounts().entrySet()) {
            Path directory = database.root().resolve(store.getKey());
            // One that is not there is not captured, and missed as such.
            if (Files.exists(directory)) {
                requireSameMount(directory, store.getValue());
            }
        }
    }

    private void requireSameMount(Path directory, String known) throws IOException, RefusedException {
        String now = MountIdentity.of(directory).text();
        if (!now.equals(known)) {
            throw refused(
                    directory + " is on another mount (" + now + ") than when it was last published (" + known + ")",
                    "is its volume mounted?");
        }
    }

    private void requireSameChain(SourceNote known, NodeFacts node) throws RefusedException {
        if (isOther(known.genesis(), node.genesis()) || isOther(known.chain(), node.chain())) {
            throw refused(
                    "its node is of chain " + node.chain() + " (genesis " + node.genesis()
                            + "), but what was last published is of chain " + known.chain() + " (genesis "
                            + known.genesis() + ")",
                    "clients of " + database.name() + " would restore another chain; do directory and rpc-url belong to"
                            + " this database?");
        }
    }

    /** A node that began anew on the same chain has a database of another name, and its operator wants it published. */
    private void requireSameIdentity(SourceNote known, NodeFacts node, String store, String now)
            throws RefusedException {
        String before = known.identities().getOrDefault(store, "");
        if (!isOther(before, now)) {
            return;
        }
        String change = database.root().resolve(store) + " is another RocksDB (IDENTITY " + now
                + ") than when it was last published (" + before + ")";
        if (known.genesis().isEmpty() || node.genesis().isEmpty()) {
            throw refused(
                    change,
                    "is it of the same chain, synced anew or restored? With an rpc-url, now and when it was last"
                            + " published, the node would have said so;");
        }
        LOG.warn("{}: {}; its node is of the same chain as before", database.name(), change);
    }

    private void requireNotShrunk(long before, long now, String counted) throws RefusedException {
        if (now < before - before / 100 * MOST_SHRINKAGE_PERCENT) {
            throw refused(
                    "it has " + now + " bytes" + counted + ", more than " + MOST_SHRINKAGE_PERCENT
                            + " % fewer than the " + before + " that were last published",
                    "is it still the same database, and complete?");
        }
    }

    /** Remembers the source of what has just become visible. A node that was not asked this time is not forgotten. */
    void remember(CapturedDatabase captured, NodeFacts node) throws IOException {
        Map<String, String> mounts = new LinkedHashMap<>();
        Map<String, String> identities = new LinkedHashMap<>();
        for (CapturedStore store : captured.stores()) {
            String path = store.store().path();
            Path directory = database.root().resolve(path);
            if (Files.exists(directory)) {
                mounts.put(path, MountIdentity.of(directory).text());
            }
            if (!store.databaseIdentity().isEmpty()) {
                identities.put(path, store.databaseIdentity());
            }
        }
        Optional<SourceNote> before = database.acceptsChangedSource() ? Optional.empty() : SourceNote.read(file);
        boolean isAsked = !node.genesis().isEmpty();
        new SourceNote(
                        MountIdentity.of(database.root()).text(),
                        bytesOf(captured),
                        lastingOf(captured),
                        mounts,
                        identities,
                        isAsked
                                ? node.genesis()
                                : before.map(SourceNote::genesis).orElse(""),
                        isAsked ? node.chain() : before.map(SourceNote::chain).orElse(""))
                .write(file);
    }

    private static boolean isOther(String known, String now) {
        return !known.isEmpty() && !now.isEmpty() && !known.equals(now);
    }

    private RefusedException refused(String what, String question) {
        return new RefusedException(
                "publish " + database.name() + ": " + what,
                question + " if that is how it should be, set caravan.database." + database.name()
                        + ".accept-changed-source=true for one run");
    }

    private static long bytesOf(CapturedDatabase captured) {
        return captured.files().stream().mapToLong(CapturedFile::size).sum();
    }

    /**
     * Logs and MANIFEST of a RocksDB do not count: they may have several GB, and a node that is started again begins them
     * anew.
     */
    private static long lastingOf(CapturedDatabase captured) {
        CapturedStores stores = CapturedStores.of(captured);
        return captured.files().stream()
                .filter(file -> file.writeOnce() || stores.storeOf(file.path()).engine() != Engine.ROCKSDB)
                .mapToLong(CapturedFile::size)
                .sum();
    }
}
