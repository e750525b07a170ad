package caravan.capture.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Checks that the write-ahead logs of a copy are one unbroken history that reaches as far as its table files.
 *
 * <p>Each record is a batch that begins with its first sequence number, 8 bytes, and how many it uses, 4 bytes (RocksDB
 * {@code db/write_batch.cc}). They follow one another without a gap, inside a log and across logs. RocksDB itself does
 * not notice a log that is missing in the middle.
 */
final class WalChain {

    private static final int BATCH_HEADER_SIZE = 12;

    private final ManifestState manifest;
    private final LogRules rules;
    private final List<String> notes = new ArrayList<>();

    private boolean hasRecords;
    private boolean compressed;
    private long first;
    private String firstLog = "";
    private long last;
    private long next;
    private String unlogged = "";
    private boolean numbersBatches;
    private String tornLog = "";
    private boolean requiredLogIsEmpty;

    private WalChain(ManifestState manifest, LogRules rules) {
        this.manifest = manifest;
        this.rules = rules;
    }

    /** @param logs every write-ahead log of the copy by number; those that recovery does not need may be among them */
    static Verdict verify(NavigableMap<Long, Path> logs, ManifestState manifest, LogRules rules)
            throws IOException, UnsupportedFormatException {
        WalChain chain = new WalChain(manifest, rules);
        NavigableMap<Long, Path> needed = new TreeMap<>(logs.tailMap(manifest.minLogNumberToKeep(), true));
        try {
            chain.checkTrackedLogs(needed);
            for (Map.Entry<Long, Path> log : needed.entrySet()) {
                chain.read(log.getKey(), log.getValue());
            }
            return chain.verdict(needed);
        } catch (BadFormatException e) {
            return new Verdict.Damaged(e.getMessage());
        }
    }

    private void checkTrackedLogs(NavigableMap<Long, Path> needed) throws IOException, BadFormatException {
        for (Map.Entry<Long, Long> tracked : manifest.trackedLogs().entrySet()) {
            long number = tracked.getKey();
            if (number < manifest.requiredLog()) {
                continue;
            }
            Path log = needed.get(number);
            if (log == null || Files.size(log) < tracked.getValue()) {
                throw new BadFormatException("write-ahead log " + EngineFile.logName(number) + ", of which the MANIFEST"
                        + " knows " + tracked.getValue() + " synced bytes, is missing or shorter");
            }
        }
    }

    private void read(long number, Path file) throws IOException, BadFormatException, UnsupportedFormatException {
        String name = EngineFile.logName(number);
        try (LogReader log = LogReader.open(file, BATCH_HEADER_SIZE)) {
            boolean empty = true;
            while (log.next()) {
                if (log.isCompressed()) {
                    requireNothingTornBefore(name);
                } else {
                    follow(log, name, empty);
                }
                empty = false;
            }
            compressed |= log.isCompressed();
            if (log.isTorn()) {
                requireNothingTornBefore(name);
                tornLog = name;
                notes.add("the last record of write-ahead log " + name
                        + " is incomplete and will be dropped by recovery");
            }
            requiredLogIsEmpty |= empty && number == manifest.requiredLog();
        } catch (BadFormatException e) {
            throw new BadFormatException("write-ahead log " + name + ": " + e.getMessage());
        } catch (UnsupportedFormatException e) {
            throw new UnsupportedFormatException("write-ahead log " + name + ": " + e.getMessage());
        }
    }

    private void requireNothingTornBefore(String name) throws BadFormatException {
        if (!tornLog.isEmpty() && !tornLog.equals(name)) {
            throw new BadFormatException("log " + tornLog + " before it ends inside a record");
        }
    }

    /** @param begins whether it is the first record of its log */
    private void follow(LogReader log, String name, boolean begins) throws BadFormatException {
        byte[] header = log.record();
        if (header.length < BATCH_HEADER_SIZE) {
            throw new BadFormatException(
                    "a record is too short for a batch (before offset " + log.endOfLastRecord() + ")");
        }
        ByteBuffer batch = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        long sequence = batch.getLong();
        long count = Integer.toUnsignedLong(batch.getInt());
        if (hasRecords && sequence == next) {
            // Also after a log that ends inside a record: the engine dropped that, and went on in another.
            tornLog = "";
        }
        requireNothingTornBefore(name);
        if (!hasRecords) {
            first = sequence;
            firstLog = name;
        } else if (!follows(sequence)) {
            explain(sequence, log, name, begins);
        }
        hasRecords = true;
        last = sequence;
        next = sequence + count;
    }

    private boolean follows(long sequence) {
        return sequence == next
                || (sequence > next && manifest.loneSequences().after(next) >= sequence)
                || (rules.twoPhase() && sequence >= last && sequence < next);
    }

    /**
     * Inside a log whose records are all whole nothing is missing, so the node wrote something to none, or its
     * transactions take one number for a batch. At the beginning of a log it may as well be that one before it is lost.
     */
    private void explain(long sequence, LogReader log, String name, boolean begins) throws BadFormatException {
        boolean skips = sequence > next;
        if (skips && rules.twoPhase() && (!begins || numbersBatches)) {
            numbersBatches = true;
        } else if (skips && !rules.twoPhase() && (!begins || writesUnlogged())) {
            unlogged = "sequences " + next + " to " + (sequence - 1) + " are in no write-ahead log (before " + name
                    + ", offset " + log.endOfLastRecord() + ")";
        } else {
            throw new BadFormatException("sequence " + sequence + " follows where " + next
                    + " is expected: records are missing, or were never in a log (before offset "
                    + log.endOfLastRecord() + ")");
        }
    }

    private boolean writesUnlogged() {
        return !unlogged.isEmpty() || manifest.hasUnloggedTables();
    }

    private Verdict verdict(NavigableMap<Long, Path> needed) throws BadFormatException {
        if (!tornLog.isEmpty() && manifest.isBeyond(EngineFile.of(tornLog).number())) {
            throw new BadFormatException(
                    "log " + tornLog + " ends inside a record, and tables hold data of later logs");
        }
        if (compressed) {
            notes.add("write-ahead logs are compressed: their checksums were verified, their sequence numbers not");
        } else if (hasRecords && manifest.loneSequences().after(next) - 1 < manifest.lastSequence()) {
            String reason = "the write-ahead logs end at sequence " + (next - 1)
                    + ", before the table files, which go up to " + manifest.lastSequence();
            if (!writesUnlogged()) {
                throw new BadFormatException(reason);
            }
            unlogged = reason;
        }
        long end = hasRecords ? Math.max(next - 1, manifest.lastSequence()) : manifest.lastSequence();
        Verdict verdict = judgeBeginning(needed, new Verdict.Sound(end, notes));
        return writesUnlogged() ? judgeUnlogged(verdict) : verdict;
    }

    private Verdict judgeUnlogged(Verdict logged) {
        if (!unlogged.isEmpty()) {
            return new Verdict.Unlogged(unlogged, Optional.empty());
        }
        if (logged instanceof Verdict.Sound sound) {
            // The tables of one column family, or of all at once, are of one moment.
            return rules.atomicFlush() || manifest.columnFamilies().size() < 2
                    ? sound
                    : new Verdict.Unlogged("tables were written of what is in no write-ahead log", Optional.of(sound));
        }
        if (logged instanceof Verdict.RequiredLogAbsent absent) {
            return new Verdict.Unlogged(absent.reason(), Optional.of(absent.otherwise()));
        }
        return logged instanceof Verdict.Unsettled unsettled
                ? new Verdict.Unlogged(unsettled.reason(), Optional.empty())
                : logged;
    }

    /**
     * What is missing before the first record. Where that is certain, the copy is of no use; the engine may also have
     * written what only looks like it, and then it is a matter of looking again.
     */
    private Verdict judgeBeginning(NavigableMap<Long, Path> needed, Verdict.Sound otherwise) {
        long required = manifest.requiredLog();
        boolean absent = required > 0 && !needed.containsKey(required);
        boolean lost = absent || (requiredLogIsEmpty && (hasRecords || manifest.isBeyond(required)));
        if (lost && !needsNoOlderLog(required, needed)) {
            String reason = "write-ahead log " + EngineFile.logName(required)
                    + " is the oldest that recovery needs, and is " + (absent ? "not there" : "empty");
            return isKnownToHaveHadRecords(required, needed)
                    ? new Verdict.Unsettled(reason)
                    : new Verdict.RequiredLogAbsent(reason, otherwise);
        }
        String late = absentBeforeTheFirst(required);
        if (late.isEmpty()) {
            return otherwise;
        }
        // With none flushed for good, all logs since the database was made are kept.
        return required == 0 && manifest.tellsLogsToKeep()
                ? new Verdict.Unsettled(late)
                : new Verdict.RequiredLogAbsent(late, otherwise);
    }

    /**
     * After the database was opened, the MANIFEST names a log that was never made. Then the logs that there are go on
     * where the tables ended at that moment, or nothing was written since, or all numbers before theirs are those of other
     * files.
     */
    private boolean needsNoOlderLog(long required, NavigableMap<Long, Path> needed) {
        if (needed.isEmpty() || compressed) {
            return false;
        }
        if (manifest.level().log() >= required
                && (hasRecords
                        ? goesOnFromTheOpening()
                        : !manifest.isBeyond(manifest.level().log()))) {
            return true;
        }
        return needed.firstKey() > required && manifest.otherNumbers().coverAll(required, needed.firstKey());
    }

    /**
     * Later than the opening, the MANIFEST names only logs that there are, and those from the one that it says to keep on
     * are kept. If it does not tell of an opening, because a new MANIFEST was begun since, or is of a release that does not
     * say what is kept, nothing is known. What commits a transaction takes a number that is in no table, so nothing is known
     * of prepared transactions, either. Without any log the database may be as it was when it was opened, which is old,
     * but not torn.
     */
    private boolean isKnownToHaveHadRecords(long required, NavigableMap<Long, Path> needed) {
        return manifest.minLogNumberToKeep() > 0
                && (manifest.level().log() > 0 || isLaterThanTheSettings(required))
                && !compressed
                && !rules.twoPhase()
                && !(needed.isEmpty()
                        && manifest.level().log() >= required
                        && !manifest.isBeyond(manifest.level().log()));
    }

    /** Only an opening names a log that is never made, and it writes the settings after that. */
    private boolean isLaterThanTheSettings(long required) {
        return rules.settingsNumber() > 0 && required > rules.settingsNumber();
    }

    /**
     * The last sequences before the opening may be in no table: those of a column family that was dropped, for example. So
     * the log that was made with it, and has records, is as good.
     */
    private boolean goesOnFromTheOpening() {
        return first <= afterTables(manifest.level().sequence())
                || (manifest.level().log() < manifest.openingLog()
                        && firstLog.equals(EngineFile.logName(manifest.openingLog())));
    }

    /** The first sequence number that must be in a log if {@code sequence} is the last one in tables. */
    private long afterTables(long sequence) {
        return manifest.loneSequences().after(sequence + 1);
    }

    /**
     * Logs that recovery does not need any more have been flushed, so the others begin at the latest after the last
     * sequence in table files; if none was ever flushed for good, they begin at the beginning. Empty if they do. That they
     * do not is no certain damage: a table may leave out the last entries of a log, which cancel each other.
     */
    private String absentBeforeTheFirst(long required) {
        if (compressed) {
            return "";
        }
        long latestBegin = afterTables(required > 0 ? manifest.lastSequence() : 0);
        if (hasRecords && first > latestBegin) {
            return "the write-ahead logs begin at sequence " + first + ", but should at " + latestBegin + " or before";
        }
        if (!hasRecords && required == 0 && manifest.lastSequence() >= latestBegin) {
            return "there is no write-ahead log, but no column family has all its data in table files";
        }
        return "";
    }
}
