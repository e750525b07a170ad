package caravan.doctor;

import caravan.capture.FoundStore;
import caravan.capture.node.NodeSight;
import caravan.failure.CaravanException;
import caravan.failure.RefusedException;
import caravan.restore.target.Replaced;
import caravan.restore.target.Space;
import caravan.restore.target.Stage;
import caravan.restore.target.Target;
import caravan.restore.target.TargetLock;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A directory that was restored, or is being: whether a node can be started in it, and what lies beside it. */
public final class RestoreCheck implements Examination {

    private final Path given;

    /** Looks at {@code given}, the directory that was named to {@code caravan fetch}. */
    public RestoreCheck(Path given) {
        this.given = given;
    }

    @Override
    public String subject() {
        return "restore";
    }

    @Override
    public void examine(Findings findings) throws CaravanException, IOException {
        Path directory = Target.locate(given);
        Path stage = directory.resolveSibling(directory.getFileName() + Target.INCOMPLETE);
        boolean isBuilt = Files.isDirectory(stage, LinkOption.NOFOLLOW_LINKS);
        boolean isThere = Files.isDirectory(directory);
        boolean isChanged = Files.exists(directory.resolve(Target.MARKER), LinkOption.NOFOLLOW_LINKS);
        Optional<String> holder = TargetLock.holderOf(directory, isBuilt ? stage : directory);
        if (holder.isPresent()) {
            findings.ok("a restore is at work: " + holder.get()
                    + (isBuilt ? "; " + Space.shown(Stage.bytesIn(stage)) + " in " + stage : ""));
        } else if (isChanged) {
            findings.wrong(
                    Findings.PASSING,
                    directory
                            + " is half of one state and half of another: a restore into it has not ended, and no node opens"
                            + " it",
                    goOn());
        } else if (!isThere && isBuilt) {
            findings.wrong(
                    Findings.PASSING,
                    "the restore of " + directory + " has not ended: " + Space.shown(Stage.bytesIn(stage)) + " are in "
                            + stage,
                    goOn());
        } else if (!isThere) {
            throw new RefusedException(
                    "there is no directory " + directory + ", and none that a restore is building",
                    "check the path; caravan fetch URL " + given + " restores into it");
        } else {
            lookAtStores(directory, findings);
        }
        lookBeside(directory, findings);
    }

    private String goOn() {
        return "run the same command again, it goes on where it was: caravan fetch URL " + given;
    }

    private static void lookAtStores(Path directory, Findings findings) throws CaravanException, IOException {
        for (FoundStore store : FoundStore.in(directory, List.of())) {
            String name = store.directory() + " (" + store.engine().wireName() + ")";
            List<Path> locks = store.engine().lockFile().isEmpty()
                    ? List.of()
                    : List.of(store.directory().resolve(store.engine().lockFile()));
            NodeSight node = NodeSight.of(locks, Optional.empty());
            if (node.processes().isEmpty()) {
                findings.ok(name + " can be opened; no process has it open");
            } else {
                findings.ok(name + " is open in process "
                        + node.processes().iterator().next());
            }
        }
    }

    /** What a restore moved out of its way, which nobody removes. */
    private static void lookBeside(Path directory, Findings findings) throws IOException {
        List<Path> replaced = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                directory.getParent(),
                entry -> entry.getFileName().toString().startsWith(directory.getFileName() + Replaced.INFIX))) {
            all.forEach(replaced::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path each : replaced) {
            findings.note(
                    each + " holds " + Space.shown(Stage.bytesIn(each)) + " that a restore moved out of its way",
                    "once the node runs well with what was restored: rm -r " + each);
        }
    }
}
