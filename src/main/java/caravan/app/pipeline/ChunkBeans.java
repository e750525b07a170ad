package caravan.app.pipeline;

import caravan.app.routing.ChunkAcknowledgement;
import caravan.app.routing.ChunkBodies;
import caravan.app.settings.Settings;
import caravan.failure.WrongUsageException;
import caravan.pace.IoPriority;
import caravan.pace.RateLimit;
import caravan.publish.ChunkNaming;
import caravan.publish.ChunkPacking;
import caravan.publish.ChunkPresence;
import caravan.store.StoreAbilities;
import java.util.concurrent.ExecutorService;
import org.apache.camel.main.Main;

/** What becomes of each chunk: how it is named, looked for and sent, and by how many threads. */
final class ChunkBeans implements AutoCloseable {

    private static final String COMPRESSION = "caravan.upload.compression";

    private final BucketBeans bucket;

    private final ChunkNaming naming;

    private final ExecutorService threads;

    /**
     * Into {@code bucket}.
     *
     * @param readRate of the node's disk, shared with all else that reads from it
     */
    ChunkBeans(Settings settings, BucketBeans bucket, RateLimit readRate, IoPriority priority)
            throws WrongUsageException {
        this.bucket = bucket;
        this.naming = new ChunkNaming(readRate, packing(settings, readRate));
        this.threads =
                SplitterThreads.of("upload", settings.count("caravan.upload.parallelism"), priority::applyToThisThread);
    }

    private static ChunkPacking packing(Settings settings, RateLimit readRate) throws WrongUsageException {
        boolean compresses = settings.text(COMPRESSION).equals("zstd");
        if (LayoutBeans.hasFiles(settings)) {
            if (compresses) {
                throw settings.wrong(
                        COMPRESSION,
                        "caravan.publish.layouts names filelist, whose files are put together of chunks as they are");
            }
            return ChunkPacking.PLAIN_ONLY;
        }
        return compresses
                ? ChunkPacking.zstandard(settings.count("caravan.upload.compression-level"), readRate)
                : ChunkPacking.NONE;
    }

    void bindTo(Main main, StoreAbilities abilities) {
        main.bind("chunkNaming", naming);
        main.bind("chunkPresence", new ChunkPresence(bucket.store(), abilities, bucket.name()));
        main.bind("chunkBodies", new ChunkBodies(bucket.brake(), bucket::keyOf));
        main.bind("chunkAcknowledgement", new ChunkAcknowledgement());
        main.bind("uploadThreads", threads);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
