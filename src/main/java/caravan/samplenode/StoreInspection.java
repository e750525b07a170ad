package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;

import caravan.failure.DamagedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** One pass over every entry of an open sample store, comparing each with what must be there. Used once. */
final class StoreInspection {

    private static final int FINDINGS_SHOWN = 8;

    private final Path directory;
    private final RocksDB database;
    private final List<ColumnFamilyHandle> handles;

    StoreInspection(Path directory, RocksDB database, List<ColumnFamilyHandle> handles) {
        this.directory = directory;
        this.database = database;
        this.handles = handles;
    }

    /** @throws DamagedException if the store holds anything but the state of one height */
    SampleDatabaseState inspect() throws RocksDBException, DamagedException {
        ColumnFamilyHandle records = handles.get(0);
        StoreContents contents = new StoreContents(shape(database.get(records, StoreContents.SHAPE_KEY)));
        requireColumns(contents.shape());

        byte[] headRecord = database.get(records, StoreContents.HEAD_KEY);
        long head = contents.heightOf(headRecord);
        if (head < 0
                || head > StoreContents.HIGHEST
                || !Arrays.equals(headRecord, contents.headRecord(head, contents.sumUpTo(head)))) {
            throw damaged("wrong head record " + hex(headRecord) + ": it is that of no height");
        }
        requireNothingElse(records);
        List<String> findings = new ArrayList<>();
        long keys = 0;
        long valueBytes = 0;
        for (int column = 0; column < contents.shape().columns(); column++) {
            ColumnInspection inspection = new ColumnInspection(contents, column, head);
            try (RocksIterator entries = database.newIterator(handles.get(column + 1))) {
                for (entries.seekToFirst(); entries.isValid(); entries.next()) {
                    byte[] value = entries.value();
                    inspection.entry(entries.key(), value);
                    keys++;
                    valueBytes += value.length;
                }
                entries.status();
            }
            findings.addAll(inspection.findings());
        }
        if (!findings.isEmpty()) {
            throw damaged("its head is " + head + ", but " + firstOf(findings));
        }
        return new SampleDatabaseState(head, keys, valueBytes);
    }

    private StoreShape shape(byte[] bytes) throws DamagedException {
        if (bytes == null) {
            throw damaged("the record of its shape is lost, or it is no sample store");
        }
        try {
            return StoreShape.fromBytes(bytes);
        } catch (IllegalArgumentException e) {
            throw new DamagedException(
                    directory + " is damaged: wrong record of its shape " + hex(bytes), "is it a sample store?", e);
        }
    }

    private void requireColumns(StoreShape shape) throws RocksDBException, DamagedException {
        List<String> names = new ArrayList<>();
        for (ColumnFamilyHandle handle : handles) {
            names.add(new String(handle.getName(), UTF_8));
        }
        if (!names.equals(shape.columnFamilies())) {
            throw damaged("its column families are " + names + " instead of " + shape.columnFamilies());
        }
    }

    private void requireNothingElse(ColumnFamilyHandle records) throws RocksDBException, DamagedException {
        try (RocksIterator entries = database.newIterator(records)) {
            for (entries.seekToFirst(); entries.isValid(); entries.next()) {
                byte[] key = entries.key();
                if (!Arrays.equals(key, StoreContents.HEAD_KEY) && !Arrays.equals(key, StoreContents.SHAPE_KEY)) {
                    throw damaged("default: holds a foreign key " + hex(key));
                }
            }
            entries.status();
        }
    }

    private DamagedException damaged(String what) {
        return new DamagedException(
                directory + " is damaged: " + what, "this copy of the database must not be published or used");
    }

    private static String firstOf(List<String> findings) {
        int shown = Math.min(FINDINGS_SHOWN, findings.size());
        String text = String.join("; ", findings.subList(0, shown));
        return shown == findings.size() ? text : text + "; and " + (findings.size() - shown) + " more";
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "(none)" : HexFormat.of().formatHex(bytes);
    }
}
