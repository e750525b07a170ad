package caravan.restore;

import static java.util.Objects.requireNonNull;

import caravan.failure.CaravanException;
import caravan.failure.DamagedException;
import caravan.failure.RefusedException;
import caravan.manifest.ManifestReader;
import caravan.manifest.ManifestVisitor;
import caravan.restore.target.LocalFailures;
import caravan.snapshot.Digest;
import caravan.snapshot.FileEntry;
import caravan.snapshot.ManifestHeader;
import caravan.snapshot.ManifestTotals;
import caravan.snapshot.SnapshotPath;
import caravan.snapshot.SnapshotRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A verified manifest on the local disk. It is read again for each use, so that its length does not matter to memory.
 *
 * @param file the copy
 * @param digest of all its bytes
 * @param what where it is from, for messages
 */
record ManifestFile(Path file, Digest digest, String what) {

    ManifestFile {
        requireNonNull(file, "file");
        requireNonNull(digest, "digest");
        requireNonNull(what, "what");
    }

    /** Tells {@code visitor} everything, in order. */
    ManifestTotals read(ManifestVisitor visitor) throws CaravanException, InterruptedException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return ManifestReader.read(in, what, visitor);
        } catch (InterruptedIOException e) {
            InterruptedException interrupted = new InterruptedException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (IOException e) {
            throw LocalFailures.of("reading the manifest in " + file, e);
        }
    }

    /**
     * Reads it through once: it must be right in itself, and every name one that this system can make.
     *
     * @throws DamagedException if it is not right
     * @throws RefusedException if this process cannot make a file of one of its names
     */
    Summary summarize() throws CaravanException, InterruptedException {
        List<ManifestHeader> headers = new ArrayList<>();
        ManifestTotals totals = read(new ManifestVisitor() {
            @Override
            public void header(ManifestHeader header) {
                headers.add(header);
            }

            @Override
            public void file(FileEntry file) throws RefusedException {
                requireNameable(file.path());
            }

            @Override
            public void directory(SnapshotPath path) throws RefusedException {
                requireNameable(path);
            }
        });
        return new Summary(headers.get(0), totals);
    }

    /**
     * The same, and held against the record that vouches for it.
     *
     * @throws DamagedException also if the record is of something else
     */
    ManifestHeader summarize(SnapshotRecord record) throws CaravanException, InterruptedException {
        Summary summary = summarize();
        ManifestHeader header = summary.header();
        if (!header.database().equals(record.database()) || !header.snapshot().equals(record.snapshot())) {
            throw new DamagedException(
                    "the manifest " + what + " is of snapshot " + header.snapshot() + " of " + header.database(),
                    "the publisher signed a record for another manifest; tell the publisher");
        }
        if (!summary.totals().equals(record.totals())) {
            throw new DamagedException(
                    "the manifest " + what + " lists " + summary.totals() + ", its record says " + record.totals(),
                    "the publisher signed a record for another manifest; tell the publisher");
        }
        return header;
    }

    /** With {@code LC_ALL=C} a JVM makes no file whose name is not ASCII. */
    private static void requireNameable(SnapshotPath path) throws RefusedException {
        try {
            path.under(Path.of(""));
        } catch (InvalidPathException e) {
            throw new RefusedException(
                    "the snapshot has a file named \"" + path
                            + "\", which this Java cannot make in the locale it runs in",
                    "run again with LC_ALL=C.UTF-8",
                    e);
        }
    }

    /**
     * Beginning and end of a manifest.
     *
     * @param header first line
     * @param totals last line
     */
    record Summary(ManifestHeader header, ManifestTotals totals) {}
}
