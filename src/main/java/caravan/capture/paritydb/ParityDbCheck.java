package caravan.capture.paritydb;

import caravan.failure.DamagedException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks whether a directory that nobody writes to is a ParityDB at one moment, as far as its files tell: {@code
 * metadata} is read, every size is one that its engine makes, heads and free lists of tables lead somewhere, and the
 * logs are whole records without a gap.
 *
 * <p>It proves less than the same for a RocksDB: tables have no checksums, so a value that was written in place while
 * it was copied is not noticed. How the copy was made is what makes it good.
 */
public final class ParityDbCheck {

    private static final Pattern INDEX = Pattern.compile("index_(\\d\\d)_(\\d\\d)");

    private static final Pattern COUNTS = Pattern.compile("refcount_(\\d\\d)_(\\d\\d)");

    private static final Pattern TABLE = Pattern.compile("table_(\\d\\d)_([0-9a-f]{2})");

    private static final Pattern LOG = Pattern.compile("log\\d+");

    private static final long INDEX_HEAD_BYTES = 16 << 10;

    private static final long CHUNK_BYTES = 512;

    private static final int MOST_BITS = 48;

    private final Path directory;

    private final List<String> notes = new ArrayList<>();

    private ParityDbCheck(Path directory) {
        this.directory = directory;
    }

    /**
     * What the files in {@code directory} say.
     *
     * @throws DamagedException if they are no moment of a ParityDB
     */
    public static ParityDbFacts of(Path directory) throws IOException, DamagedException {
        try {
            return new ParityDbCheck(directory).run();
        } catch (NotWholeException e) {
            throw new DamagedException(
                    "the copy of a ParityDB is not whole: " + e.getMessage(),
                    "nothing was published. If it happens again the node's own database is damaged");
        }
    }

    private ParityDbFacts run() throws IOException, NotWholeException {
        Map<String, Path> files = files();
        if (!files.containsKey("metadata")) {
            throw new NotWholeException("it has no metadata");
        }
        Metadata metadata = Metadata.read(files.get("metadata"));
        for (Path file : files.values()) {
            checkSize(file, INDEX, INDEX_HEAD_BYTES);
            checkSize(file, COUNTS, 0);
        }
        if (!metadata.isKnown()) {
            notes.add("of version " + metadata.version() + ", whose tables and logs are not known here");
            return new ParityDbFacts(metadata.version(), metadata.columns().size(), 0, 0, notes);
        }
        List<PendingLog> logs = logs(files, metadata);
        int tables = 0;
        for (Path file : files.values()) {
            Matcher table = TABLE.matcher(file.getFileName().toString());
            if (table.matches()) {
                checkTable(file, table, metadata, logs.isEmpty());
                tables++;
            }
        }
        long records = logs.stream().mapToLong(log -> log.next() - log.first()).sum();
        return new ParityDbFacts(metadata.version(), metadata.columns().size(), tables, records, notes);
    }

    private Map<String, Path> files() throws IOException {
        Map<String, Path> files = new TreeMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(entry -> files.put(entry.getFileName().toString(), entry));
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    /** An index, or a table of counts, is made with the size of all its chunks; it may just have been made. */
    private static void checkSize(Path file, Pattern pattern, long headBytes) throws IOException, NotWholeException {
        Matcher matcher = pattern.matcher(file.getFileName().toString());
        if (!matcher.matches() || Files.size(file) == 0) {
            return;
        }
        int bits = Integer.parseInt(matcher.group(2));
        long expected = bits > MOST_BITS ? -1 : headBytes + (CHUNK_BYTES << bits);
        if (Files.size(file) != expected) {
            throw new NotWholeException(file.getFileName() + " has " + Files.size(file) + " bytes, an index of " + bits
                    + " bits has " + expected);
        }
    }

    private void checkTable(Path file, Matcher table, Metadata metadata, boolean noLogs)
            throws IOException, NotWholeException {
        int column = Integer.parseInt(table.group(1));
        if (column >= metadata.columns().size()) {
            notes.add(file.getFileName() + " is of a column that metadata has not");
            return;
        }
        int tier = Integer.parseInt(table.group(2), 16);
        TableHead.check(file, tier, noLogs && !metadata.columns().get(column).multitree());
    }

    /** In the order in which they are carried out. */
    private List<PendingLog> logs(Map<String, Path> files, Metadata metadata) throws IOException, NotWholeException {
        List<PendingLog> logs = new ArrayList<>();
        for (Map.Entry<String, Path> file : files.entrySet()) {
            if (LOG.matcher(file.getKey()).matches()) {
                PendingLog.read(file.getValue(), metadata).ifPresent(logs::add);
            }
        }
        logs.sort(Comparator.comparingLong(PendingLog::first));
        for (int at = 0; at < logs.size(); at++) {
            PendingLog log = logs.get(at);
            boolean last = at == logs.size() - 1;
            if (!log.wrong().isEmpty() && !last) {
                throw new NotWholeException(log.wrong());
            }
            if (log.torn() > 0 && !last) {
                throw new NotWholeException(log.name() + " ends within a record, and is not the newest log");
            }
            if (log.torn() > 0) {
                notes.add(log.name() + " ends with " + log.torn() + " bytes of a record that was being written"
                        + (log.wrong().isEmpty() ? "" : ", or is damaged there (" + log.wrong() + ")"));
            }
            if (!last && logs.get(at + 1).first() != log.next()) {
                throw new NotWholeException("records are missing: " + log.name() + " ends before record " + log.next()
                        + ", " + logs.get(at + 1).name() + " begins with record "
                        + logs.get(at + 1).first());
            }
        }
        return logs;
    }
}
