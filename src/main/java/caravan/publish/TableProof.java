package caravan.publish;

import static java.util.Objects.requireNonNull;

import caravan.capture.CapturedFile;
import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.FailedException;
import caravan.pace.RateLimit;
import caravan.snapshot.DatabaseName;
import caravan.snapshot.Engine;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares every block of every table of a captured RocksDB with its checksum, before anything of the capture is
 * trusted: a node that has not read a damaged table yet goes on as if nothing were wrong. What was found right once is
 * not read again.
 */
public final class TableProof {

    private static final Logger LOG = LoggerFactory.getLogger(TableProof.class);

    private final boolean wanted;

    private final TableReader.Source readers;

    private final int threads;

    private final RateLimit readRate;

    private final Interruptible interruptible = new Interruptible();

    /**
     * A proof that reads no faster than {@code readRate} allows.
     *
     * @param wanted whether it is made at all
     * @param threads how many tables are read at once
     */
    public TableProof(boolean wanted, TableReader.Source readers, int threads, RateLimit readRate) {
        this.wanted = wanted;
        this.readers = requireNonNull(readers, "readers");
        this.threads = threads;
        this.readRate = requireNonNull(readRate, "readRate");
    }

    /**
     * Returns if all tables of the capture are right. Called by route {@code publish-database}.
     *
     * @throws DamagedException if one is not; it is named, and nothing was sent
     */
    public void check(Publication publication) throws CaravanException, InterruptedException {
        if (wanted) {
            prove(publication);
        }
        publication.report().reached(Milestone.CHECKED, publication.state().now());
    }

    private void prove(Publication publication) throws CaravanException, InterruptedException {
        DatabaseName database = publication.database().name();
        List<CapturedFile> tables = publication.held().capture().files().stream()
                .filter(file -> isTable(publication, file))
                .toList();
        List<CapturedFile> unproven = tables.stream()
                .filter(table -> !publication.state().provenTables().contains(table.source()))
                .toList();
        Instant begin = publication.state().now();
        if (!unproven.isEmpty()) {
            interruptible.call("check the tables of " + database, () -> {
                read(publication, unproven, begin);
                return unproven;
            });
        }
        publication.held().tablesAreProven();
        LOG.info(
                "{}: checksums of {} tables are right, {} of them ({} bytes) read in {} s",
                database,
                tables.size(),
                unproven.size(),
                unproven.stream().mapToLong(CapturedFile::size).sum(),
                Numbers.seconds(Duration.between(begin, publication.state().now())));
    }

    /** Ends what is under way, because the program was told to stop. */
    public void stop() {
        interruptible.stop();
    }

    private static boolean isTable(Publication publication, CapturedFile file) {
        return file.writeOnce()
                && file.path().value().endsWith(".sst")
                && publication.held().stores().storeOf(file.path()).engine() == Engine.ROCKSDB;
    }

    /** The first table that is not right ends the reading. */
    private void read(Publication publication, List<CapturedFile> tables, Instant begin)
            throws CaravanException, InterruptedException {
        int count = Math.min(threads, tables.size());
        ExecutorService pool = Executors.newFixedThreadPool(count, task -> new Thread(task, "check-tables"));
        try (TableReader reader = readers.open()) {
            ExecutorCompletionService<CapturedFile> done = new ExecutorCompletionService<>(pool);
            List<CapturedFile> waiting = new ArrayList<>(tables);
            for (int under = 0; under < count; under++) {
                CapturedFile next = waiting.remove(waiting.size() - 1);
                done.submit(() -> read(publication, next, reader));
            }
            for (int ended = 0; ended < tables.size(); ended++) {
                publication.state().provenTables().remember(done.take().get().source(), begin);
                if (!waiting.isEmpty()) {
                    CapturedFile next = waiting.remove(waiting.size() - 1);
                    done.submit(() -> read(publication, next, reader));
                }
            }
        } catch (ExecutionException e) {
            throw of(e.getCause(), publication);
        } catch (IOException e) {
            throw of(e, publication);
        } finally {
            pool.shutdownNow();
        }
    }

    private CapturedFile read(Publication publication, CapturedFile table, TableReader reader)
            throws CaravanException, InterruptedException {
        publication.requireGoing();
        readRate.take(table.size());
        try {
            reader.check(table.staged());
        } catch (DamagedException e) {
            throw new DamagedException(
                    "check " + table.path() + " of " + publication.database().name() + ": RocksDB finds it damaged ("
                            + e.getMessage() + ")",
                    "it is the node's own file " + table.source().sourcePath()
                            + ": look at its disk and memory, and restore the node from the last good snapshot",
                    e);
        }
        return table;
    }

    private static CaravanException of(Throwable failure, Publication publication) {
        return failure instanceof CaravanException said
                ? said
                : new FailedException(
                        "check the tables of " + publication.database().name() + ": " + failure,
                        "the state directory must be writable and have space",
                        failure);
    }
}
