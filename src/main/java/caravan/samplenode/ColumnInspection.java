package caravan.samplenode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares the entries of one column family with what must be there at one height. Used once, by one thread. */
final class ColumnInspection {

    private final StoreContents contents;
    private final int column;
    private final long head;
    private final long oldest;
    private final Map<String, byte[]> recordsMissing;
    private final Set<String> recordsOfOtherHeights = new TreeSet<>();
    private final BitSet seen = new BitSet();
    private final Heights torn = new Heights();
    private final Heights resurrected = new Heights();
    private final Heights changed = new Heights();
    private final List<String> findings = new ArrayList<>();

    ColumnInspection(StoreContents contents, int column, long head) {
        this.contents = contents;
        this.column = column;
        this.head = head;
        this.oldest = contents.oldestKept(head);
        this.recordsMissing = contents.records(column, head);
    }

    /** Takes the next entry of the column family, in any order. */
    void entry(byte[] key, byte[] value) {
        if (key.length != StoreContents.KEY_BYTES) {
            record(key, value);
            return;
        }
        long height = contents.heightIn(column, key);
        if (height < 1 || !Arrays.equals(key, contents.key(column, height))) {
            finding("holds a foreign key " + HexFormat.of().formatHex(key));
        } else if (height > head) {
            torn.add(height);
        } else if (height < oldest) {
            resurrected.add(height);
        } else {
            seen.set((int) (height - oldest));
            if (!Arrays.equals(value, contents.value(column, height))) {
                changed.add(height);
            }
        }
    }

    private void record(byte[] key, byte[] value) {
        String name = new String(key, UTF_8);
        byte[] expected = recordsMissing.remove(name);
        if (expected == null) {
            finding("holds a foreign key " + HexFormat.of().formatHex(key));
        } else if (!Arrays.equals(value, expected)) {
            recordsOfOtherHeights.add(name);
        }
    }

    /** What is wrong, in words; empty if nothing is. To be asked after the last entry. */
    List<String> findings() {
        if (!recordsMissing.isEmpty()) {
            finding("lost its records " + recordsMissing.keySet());
        }
        if (!recordsOfOtherHeights.isEmpty()) {
            finding("torn: its records " + recordsOfOtherHeights + " are not those of the head");
        }
        Heights lost = new Heights();
        int expected = (int) (head - oldest + 1);
        for (int at = seen.nextClearBit(0); at < expected; at = seen.nextClearBit(at + 1)) {
            lost.add(oldest + at);
        }
        lost.describe("lost").ifPresent(this::finding);
        torn.describe("torn, above the head it holds").ifPresent(this::finding);
        resurrected.describe("resurrected").ifPresent(this::finding);
        changed.describe("another value in").ifPresent(this::finding);
        return List.copyOf(findings);
    }

    private void finding(String what) {
        findings.add("col" + column + ": " + what);
    }
}
