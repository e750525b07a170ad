package caravan.snapshot;

/**
 * Where a file is cut into chunks: not at all up to twice the chunk size, else at every multiple of it. So a RocksDB
 * table file, whose target size is the chunk size, is nearly always exactly one object.
 *
 * @param chunkSize bytes, at least 1
 */
public record CutRule(long chunkSize) {

    /** Checks the size. */
    public CutRule {
        if (chunkSize < 1) {
            throw new IllegalArgumentException("a chunk size is at least 1 byte, not " + chunkSize);
        }
    }

    /** How many chunks a file of {@code fileSize} bytes has; 0 for an empty file. */
    public long count(long fileSize) {
        if (fileSize == 0) {
            return 0;
        }
        return isWhole(fileSize) ? 1 : (fileSize - 1) / chunkSize + 1;
    }

    /** First byte of chunk {@code index}, counted from 0. */
    public long offset(long index) {
        return Math.multiplyExact(index, chunkSize);
    }

    /** Bytes of chunk {@code index}, counted from 0, of a file of {@code fileSize} bytes. */
    public long size(long fileSize, long index) {
        return isWhole(fileSize) ? fileSize : Math.min(chunkSize, fileSize - offset(index));
    }

    private boolean isWhole(long fileSize) {
        return fileSize - chunkSize <= chunkSize;
    }
}
