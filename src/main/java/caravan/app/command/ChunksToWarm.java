package caravan.app.command;

import caravan.failure.CaravanException;
import caravan.restore.FoundSnapshot;
import caravan.restore.PublishedChunks;
import caravan.restore.SnapshotLocation;
import caravan.warm.WarmPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a warm-up of a published snapshot fetches through each region. */
final class ChunksToWarm {

    private final PublishedChunks published;

    /** Of what {@code published} finds. */
    ChunksToWarm(PublishedChunks published) {
        this.published = published;
    }

    /** An empty list below {@code directory}, which is made. */
    static WarmPlan none(Path directory) throws IOException {
        Files.createDirectories(directory);
        return WarmPlan.create(directory);
    }

    /**
     * Lists them in {@code plan}: those that the snapshot before does not have, as far as the catalog knows of one.
     *
     * @param full all of them
     */
    FoundSnapshot list(SnapshotLocation location, boolean full, WarmPlan plan)
            throws CaravanException, IOException, InterruptedException {
        if (!full) {
            FoundSnapshot found = published.find(location);
            Optional<SnapshotLocation> before =
                    published.before(location, found.record().snapshot());
            if (before.isPresent()) {
                published.visit(before.get(), plan::leaveOut);
            }
        }
        FoundSnapshot found = published.visit(location, plan::add);
        plan.complete();
        return found;
    }
}
