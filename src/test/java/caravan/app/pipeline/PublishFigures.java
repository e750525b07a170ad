package caravan.app.pipeline;

import caravan.capture.ManyFilesNode;
import caravan.locals3.LocalS3;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * What a publication costs a node that is writing: how long its batches take meanwhile, and without. Prints a row for each,
 * in ms. Arguments: a directory, number of table files, number of publications. The store is in this process, so it takes
 * its share of the same processors.
 */
public final class PublishFigures {

    private PublishFigures() {}

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        Path base = Path.of(arguments[0]);
        int files = Integer.parseInt(arguments[1]);
        int publications = Integer.parseInt(arguments[2]);
        SampleDatabase database = SampleDatabase.at(base.resolve("node"));
        Path noted = base.resolve("noted");
        MappedByteBuffer notes = ManyFilesNode.map(noted);
        Path store = Files.createDirectories(database.root().resolve("db/full"));
        Process node = ManyFilesNode.start(store, files, noted);
        try (LocalS3 server =
                LocalS3.start(base.resolve("s3"), Publisher.BUCKET, Publisher.ACCESS_KEY, Publisher.SECRET_KEY)) {
            while (notes.getLong(ManyFilesNode.BATCHES) < 1_000 && node.isAlive()) {
                LockSupport.parkNanos(10_000_000);
            }
            Publisher publisher = new Publisher(base.resolve("publisher"), database, server.endpoint(), "")
                    .leave("caravan.read.check-tables");
            for (int number = 1; number <= publications; number++) {
                begin(notes);
                long began = System.nanoTime();
                publisher.publish();
                long took = System.nanoTime() - began;
                row("publication " + number + " of " + files + " files, " + took / 1_000_000 + " ms", notes);
                begin(notes);
                LockSupport.parkNanos(took);
                row("as long without", notes);
            }
        } finally {
            node.destroyForcibly().waitFor();
        }
    }

    /** Has the node forget what it noted, and waits until it has. */
    private static void begin(MappedByteBuffer notes) {
        long before = notes.getLong(ManyFilesNode.BATCHES);
        notes.putLong(ManyFilesNode.ROUND, notes.getLong(ManyFilesNode.ROUND) + 1);
        while (notes.getLong(ManyFilesNode.BATCHES) < before + 2) {
            LockSupport.parkNanos(100_000);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void row(String what, MappedByteBuffer notes) {
        System.out.printf(
                "| %s | %.3f | %.3f | %.3f | %.3f |%n",
                what,
                ManyFilesNode.latency(notes, 0.5),
                ManyFilesNode.latency(notes, 0.99),
                ManyFilesNode.latency(notes, 0.999),
                ManyFilesNode.latency(notes, 1));
    }
}
