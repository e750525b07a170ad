package caravan.samplenode;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * What a sample store must hold at a given height: nothing else than a function of its shape and that height.
 *
 * <p>Height {@code h} is one atomic batch. In every column family {@code colN} it puts the entry of {@code h}, deletes
 * the entry that left the window, and overwrites {@code tip} with {@code h}. In {@code default} it overwrites
 * {@code head} with {@code h} and a chain of sums over all heights so far. In {@code col0} it overwrites {@code best}
 * and {@code final}, as a Substrate node does. Any other state than that of exactly one height is damage.
 */
final class StoreContents {

    static final byte[] SHAPE_KEY = "shape".getBytes(US_ASCII);
    static final byte[] HEAD_KEY = "head".getBytes(US_ASCII);
    static final String TIP = "tip";

    /** Block numbers have 32 bits. */
    static final long HIGHEST = Integer.MAX_VALUE;

    static final int KEY_BYTES = 24;

    /** Of this many equal parts of a value … */
    static final int VALUE_PARTS = 5;

    /** … this many do not compress; the rest are zeros. */
    static final int INCOMPRESSIBLE_PARTS = 4;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int HEAD_RECORD_BYTES = 2 * Long.BYTES;

    private final StoreShape shape;
    private final SampleChain chain;
    private final long seed;

    StoreContents(StoreShape shape) {
        this.shape = requireNonNull(shape, "shape");
        this.chain = new SampleChain(shape.name());
        this.seed = mix(shape.name().hashCode());
    }

    StoreShape shape() {
        return shape;
    }

    /** The lowest height whose entries are still there when the head is {@code head}; heights start at 1. */
    long oldestKept(long head) {
        return Math.max(1, head - shape.window() + 1);
    }

    /** Key of the entry that {@code height} puts into {@code column}. */
    byte[] key(int column, long height) {
        byte[] key = new byte[KEY_BYTES];
        long scatter = mix(seed + column * GOLDEN_RATIO + height);
        int heightAt = heightOffset(column);
        int scatterAt = heightAt == 0 ? Long.BYTES : 0;
        LONGS.set(key, heightAt, height);
        LONGS.set(key, scatterAt, scatter);
        LONGS.set(key, scatterAt + Long.BYTES, mix(scatter));
        return key;
    }

    /** The height that put {@code key} if it is one of {@code column}'s keys; any number if it is not. */
    long heightIn(int column, byte[] key) {
        return (long) LONGS.get(key, heightOffset(column));
    }

    /** State and transactions are found by hash, so their keys scatter; other columns are ordered by height. */
    private static int heightOffset(int column) {
        return column == 1 || column == 11 ? KEY_BYTES - Long.BYTES : 0;
    }

    /** Value of the entry that {@code height} puts into {@code column}: half to one and a half of the mean size. */
    byte[] value(int column, long height) {
        int mean = shape.meanValueBytes().get(column);
        long state = mix(seed ^ (column + 1L) * GOLDEN_RATIO) + height * 0xD1342543DE82EF95L;
        int length = mean / 2 + (int) Long.remainderUnsigned(mix(state), mean + 1L);
        byte[] value = new byte[length];
        int incompressible = length / VALUE_PARTS * INCOMPRESSIBLE_PARTS;
        int at = 0;
        for (; at + Long.BYTES <= incompressible; at += Long.BYTES) {
            state += GOLDEN_RATIO;
            LONGS.set(value, at, mix(state));
        }
        for (; at < incompressible; at++) {
            value[at] = (byte) mix(state + at);
        }
        return value;
    }

    /** Value of {@code head} in {@code default}. */
    byte[] headRecord(long head, long sum) {
        return ByteBuffer.allocate(HEAD_RECORD_BYTES).putLong(head).putLong(sum).array();
    }

    /** The height in a value of {@code head} or {@code tip}; -1 if there is no value or it is too short. */
    long heightOf(byte[] record) {
        return record == null || record.length < Long.BYTES ? -1 : (long) LONGS.get(record, 0);
    }

    /** The sum in a value of {@code head}. */
    long sumOf(byte[] headRecord) {
        return headRecord.length == HEAD_RECORD_BYTES ? (long) LONGS.get(headRecord, Long.BYTES) : 0;
    }

    /** The sum after {@code height}, given the sum after the height below. */
    long sumAfter(long sumBelow, long height) {
        return mix(sumBelow ^ mix(seed + height));
    }

    /** The sum over all heights from 1 to {@code head}; takes a nanosecond or so per height. */
    long sumUpTo(long head) {
        long sum = 0;
        for (long height = 1; height <= head; height++) {
            sum = sumAfter(sum, height);
        }
        return sum;
    }

    /** Keys and values of the records that {@code column} keeps beside its entries; a fresh map, the caller's. */
    Map<String, byte[]> records(int column, long head) {
        Map<String, byte[]> records = new HashMap<>();
        records.put(TIP, tip(head));
        if (column == 0) {
            records.put("best", lookupKey(head));
            records.put("final", lookupKey(chain.finalizedAt(head)));
            records.put("gen", chain.hash(0));
        }
        return records;
    }

    byte[] tip(long head) {
        byte[] bytes = new byte[Long.BYTES];
        LONGS.set(bytes, 0, head);
        return bytes;
    }

    private byte[] lookupKey(long height) {
        byte[] hash = chain.hash(height);
        return ByteBuffer.allocate(Integer.BYTES + hash.length)
                .putInt((int) height)
                .put(hash)
                .array();
    }

    /** The finalizer of SplitMix64: a bijection of 64 bits that looks random. */
    private static long mix(long number) {
        long z = number;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
