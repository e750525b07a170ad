package caravan.restore;

import caravan.failure.CaravanException;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.LocalFailures;
import caravan.restore.target.Ownership;
import caravan.restore.target.TargetTree;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.SnapshotPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Gives a restored tree to its owner: what the snapshot has, the directories that lead there, and nothing else. */
final class Handover implements ManifestVisitor {

    private final TargetTree tree;
    private final Ownership ownership;
    private final Set<String> directories = new HashSet<>();

    private Handover(TargetTree tree, Ownership ownership) {
        this.tree = tree;
        this.ownership = ownership;
    }

    /** Returns when all of it is given away. Again is harmless. */
    static void of(Path directory, ManifestFile manifest, Ownership ownership)
            throws CaravanException, InterruptedException {
        if (ownership.isAsItIs()) {
            return;
        }
        try (TargetTree tree = TargetTree.open(directory)) {
            Handover handover = new Handover(tree, ownership);
            manifest.read(handover);
            tree.give("", ownership);
        } catch (IOException e) {
            throw LocalFailures.of("giving " + directory + " to " + ownership, e);
        }
    }

    @Override
    public void header(ManifestHeader header) {
        // the stores' directories have files, or are listed
    }

    @Override
    public void file(FileEntry file) throws CaravanException {
        giveParents(TargetTree.parentOf(file.path().value()));
        give(file.path().value());
    }

    @Override
    public void directory(SnapshotPath path) throws CaravanException {
        giveParents(path.value());
    }

    private void giveParents(String path) throws CaravanException {
        String at = path;
        while (!at.isEmpty() && directories.add(at)) {
            give(at);
            at = TargetTree.parentOf(at);
        }
    }

    private void give(String path) throws CaravanException {
        try {
            tree.give(path, ownership);
        } catch (IOException e) {
            throw LocalFailures.of("giving " + tree.root().resolve(path) + " to " + ownership, e);
        }
    }
}
