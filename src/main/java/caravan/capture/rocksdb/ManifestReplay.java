package caravan.capture.rocksdb;

import caravan.capture.rocksdb.ManifestState.ColumnFamily;
import caravan.capture.rocksdb.ManifestState.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Applies the edits of a MANIFEST in their order, as the engine does when it opens the database (RocksDB {@code
 * db/version_edit_handler.cc}). The edits of an atomic group count together or not at all.
 */
final class ManifestReplay {

    private final SortedMap<Integer, ColumnFamilyFiles> columnFamilies = new TreeMap<>();
    private final Map<Long, Long> trackedLogs = new HashMap<>();
    private final List<VersionEdit> group = new ArrayList<>();
    private final FileNumbers otherNumbers = new FileNumbers();
    private final LoneSequences loneSequences = new LoneSequences();
    private final Set<Integer> restated = new HashSet<>();

    private final long manifestNumber;

    private boolean restating = true;
    private long openingLog;
    private long latestLog;
    private boolean hasUnloggedTables;
    private boolean hasLogNumber;
    private boolean hasNextFileNumber;
    private boolean hasLastSequence;
    private boolean tellsLogsToKeep;
    private long minLogNumberToKeep;
    private long lastSequence;
    private String databaseId = "";
    private Level level = Level.NONE;

    /** @param manifestNumber of the MANIFEST itself */
    ManifestReplay(long manifestNumber) {
        columnFamilies.put(0, new ColumnFamilyFiles("default", "", 0));
        otherNumbers.add(manifestNumber);
        this.manifestNumber = manifestNumber;
    }

    void add(VersionEdit edit) throws BadFormatException {
        if (edit.remainingInGroup.isEmpty()) {
            if (isInsideGroup()) {
                throw new BadFormatException("an edit stands inside a group to which it does not belong");
            }
            applyNext(edit);
            noteOpening();
            return;
        }
        int remaining = edit.remainingInGroup.getAsInt();
        if (isInsideGroup()
                && remaining != group.get(group.size() - 1).remainingInGroup.getAsInt() - 1) {
            throw new BadFormatException("a group of edits is not counted down");
        }
        group.add(edit);
        if (remaining == 0) {
            for (VersionEdit member : group) {
                applyNext(member);
            }
            group.clear();
            noteOpening();
        }
    }

    boolean isInsideGroup() {
        return !group.isEmpty();
    }

    ManifestState state() throws BadFormatException {
        if (!hasLogNumber || !hasNextFileNumber || !hasLastSequence) {
            throw new BadFormatException("it lacks a log number, a next file number or a last sequence");
        }
        restating = false;
        noteLevel();
        List<ColumnFamily> families = new ArrayList<>();
        SortedMap<String, Long> liveFiles = new TreeMap<>();
        columnFamilies.forEach((id, files) -> {
            families.add(new ColumnFamily(id, files.name(), files.comparator(), files.logNumber(), files.firstLog()));
            files.putLiveFiles(liveFiles);
        });
        return new ManifestState(
                List.copyOf(families),
                liveFiles,
                minLogNumberToKeep,
                tellsLogsToKeep,
                lastSequence,
                databaseId,
                Map.copyOf(trackedLogs),
                level,
                openingLog,
                otherNumbers,
                loneSequences,
                hasUnloggedTables);
    }

    /**
     * A MANIFEST begins with what there was before it, one column family after the other (RocksDB {@code
     * VersionSet::WriteCurrentStateToManifest}): until all are told, that some have the same log number means nothing.
     */
    private void applyNext(VersionEdit edit) throws BadFormatException {
        if (restating && (restated.contains(edit.columnFamily) || isNewColumnFamily(edit))) {
            restating = false;
            noteLevel();
        }
        if (edit.logNumber.isPresent()) {
            restated.add(edit.columnFamily);
            latestLog = Math.max(latestLog, edit.logNumber.getAsLong());
        }
        apply(edit);
    }

    /** One that is told again has its log number in an edit of its own. */
    private static boolean isNewColumnFamily(VersionEdit edit) {
        return edit.addsColumnFamily && edit.logNumber.isPresent();
    }

    private void apply(VersionEdit edit) throws BadFormatException {
        if (!edit.databaseId.isEmpty()) {
            databaseId = edit.databaseId;
        }
        hasLogNumber |= edit.logNumber.isPresent();
        hasNextFileNumber |= edit.nextFileNumber.isPresent();
        hasLastSequence |= edit.lastSequence.isPresent();
        lastSequence = Math.max(lastSequence, edit.lastSequence.orElse(0));
        tellsLogsToKeep |= edit.minLogNumberToKeep.isPresent();
        minLogNumberToKeep = Math.max(minLogNumberToKeep, edit.minLogNumberToKeep.orElse(0));

        edit.trackedLogs.forEach(log -> trackedLogs.put(log.number(), log.syncedSize()));
        long deletedBelow = edit.trackedLogsDeletedBelow.orElse(0);
        trackedLogs.keySet().removeIf(number -> number < deletedBelow);

        edit.newTables.forEach(table -> otherNumbers.add(table.number()));
        edit.newTables.forEach(loneSequences::add);
        edit.newBlobFiles.forEach(file -> otherNumbers.add(file.number()));

        if (edit.addsColumnFamily) {
            addColumnFamily(edit);
        }
        ColumnFamilyFiles files = columnFamilies.get(edit.columnFamily);
        if (files == null) {
            throw new BadFormatException(
                    "an edit is for column family " + edit.columnFamily + ", which does not exist");
        }
        if (edit.dropsColumnFamily) {
            columnFamilies.remove(edit.columnFamily);
        } else {
            hasUnloggedTables |= !restating && isOfUnlogged(edit, files);
            files.apply(edit);
        }
    }

    /**
     * Recovery puts what it finds in the logs into tables and gives all column families one log number, one above that of
     * the last log ({@code DBImpl::RecoverLogFiles} in RocksDB {@code db/db_impl/db_impl_open.cc}).
     */
    private void noteOpening() {
        Level before = level;
        noteLevel();
        if (!level.equals(before) && level.log() < manifestNumber) {
            // The engine took a number for its first log, and the next one for this MANIFEST.
            openingLog = manifestNumber - 1;
        }
    }

    private void noteLevel() {
        if (restating) {
            return;
        }
        long log = columnFamilies.get(columnFamilies.firstKey()).logNumber();
        // What came into tables later, or of a column family that was dropped since, is from later logs.
        boolean isLatest = log == latestLog && log > level.log();
        if (isLatest && columnFamilies.values().stream().allMatch(files -> files.logNumber() == log)) {
            level = new Level(log, lastSequence);
        }
    }

    /**
     * The engine begins another log before it puts what it has in memory into a table, unless nothing was written to the
     * one it has ({@code DBImpl::SwitchMemtable} in RocksDB {@code db/db_impl/db_impl_write.cc}). So a table after which its
     * column family needs the same log as before holds what was written to none.
     */
    private static boolean isOfUnlogged(VersionEdit edit, ColumnFamilyFiles files) {
        return !edit.newTables.isEmpty()
                && edit.deletedTables.isEmpty()
                && edit.logNumber.isPresent()
                && edit.logNumber.getAsLong() > 0
                && edit.logNumber.getAsLong() == files.logNumber();
    }

    private void addColumnFamily(VersionEdit edit) throws BadFormatException {
        ColumnFamilyFiles added =
                new ColumnFamilyFiles(edit.columnFamilyName, edit.comparator, edit.logNumber.orElse(0));
        if (columnFamilies.putIfAbsent(edit.columnFamily, added) != null) {
            throw new BadFormatException("column family " + edit.columnFamily + " is added twice");
        }
    }
}
