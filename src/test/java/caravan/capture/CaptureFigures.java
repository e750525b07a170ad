package caravan.capture;

import caravan.capture.node.FreezeNode;
import caravan.capture.rocksdb.RocksDbCapture;
import caravan.capture.rocksdb.RocksDbSource;
import caravan.capture.rocksdb.RocksDbTaking;
import caravan.capture.rocksdb.StructureCheck;
import caravan.snapshot.DatabaseName;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what captures cost with many files: what {@code src/bench/capture.sh} runs. Arguments: an empty directory,
 * number of files, number of captures.
 */
public final class CaptureFigures {

    private final Path base;
    private final int files;
    private final int captures;

    private CaptureFigures(Path base, int files, int captures) {
        this.base = base;
        this.files = files;
        this.captures = captures;
    }

    /** Measures and prints a row for each figure. */
    public static void main(String[] arguments) throws Exception {
        new CaptureFigures(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))
                .measure();
    }

    private void measure() throws Exception {
        Path noted = base.resolve("noted");
        MappedByteBuffer notes = ManyFilesNode.map(noted);
        Path store = base.resolve("root/db/full");
        Files.createDirectories(store);
        Process node = ManyFilesNode.start(store, files, noted);
        try {
            while (notes.getLong(ManyFilesNode.BATCHES) < 1_000 && node.isAlive()) {
                LockSupport.parkNanos(10_000_000);
            }
            measure(store, notes);
        } finally {
            node.destroyForcibly().waitFor();
        }
    }

    private void measure(Path store, MappedByteBuffer notes) throws Exception {
        CaptureRequest request = CaptureRequest.of(new DatabaseName("figures"), base.resolve("root"));
        FreezeCapture freeze =
                new FreezeCapture(new FreezeNode(Duration.ofSeconds(30), base.resolve("state/watchdog.log")));
        List<Double> without = new ArrayList<>();
        List<Double> live = new ArrayList<>();
        List<Double> frozen = new ArrayList<>();
        List<Double> paused = new ArrayList<>();
        List<Double> links = new ArrayList<>();
        List<Double> checks = new ArrayList<>();
        for (int i = 0; i < captures; i++) {
            long began = System.nanoTime();
            live.add(longestGap(notes, () -> new LiveCapture().capture(request).close()));
            long took = System.nanoTime() - began;
            without.add(longestGap(notes, () -> LockSupport.parkNanos(took)));
            frozen.add(longestGap(notes, () -> {
                try (CapturedDatabase captured = freeze.capture(request)) {
                    paused.add((double) captured.pauseMillis());
                    long start = System.nanoTime();
                    StructureCheck.verify(captured.files().get(0).staged().getParent());
                    checks.add((System.nanoTime() - start) / 1e6);
                }
            }));
            links.add(linkPass(store));
        }
        row("longest time between two batches, no capture", without);
        row("longest time between two batches, capture by live", live);
        row("longest time between two batches, capture by freeze", frozen);
        row("pause that freeze records", paused);
        row("link pass", links);
        row("verification by structure", checks);
    }

    private interface Step {

        void run() throws Exception;
    }

    private static double longestGap(MappedByteBuffer notes, Step step) throws Exception {
        long before = notes.getLong(ManyFilesNode.BATCHES);
        notes.putLong(ManyFilesNode.ROUND, notes.getLong(ManyFilesNode.ROUND) + 1);
        while (notes.getLong(ManyFilesNode.BATCHES) < before + 2) {
            LockSupport.parkNanos(100_000);
        }
        step.run();
        long after = notes.getLong(ManyFilesNode.BATCHES);
        while (notes.getLong(ManyFilesNode.BATCHES) < after + 2) {
            LockSupport.parkNanos(100_000);
        }
        return notes.getLong(ManyFilesNode.LONGEST) / 1e6;
    }

    private double linkPass(Path store) throws Exception {
        Path copy = Files.createDirectory(base.resolve("copy"));
        Path hold = Files.createDirectory(base.resolve("hold"));
        RocksDbTaking taking = new RocksDbCapture()
                .taking(new RocksDbSource(store.toRealPath(), Set.of(store.toRealPath())), copy, hold, 0, false);
        long start = System.nanoTime();
        taking.prepare();
        double took = (System.nanoTime() - start) / 1e6;
        taking.again();
        Files.delete(copy);
        Files.delete(hold);
        return took;
    }

    @SuppressWarnings("SystemOut")
    private void row(String what, List<Double> millis) {
        millis.sort(null);
        System.out.printf(
                "| %s, %d files | %.1f | %.1f | %.1f |%n",
                what,
                files,
                millis.get(millis.size() / 2),
                millis.get(millis.size() * 95 / 100),
                millis.get(millis.size() - 1));
    }
}
